"""What an answer of the case system means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sync.port import (
    CALL_SECONDS,
    Answer,
    CaseSystemFailed,
    NoAnswer,
    Recorded,
    Refused,
    Silence,
)
from app.sync.rules import (
    LONGEST_WAIT,
    Again,
    AttentionReason,
    Decision,
    Done,
    ForceWaits,
    NeedsPerson,
    asked_to_wait_until,
    decide,
    decide_look_up,
    decide_unready,
    wait_seconds,
)
from tests.factories.entries import an_entry

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
CHANCES = st.floats(0, 1, exclude_max=True)
AGES = st.timedeltas(timedelta(0), timedelta(days=30))
TRYING_HELPS = st.one_of(
    st.sampled_from(Silence).map(NoAnswer),
    st.builds(
        Refused,
        status=st.one_of(st.sampled_from([302, 408, 429]), st.integers(500, 599)),
        retry_after=st.none() | st.floats(0, 3600),
    ),
)
ANSWERS = st.one_of(
    TRYING_HELPS,
    st.builds(Refused, status=st.integers(300, 599), retry_after=st.none() | st.floats(0, 3600)),
    st.just(Recorded("N-1", NOW)),
)


def decided(
    answer: Answer,
    age: timedelta = timedelta(minutes=5),
    attempts: int = 3,
    chance: float = 0.5,
) -> Decision:
    return decide(answer, first_tried_at=NOW - age, attempts=attempts, now=NOW, chance=chance)


@given(age=AGES, attempts=st.integers(1, 10_000))
def test_receipt_is_the_end_however_late(age: timedelta, attempts: int) -> None:
    receipt = Recorded("N-1", NOW)
    assert decided(receipt, age, attempts) == Done(receipt)


@given(status=st.sampled_from([401, 403]), age=AGES)
def test_being_locked_out_is_never_the_entrys_fault(status: int, age: timedelta) -> None:
    assert decided(Refused(status), age) == ForceWaits()


@pytest.mark.parametrize(
    "status, reason",
    [
        (409, AttentionReason.HELD_WITH_OTHER_CONTENT),
        (413, AttentionReason.TOO_LONG),
        (422, AttentionReason.NOT_ACCEPTED),
        (400, AttentionReason.NOT_ACCEPTED),
        (405, AttentionReason.NOT_ACCEPTED),
        (410, AttentionReason.NOT_ACCEPTED),
        (451, AttentionReason.NOT_ACCEPTED),
    ],
)
def test_refusal_of_the_entry_goes_to_a_person_at_once(
    status: int, reason: AttentionReason
) -> None:
    assert decided(Refused(status), timedelta(0), attempts=1) == NeedsPerson(reason)


def test_unknown_case_is_tried_for_a_day() -> None:
    day = timedelta(hours=24)
    assert isinstance(decided(Refused(404), day - timedelta(seconds=1)), Again)
    assert decided(Refused(404), day) == NeedsPerson(AttentionReason.CASE_NOT_FOUND)


@given(answer=TRYING_HELPS)
def test_case_system_in_trouble_is_tried_for_three_days(answer: Answer) -> None:
    days = timedelta(days=3)
    assert isinstance(decided(answer, days - timedelta(seconds=1)), Again)
    assert decided(answer, days) == NeedsPerson(AttentionReason.NO_ANSWER_FOR_DAYS)


@given(chance=CHANCES)
def test_first_retry_comes_within_five_seconds(chance: float) -> None:
    decision = decided(NoAnswer(Silence.CUT), timedelta(0), attempts=1, chance=chance)

    assert isinstance(decision, Again)
    assert timedelta(seconds=0.5) <= decision.at - NOW <= timedelta(seconds=5)


@given(attempts=st.integers(1, 10**9), chance=CHANCES)
def test_later_retries_are_at_most_five_minutes_apart(attempts: int, chance: float) -> None:
    assert 0.5 <= wait_seconds(attempts, chance) <= LONGEST_WAIT
    # A worker looks twice a second, and a try may take ten: five minutes from one to the next.
    assert wait_seconds(attempts, chance) + CALL_SECONDS + 0.5 < 300
    assert wait_seconds(1, chance) + 0.5 < 5


@given(chance=CHANCES)
def test_waits_grow_and_spread_over_their_whole_range(chance: float) -> None:
    waits = [wait_seconds(attempts, chance) for attempts in range(1, 12)]
    assert waits == sorted(waits)
    assert wait_seconds(8, 0) == 0.5
    assert wait_seconds(8, 0.999) > LONGEST_WAIT - 1


@given(attempts=st.integers(1, 50), chance=CHANCES, asked=st.floats(0, 3600))
def test_wish_to_wait_is_obeyed_up_to_an_hour(attempts: int, chance: float, asked: float) -> None:
    assert asked <= wait_seconds(attempts, chance, asked) <= 3600


@given(asked=st.floats(3600, 1e9))
def test_wish_to_wait_longer_is_cut_to_an_hour(asked: float) -> None:
    assert wait_seconds(1, 0.5, asked) == 3600


@given(answer=ANSWERS, age=AGES, attempts=st.integers(1, 10_000), chance=CHANCES)
def test_every_answer_has_a_meaning_and_nothing_is_tried_at_once(
    answer: Answer, age: timedelta, attempts: int, chance: float
) -> None:
    decision = decided(answer, age, attempts, chance)

    assert isinstance(decision, Done) == isinstance(answer, Recorded)
    if isinstance(decision, Again):
        assert timedelta(seconds=0.5) <= decision.at - NOW <= timedelta(hours=1)


@given(asked=st.floats(0, 1e9), status=st.sampled_from([429, 503]))
def test_pause_that_is_asked_for_is_the_whole_forces_up_to_an_hour(
    asked: float, status: int
) -> None:
    until = NOW + timedelta(seconds=min(asked, 3600))
    assert asked_to_wait_until(Refused(status, asked), NOW) == until
    assert asked_to_wait_until(CaseSystemFailed(status, "why", asked), NOW) == until


@pytest.mark.parametrize(
    "told",
    [
        None,
        Recorded("N-1", NOW),
        NoAnswer(Silence.CUT),
        Refused(429),
        Refused(500, 60.0),
        CaseSystemFailed(None, "cut"),
    ],
)
def test_nothing_else_makes_a_force_wait(
    told: Answer | CaseSystemFailed | None,
) -> None:
    assert asked_to_wait_until(told, NOW) is None


@given(chance=CHANCES, asked=st.floats(0, 3600))
def test_look_up_waits_as_long_as_it_was_asked_to(chance: float, asked: float) -> None:
    decision = decide_look_up(
        CaseSystemFailed(429, "why", asked),
        an_entry(),
        first_tried_at=NOW,
        attempts=1,
        now=NOW,
        chance=chance,
    )
    assert isinstance(decision, Again)
    assert decision.at >= NOW + timedelta(seconds=asked)


def test_what_cannot_be_made_ready_goes_to_a_person_after_three_days() -> None:
    for age, decision in ((timedelta(days=3), NeedsPerson), (timedelta(days=2, hours=23), Again)):
        told = decide_unready(first_tried_at=NOW - age, attempts=9, now=NOW, chance=0.5)
        assert isinstance(told, decision)
