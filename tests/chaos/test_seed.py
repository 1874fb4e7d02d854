"""A short run of everything that `make chaos` does at length."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.plan import Kind, Plan
from tests.chaos.run import run
from tests.chaos.troubles import Trouble

SEED = 20_26
SECONDS = 15.0
CHANCES = {**dict.fromkeys(Trouble, 0.03), Trouble.CUT_AFTER: 0.15}
"""So few messages would often meet none of a rare fault: the one that makes doubles is not rare."""


def plan_for(database: str, profile: str) -> Plan:
    """Two kills of each program, one of everything else, and a case system that often fails."""
    faults = dict.fromkeys(Kind, 1)
    faults[Kind.KILL_WEB] = faults[Kind.KILL_WORKER] = 2
    del faults[Kind.FULL_DISK if database == "postgresql" else Kind.KILL_DATABASE]
    return Plan(
        database=database,
        seed=SEED,
        messages=80,
        conversations=8,
        seconds=SECONDS,
        faults=faults,
        profile=profile,
        chances=CHANCES,
        lease_seconds=4.0,
        call_seconds=3.0,
        settle_seconds=2,
    )


@pytest.mark.timeout(300)
@pytest.mark.parametrize("database, profile", [("sqlite", "connect"), ("postgresql", "niche")])
def test_whatever_breaks_nothing_is_lost_doubled_or_out_of_order(
    database: str, profile: str, tmp_path: Path
) -> None:
    plan = plan_for(database, profile)

    result = run(plan, tmp_path, drains_within=120.0)

    assert result.wrong == {}
    assert result.findings.acknowledged == plan.messages
    assert result.findings.in_case_system == plan.messages
    # The trouble came, and it was felt.
    assert result.faults == {kind.value: count for kind, count in plan.faults.items()}
    assert result.repeats_recognised > 0
    if profile == "niche":
        assert result.noticed["entries sent once more"] > 0
    else:
        assert result.noticed["unknown fates looked up, found"] > 0
        assert result.noticed["unknown fates looked up, not there"] > 0
    if database == "sqlite":
        assert result.noticed["writes refused by a full disk"] > 0
