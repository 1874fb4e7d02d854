"""The long run: `python -m tests.chaos --database postgresql --messages 500 --kills 10`."""

from __future__ import annotations

import argparse
import secrets
import sys
import tempfile
from pathlib import Path

from tests.chaos.plan import Kind, Plan
from tests.chaos.run import Result, run, write_json
from tests.databases import KINDS, ROOT

_SAY = sys.stdout.write


def main() -> int:
    """0: every promise was kept."""
    options = _options()
    results = []
    for database in KINDS if options.database == "both" else (options.database,):
        plan = _plan(database, options)
        _SAY(f"{database}, seed {plan.seed}: {plan.seconds:.0f} s of writing and trouble ...\n")
        sys.stdout.flush()
        folder = Path(tempfile.mkdtemp(prefix=f"chaos-{database}-"))
        results.append(run(plan, folder))
        _SAY(f"{_table(results[-1])}\nLogs and ledger: {folder}\n\n")
    write_json(results, ROOT / "var" / "chaos.json")
    return 1 if any(result.wrong for result in results) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--database", choices=(*KINDS, "both"), default="both")
    parser.add_argument("--messages", type=int, default=500)
    parser.add_argument("--conversations", type=int, default=20)
    parser.add_argument("--kills", type=int, default=10, help="of the web server, and of a worker")
    parser.add_argument("--pauses", type=int, default=3, help="of a worker, beyond its lease")
    parser.add_argument("--others", type=int, default=2, help="of each other kind of trouble")
    parser.add_argument("--lease", type=float, default=60.0, help="seconds")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seconds", type=float, help="how long people write")
    parser.add_argument("--seed", type=int)
    return parser.parse_args()


def _plan(database: str, options: argparse.Namespace) -> Plan:
    faults = dict.fromkeys(Kind, options.others)
    faults[Kind.KILL_WEB] = faults[Kind.KILL_WORKER] = options.kills
    faults[Kind.PAUSE_WORKER] = options.pauses
    del faults[Kind.FULL_DISK if database == "postgresql" else Kind.KILL_DATABASE]
    enough = max(60.0, 8.0 * options.kills, (options.lease + 15.0) * options.pauses)
    return Plan(
        database=database,
        seed=secrets.randbelow(1_000_000) if options.seed is None else options.seed,
        messages=options.messages,
        conversations=options.conversations,
        seconds=options.seconds or enough,
        faults=faults,
        workers=options.workers,
        lease_seconds=options.lease,
    )


def _table(result: Result) -> str:
    drained = result.seconds_until_drained
    rows: list[tuple[str, object]] = [
        *((name.replace("_", " "), count) for name, count in _counts(result).items()),
        *sorted(result.faults.items()),
        *result.noticed.items(),
        ("answers that were not, then repeated", sum(result.refusals.values())),
        ("repeats of what was stored already", result.repeats_recognised),
        ("processes that ended by themselves", result.ended_by_themselves),
        ("seconds of writing", result.seconds_writing),
        ("seconds until drained", "never" if drained is None else drained),
        ("wrong", result.wrong or "nothing"),
    ]
    return "\n".join(f"  {name:<40}{value}" for name, value in rows)


def _counts(result: Result) -> dict[str, int]:
    findings = result.findings
    return {name: getattr(findings, name) for name in findings.__slots__}


if __name__ == "__main__":
    sys.exit(main())
