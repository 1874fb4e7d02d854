"""`worker run --once` after another worker was killed: what that one had is done too."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from app import clock, worker
from app.forces.models import Feed
from app.outbox.models import Stream
from app.worker import run_once
from tests.factories.facts import case_json
from tests.integration.sync.steps import states
from tests.portal import Joined, Portal

A_MOMENT = timedelta(seconds=1.5)


@pytest.fixture
def left_behind(northshire: Portal) -> Joined:
    """A victim whose message a killed worker had, as it had the feed; the leases soon run out."""
    victim = northshire.join()
    victim.writes("Hello")
    with northshire.database.writing() as session:
        for row in (session.scalars(select(Stream)).one(), session.scalars(select(Feed)).one()):
            row.lease_token, row.leased_until = uuid4(), clock.now() + A_MOMENT
    return victim


def test_what_a_killed_worker_had_is_done_once_its_leases_have_run_out(
    northshire: Portal, left_behind: Joined
) -> None:
    case = case_json()
    northshire.system().put_case(case["reference"], case)
    run_once(northshire.work_, outwaits_leases=True)
    assert states(northshire, left_behind) == ["recorded"]
    assert northshire.case(northshire.case_id(case["reference"])).reason is None


def test_it_waits_for_a_living_worker_no_longer_than_a_lease(
    northshire: Portal, left_behind: Joined, monkeypatch: pytest.MonkeyPatch
) -> None:
    with northshire.database.writing() as session:
        session.scalars(select(Stream)).one().leased_until = clock.now() + timedelta(hours=1)
    monkeypatch.setattr(worker, "_LONGEST_LEASE", 1.0)
    run_once(northshire.work_, outwaits_leases=True)
    assert states(northshire, left_behind) == ["saved"]


def test_it_waits_for_nobody_where_nothing_is_leased(northshire: Portal) -> None:
    assert not northshire.work_.outwait_leases()
