"""A case that gets another reference while nobody knows what came of a call: still once."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from app import clock
from app.sync.reconcile import differences
from tests.integration.messages.steps import conversation_of
from tests.integration.sync.steps import states
from tests.portal import Joined, Portal

NEW = "NS/777777/26"
NEWEST = "NS/777778/26"


@pytest.fixture(params=["niche", "connect"])
def force(portal: Portal, request: pytest.FixtureRequest) -> Portal:
    portal.add_force(case_system={"profile": request.param})
    return portal


@pytest.fixture
def victim(force: Portal) -> Joined:
    return force.join()


def moves(portal: Portal, victim: Joined, new: str, *, old: str | None = None) -> None:
    previous = old or victim.case["reference"]
    portal.tell({**victim.case, "reference": new, "previousReference": previous})


def for_two_hours(portal: Portal) -> None:
    for minutes in range(1, 120, 5):
        with time_machine.travel(clock.now() + timedelta(minutes=minutes), tick=False):
            portal.work()


def texts(portal: Portal, *references: str) -> list[str]:
    return [entry.text for each in references for entry in portal.system().held(each)]


def differences_of(portal: Portal, victim: Joined) -> list[str]:
    force_id = conversation_of(portal, victim.case_id).force_id
    return [each.what.value for each in differences(portal.database, force_id, portal.system())]


@pytest.mark.parametrize("fault", ["cut-before", "cut-after", "hang", "late"])
@pytest.mark.parametrize("is_renamed", [False, True])
def test_a_lost_call_is_settled_where_it_was_made(
    force: Portal, victim: Joined, fault: str, *, is_renamed: bool
) -> None:
    old, system = victim.case["reference"], force.system()
    victim.writes("First")
    force.work()
    system.fail(fault)
    victim.writes("Second")
    victim.writes("Third")
    force.work()

    if is_renamed:
        system.rename(old, NEW)
    moves(force, victim, NEW)
    for_two_hours(force)

    assert texts(force, old, NEW) == ["First", "Second", "Third"]
    assert states(force, victim) == ["recorded"] * 3
    assert differences_of(force, victim) == []


@pytest.mark.parametrize("fault", ["429", "404", "unreachable"])
def test_a_harmless_failure_after_a_lost_call_makes_its_fate_no_clearer(
    force: Portal, victim: Joined, fault: str
) -> None:
    old, system = victim.case["reference"], force.system()
    system.fail("cut-after")
    victim.writes("First")
    force.work()
    if fault == "unreachable":
        system.is_reachable = False
    else:
        system.fail(fault)
    with time_machine.travel(clock.now() + timedelta(seconds=10), tick=False):
        force.work_.deliver()
    # To connect nothing was sent: it has to wait before it looks the lost call up.
    system.is_reachable = True
    system.heal()

    moves(force, victim, NEW)
    victim.writes("Second")
    for_two_hours(force)

    assert texts(force, old, NEW) == ["First", "Second"]
    assert states(force, victim) == ["recorded"] * 2
    assert differences_of(force, victim) == []


def test_a_case_that_moves_twice_is_settled_under_its_first_reference(
    force: Portal, victim: Joined
) -> None:
    old = victim.case["reference"]
    force.system().fail("cut-after")
    victim.writes("First")
    force.work()

    moves(force, victim, NEW)
    moves(force, victim, NEWEST, old=NEW)
    victim.writes("Second")
    for_two_hours(force)

    assert texts(force, old) == ["First"]
    assert texts(force, NEW) == []
    assert texts(force, NEWEST) == ["Second"]
    assert differences_of(force, victim) == []


def test_an_entry_that_stands_under_both_references_is_a_difference(
    force: Portal, victim: Joined
) -> None:
    victim.writes("First")
    force.work()
    old, system = victim.case["reference"], force.system()
    moves(force, victim, NEW)
    [entry] = system.held(old)

    system.record(NEW, entry)

    assert differences_of(force, victim) == ["doubled"]
