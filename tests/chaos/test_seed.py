"""A short run of everything that `make chaos` does at length."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.plan import Kind, Plan
from tests.chaos.run import run

SEED = 20_26
SHORT_LEASE = 4.0
SECONDS = 18.0


def plan_for(database: str) -> Plan:
    """Two kills of each program, one of everything else."""
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
        lease_seconds=SHORT_LEASE,
    )


@pytest.mark.timeout(300)
def test_whatever_breaks_nothing_is_lost_doubled_or_out_of_order(
    database_kind: str, tmp_path: Path
) -> None:
    plan = plan_for(database_kind)

    result = run(plan, tmp_path, drains_within=120.0)

    assert result.wrong == {}
    assert result.findings.acknowledged == plan.messages
    assert result.findings.in_case_system == plan.messages
    # The trouble came, and it was felt.
    assert result.faults == {kind.value: count for kind, count in plan.faults.items()}
    assert result.repeats_recognised > 0
    assert result.noticed["entries sent once more"] > 0
    if database_kind == "sqlite":
        assert result.noticed["writes refused by a full disk"] > 0
