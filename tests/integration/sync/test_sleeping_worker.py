"""A worker that was asleep for longer than its lease: another took over, and nobody knew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine

from app import clock
from app.forces.queries import force_named
from app.outbox.actions import LEASE
from app.sync.adapters.memory import MemoryCaseSystem
from app.sync.delivery import deliver_one_stream
from app.sync.port import Answer, Entry
from tests.integration.messages.steps import entries_of
from tests.portal import Joined, Portal

BEFORE_THE_CALL, AFTER_ITS_EFFECT = "before the call", "after its effect"


class AsleepInItsCall(MemoryCaseSystem):
    """The case system as a worker meets it that falls asleep in its first call."""

    def __init__(self, real: MemoryCaseSystem, when: str, meanwhile: Callable[[], None]) -> None:
        super().__init__()
        self._real, self._when = real, when
        self._meanwhile: Callable[[], None] | None = meanwhile

    def record(self, reference: str, entry: Entry, ends_by: float | None = None) -> Answer:
        meanwhile, self._meanwhile = self._meanwhile, None
        if meanwhile and self._when == BEFORE_THE_CALL:
            meanwhile()
        answer = self._real.record(reference, entry, ends_by)
        if meanwhile and self._when == AFTER_ITS_EFFECT:
            meanwhile()
        return answer


def deliver_asleep(portal: Portal, when: str, meanwhile: Callable[[], None]) -> None:
    with portal.database.reading() as session:
        force = force_named(session, "northshire")
        assert force is not None
        force_id = force.id
    system = AsleepInItsCall(portal.system(), when, meanwhile)
    while deliver_one_stream(portal.database, {force_id: system}):
        pass


def assert_that_each_stands_once(portal: Portal, victim: Joined, *texts: str) -> None:
    held = portal.system().held(victim.case["reference"])
    assert [entry.text for entry in held] == list(texts)
    assert [state for _, state, _ in portal.messages(victim.case_id)] == ["recorded"] * len(texts)
    assert [len(each.receipts) for each in entries_of(portal, victim.case_id)] == [1] * len(texts)


@pytest.mark.parametrize("when", [BEFORE_THE_CALL, AFTER_ITS_EFFECT])
def test_what_another_worker_sent_meanwhile_stands_once_and_in_order(
    northshire: Portal, when: str
) -> None:
    victim = northshire.join()
    victim.writes("The first.")

    with time_machine.travel(clock.now(), tick=False) as time:

        def another_takes_over() -> None:
            victim.writes("The second.")
            time.shift(LEASE + timedelta(seconds=1))
            northshire.work()

        deliver_asleep(northshire, when, another_takes_over)

    assert_that_each_stands_once(northshire, victim, "The first.", "The second.")


@pytest.mark.parametrize("when", [BEFORE_THE_CALL, AFTER_ITS_EFFECT])
def test_what_nobody_sent_meanwhile_is_sent_by_whoever_claims_it_next(
    northshire: Portal, when: str
) -> None:
    victim = northshire.join()
    victim.writes("The only one.")

    with time_machine.travel(clock.now(), tick=False) as time:
        deliver_asleep(northshire, when, lambda: time.shift(LEASE + timedelta(seconds=1)))

    assert_that_each_stands_once(northshire, victim, "The only one.")
