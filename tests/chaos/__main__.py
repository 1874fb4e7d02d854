"""The long runs: `python -m tests.chaos --database postgresql --profile connect --seed 7`;
`--outage MESSAGES` and `--holds TIMES` are runs of their own."""

from __future__ import annotations

import argparse
import secrets
import shutil
import sys
import tempfile
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

from tests.chaos import holds, outage
from tests.chaos.outage_stage import Plan as OutagePlan
from tests.chaos.plan import Kind, Plan
from tests.chaos.run import Result, run, write_json
from tests.chaos.troubles import Trouble
from tests.databases import KINDS, ROOT

PROFILES = ("niche", "connect")
_SAY = sys.stdout.write


def main() -> int:
    """0: every promise was kept."""
    options = _options()
    if options.outage:
        return _each(options, "outage", _outage)
    if options.holds:
        return _each(options, "holds", _holds)
    return _each(options, "chaos", _chaos)


def _each(options: argparse.Namespace, name: str, do: Any) -> int:
    """Every pair of profile and database that is wanted, one after the other."""
    results = []
    profiles = PROFILES if options.profile == "both" else (options.profile,)
    databases = KINDS if options.database == "both" else (options.database,)
    for profile, database in product(profiles, databases):
        seed = secrets.randbelow(1_000_000) if options.seed is None else options.seed
        _SAY(f"{name}: {profile}, {database}, seed {seed} ...\n")
        sys.stdout.flush()
        folder = Path(tempfile.mkdtemp(prefix=f"{name}-{profile}-{database}-"))
        results.append(do(options, profile, database, seed, folder))
        _SAY(f"{_table(results[-1].rows)}\nLogs: {folder}\n\n")
        sys.stdout.flush()
        if not results[-1].wrong and not options.keep:
            shutil.rmtree(folder, ignore_errors=True)
        write_json(results, ROOT / "var" / f"{name}.json")
    return 1 if any(result.wrong for result in results) else 0


def _chaos(
    options: argparse.Namespace, profile: str, database: str, seed: int, folder: Path
) -> Result:
    plan = _plan(profile, database, seed, options)
    _SAY(f"{plan.seconds:.0f} s of writing and trouble\n")
    sys.stdout.flush()
    return run(plan, folder)


def _outage(
    options: argparse.Namespace, profile: str, database: str, seed: int, folder: Path
) -> outage.Result:
    plan = OutagePlan(profile, database, seed, messages=options.outage, workers=options.workers)
    return outage.run(plan, folder)


def _holds(
    options: argparse.Namespace, profile: str, database: str, seed: int, folder: Path
) -> holds.Result:
    return holds.run_on_new_database(profile, database, seed, options.holds, folder)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    add = parser.add_argument
    add("--profile", choices=(*PROFILES, "both"), default="both")
    add("--database", choices=(*KINDS, "both"), default="both")
    add("--messages", type=int, default=5_000)
    add("--conversations", type=int, default=200)
    add("--chance", type=float, default=0.05, help="of each fault, for each call (0 to 1)")
    add(
        "--chance-of",
        action="append",
        default=[],
        metavar="FAULT=CHANCE",
        help=f"of one alone; faults are {', '.join(Trouble)}",
    )
    add("--kills", type=int, default=15, help="of the web server, and of a worker")
    add("--pauses", type=int, default=5, help="of a worker, beyond its lease and settle")
    add("--others", type=int, default=2, help="of each other kind of trouble")
    add("--lease", type=float, default=12.0, help="seconds")
    add("--call", type=float, default=4.0, help="seconds until a worker gives a call up")
    add("--settle", type=int, default=4, help="seconds in which a lost call may take effect")
    add("--workers", type=int, default=2)
    add("--seconds", type=float, help="how long people write")
    add("--seed", type=int)
    add("--keep", action="store_true", help="keep logs and ledger although nothing was wrong")
    add("--outage", type=int, metavar="MESSAGES", help="a case system down for so many messages")
    add("--holds", type=int, metavar="TIMES", help="holds in the midst of everything else")
    found: argparse.Namespace = parser.parse_args()
    return found


def _plan(profile: str, database: str, seed: int, options: argparse.Namespace) -> Plan:
    faults = dict.fromkeys(Kind, options.others)
    faults[Kind.KILL_WEB] = faults[Kind.KILL_WORKER] = options.kills
    faults[Kind.PAUSE_WORKER] = options.pauses
    del faults[Kind.FULL_DISK if database == "postgresql" else Kind.KILL_DATABASE]
    one_pause = options.lease + options.settle + 10.0
    enough = max(60.0, 8.0 * options.kills, one_pause * options.pauses, options.messages / 16)
    return Plan(
        database=database,
        seed=seed,
        messages=options.messages,
        conversations=options.conversations,
        seconds=options.seconds or enough,
        faults=faults,
        profile=profile,
        chances=_chances(options.chance, options.chance_of),
        workers=options.workers,
        lease_seconds=options.lease,
        call_seconds=options.call,
        settle_seconds=options.settle,
    )


def _chances(of_each: float, of_one: Sequence[str]) -> dict[Trouble, float]:
    chances = dict.fromkeys(Trouble, of_each)
    for each in of_one:
        name, _, chance = each.partition("=")
        chances[Trouble(name)] = float(chance)
    return chances


def _table(rows: Sequence[tuple[str, object]]) -> str:
    return "\n".join(f"  {name:<48}{value}" for name, value in rows)


if __name__ == "__main__":
    sys.exit(main())
