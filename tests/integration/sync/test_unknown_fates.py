"""Nothing stands twice on a record that cannot recognise a repeat, and nothing is missing."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from app import clock
from app.outbox import actions as outbox
from app.sync.delivery import deliver_one_stream
from app.sync.port import Answer, Entry, NoAnswer, Silence
from app.sync.rules import STARTS_WITHIN
from tests.integration.messages.steps import conversation_of, entries_of
from tests.integration.sync.steps import on_record, states
from tests.portal import Joined, Portal

SETTLE = 30
CONNECT = {"profile": "connect", "settle_seconds": SETTLE}


class Crash(BaseException):
    """The worker's process ends here."""


@pytest.fixture
def force(portal: Portal) -> Portal:
    portal.add_force(case_system=CONNECT)
    return portal


@pytest.fixture
def victim(force: Portal) -> Joined:
    return force.join()


def later(portal: Portal, **delta: float) -> None:
    with time_machine.travel(clock.now() + timedelta(**delta), tick=False):
        portal.work()


@pytest.mark.parametrize("fault", ["cut-before", "cut-after", "hang", "nonsense", "502", "504"])
def test_a_lost_answer_is_looked_up_once_the_call_can_no_longer_take_effect(
    force: Portal, victim: Joined, fault: str
) -> None:
    force.system().fail(fault)
    victim.writes("First")
    victim.writes("Second")
    force.work()
    before = len(on_record(force, victim))
    later(force, seconds=SETTLE - 2)
    assert len(on_record(force, victim)) == before
    assert states(force, victim) == ["saved", "saved"]
    later(force, seconds=SETTLE + 2)
    assert on_record(force, victim) == ["First", "Second"]
    assert states(force, victim) == ["recorded", "recorded"]


def test_an_effect_that_comes_late_is_found(force: Portal, victim: Joined) -> None:
    force.system().fail("late")
    victim.writes("First")
    force.work()
    assert on_record(force, victim) == []
    later(force, seconds=SETTLE + 1)
    assert on_record(force, victim) == ["First"]
    assert states(force, victim) == ["recorded"]


@pytest.mark.parametrize("fault", ["500", "503"])
def test_a_failure_that_was_told_is_looked_up_at_the_usual_time(
    force: Portal, victim: Joined, fault: str
) -> None:
    force.system().fail(fault)
    victim.writes("First")
    force.work()
    later(force, seconds=6)
    assert on_record(force, victim) == ["First"]


@pytest.mark.parametrize("takes_effect", [False, True])
def test_a_call_that_nobody_came_back_from_is_settled_by_another_worker(
    force: Portal, victim: Joined, monkeypatch: pytest.MonkeyPatch, *, takes_effect: bool
) -> None:
    system = force.system()
    record = system.record

    def record_and_crash(reference: str, entry: Entry, ends_by: float | None = None) -> Answer:
        if takes_effect:
            record(reference, entry, ends_by)
        raise Crash

    victim.writes("First")
    with monkeypatch.context() as patched:
        patched.setattr(system, "record", record_and_crash)
        with pytest.raises(Crash):
            deliver_one_stream(force.database, force.work_.systems)

    [entry] = entries_of(force, victim.case_id)
    assert entry.alive_until is not None
    with time_machine.travel(entry.alive_until - timedelta(seconds=1), tick=False):
        force.work()
        assert len(on_record(force, victim)) == takes_effect
    later(force, seconds=outbox.LEASE.total_seconds() + SETTLE)
    assert on_record(force, victim) == ["First"]
    assert states(force, victim) == ["recorded"]


def test_other_words_under_our_id_go_to_a_person(force: Portal, victim: Joined) -> None:
    system = force.system()
    record = system.record

    def record_something_else(reference: str, entry: Entry, ends_by: float | None = None) -> Answer:
        del system.record
        altered = Entry.from_json({**entry.to_json(), "text": "Altered"})
        record(reference, altered, ends_by)
        return NoAnswer(Silence.CUT)

    system.record = record_something_else  # type: ignore[method-assign]
    victim.writes("First")
    force.work()
    later(force, seconds=SETTLE + 2)
    assert states(force, victim) == ["attention"]
    assert on_record(force, victim) == ["Altered"]
    [entry] = entries_of(force, victim.case_id)
    assert entry.problem == "held-with-other-content"


def test_a_look_up_that_fails_says_nothing_about_the_entry(force: Portal, victim: Joined) -> None:
    force.system().fail("cut-after")
    victim.writes("First")
    force.work()
    for fault in ("422", "404", "503", "nonsense"):
        force.system().fail(fault)
    for minutes in range(1, 25, 5):
        later(force, minutes=minutes)
    assert on_record(force, victim) == ["First"]
    assert states(force, victim) == ["recorded"]


def test_each_part_of_a_long_text_is_settled_by_its_own_id(northshire: Portal) -> None:
    # Only a short limit makes parts here: no message is longer than what connect takes.
    northshire.system().is_idempotent = False
    northshire.system().settle_seconds = SETTLE
    victim = northshire.join()
    text = " ".join(f"word{number}" for number in range(600))
    record, calls = northshire.system().record, iter(range(100))

    def lose_the_second_answer(
        reference: str, entry: Entry, ends_by: float | None = None
    ) -> Answer:
        answer = record(reference, entry, ends_by)
        return NoAnswer(Silence.CUT) if next(calls) == 1 else answer

    northshire.system().record = lose_the_second_answer  # type: ignore[method-assign]
    victim.writes(text)
    northshire.work()
    later(northshire, seconds=SETTLE + 2)
    assert "".join(on_record(northshire, victim)) == text
    assert len(on_record(northshire, victim)) == 2
    assert states(northshire, victim) == ["recorded"]


def test_a_machine_that_slept_gives_the_call_up(
    force: Portal, victim: Joined, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim.writes("First")
    moments = iter([0.0])
    with monkeypatch.context() as patched:
        # Written down at 0; every later look at the clock that runs on in sleep is long after.
        patched.setattr(clock, "boot_seconds", lambda: next(moments, STARTS_WITHIN + 1))
        assert deliver_one_stream(force.database, force.work_.systems)
    assert on_record(force, victim) == []
    [entry] = entries_of(force, victim.case_id)
    assert entry.problem == Silence.NOT_SENT
    assert entry.alive_until is None
    later(force, seconds=6)
    assert on_record(force, victim) == ["First"]


def test_a_machine_that_slept_just_before_the_call_gives_it_up_too(
    force: Portal, victim: Joined, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim.writes("First")
    # Written down, and looked at once more; then it slept.
    moments = iter([0.0, 0.0])
    with monkeypatch.context() as patched:
        patched.setattr(clock, "boot_seconds", lambda: next(moments, 60.0))
        assert deliver_one_stream(force.database, force.work_.systems)
    assert on_record(force, victim) == []
    later(force, seconds=6)
    assert on_record(force, victim) == ["First"]


def test_an_unknown_fate_outlasts_a_persons_retry(force: Portal, victim: Joined) -> None:
    force.system().fail("cut-after")
    victim.writes("First")
    force.work()
    force.system().fail("503", times=1000)
    for days in (1, 2, 4):
        later(force, days=days)
    assert states(force, victim) == ["attention"]
    [entry] = entries_of(force, victim.case_id)
    assert entry.problem == "fate-unknown"
    force.system().heal()
    with time_machine.travel(clock.now() + timedelta(days=5), tick=False):
        result = force.app.test_cli_runner().invoke(args=["sync", "retry"])
        assert (result.exit_code, result.output) == (0, "put back: 1\n")
        force.work()
    assert on_record(force, victim) == ["First"]
    assert states(force, victim) == ["recorded"]


def test_nobody_holds_a_lease_after_any_of_this(force: Portal, victim: Joined) -> None:
    force.system().fail("cut-after")
    victim.writes("First")
    force.work()
    stream_id = conversation_of(force, victim.case_id).id
    with force.database.writing() as session:
        stream = outbox.locked_stream(session, stream_id)
        assert (stream.lease_token, stream.leased_until) == (None, None)
        assert stream.due_at is not None
