"""Messages go onto the case record: each once, in order, whatever is in the way."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine

from app import clock
from app.messages.models import Conversation
from app.outbox import actions as outbox
from app.sync.delivery import deliver_one_stream
from tests.factories.facts import case_json
from tests.integration.cases.steps import open_tasks
from tests.integration.messages.steps import conversation_of, entries_of
from tests.integration.sync.steps import on_record, states
from tests.portal import Joined, Portal
from tests.together import run_together


@pytest.fixture
def victim(northshire: Portal) -> Joined:
    return northshire.join()


def later(portal: Portal, **delta: float) -> None:
    with time_machine.travel(clock.now() + timedelta(**delta)):
        portal.work()


def test_in_the_order_in_which_they_were_written(northshire: Portal, victim: Joined) -> None:
    words = [f"Number {number}" for number in range(10)]
    for each in words:
        victim.writes(each)
    northshire.work()
    assert on_record(northshire, victim) == words
    assert set(states(northshire, victim)) == {"recorded"}


@pytest.mark.parametrize("fault", ["500", "503", "429", "404", "cut-before", "cut-after", "hang"])
def test_what_failed_is_tried_again_and_what_follows_waits(
    northshire: Portal, victim: Joined, fault: str
) -> None:
    northshire.system().fail(fault)
    victim.writes("First")
    victim.writes("Second")
    northshire.work()
    assert states(northshire, victim) == ["saved", "saved"]
    later(northshire, seconds=6)
    assert on_record(northshire, victim) == ["First", "Second"]
    assert states(northshire, victim) == ["recorded", "recorded"]


@pytest.mark.parametrize("status", ["409", "413", "422"])
def test_what_is_refused_goes_to_a_person_at_once_and_what_follows_waits(
    northshire: Portal, victim: Joined, status: str
) -> None:
    northshire.system().fail(status)
    victim.writes("First")
    victim.writes("Second")
    northshire.work()
    later(northshire, days=4)
    assert states(northshire, victim) == ["attention", "saved"]
    assert on_record(northshire, victim) == []


@pytest.mark.parametrize("fault, days", [("503", 3), ("hang", 3), ("404", 1)])
def test_patience_ends(northshire: Portal, victim: Joined, fault: str, days: int) -> None:
    northshire.system().fail(fault, times=1_000)
    victim.writes("First")
    northshire.work()
    later(northshire, days=days, minutes=-10)
    assert states(northshire, victim) == ["saved"]
    later(northshire, days=days, minutes=10)
    assert states(northshire, victim) == ["attention"]


def test_a_case_that_is_not_there_after_an_outage_may_appear_within_a_day(
    northshire: Portal, victim: Joined
) -> None:
    victim.writes("First")
    for fault, days, state in (
        ("503", 0, "saved"),
        ("503", 2, "saved"),
        ("404", 2.5, "saved"),
        ("404", 3.4, "saved"),
        # In between it was something else: the day begins anew.
        ("429", 3.45, "attention"),
    ):
        northshire.system().heal()
        northshire.system().fail(fault)
        later(northshire, days=days)
        assert states(northshire, victim) == [state], (fault, days)


def test_a_case_that_was_not_there_for_a_day_goes_to_a_person(
    northshire: Portal, victim: Joined
) -> None:
    victim.writes("First")
    for days, state in ((0, "saved"), (0.9, "saved"), (1.1, "attention")):
        northshire.system().fail("404")
        later(northshire, days=days)
        assert states(northshire, victim) == [state], days


def test_an_entry_that_cannot_be_made_ready_is_tried_on_and_goes_to_a_person(
    northshire: Portal, victim: Joined
) -> None:
    victim.writes("First")
    conversation_id, start = conversation_of(northshire, victim.case_id).id, clock.now()
    with northshire.database.writing() as session:
        session.get_one(Conversation, conversation_id).reference = None
    for hours, state in ((0, "saved"), (71, "saved"), (73, "attention")):
        with time_machine.travel(start + timedelta(hours=hours)):
            northshire.work_.deliver()
        assert states(northshire, victim) == [state], hours
    assert "entry-needs-a-person" in open_tasks(northshire, victim.case["reference"])
    [entry] = entries_of(northshire, victim.case_id)
    assert (entry.problem, entry.attempts) == ("cannot-be-made-ready", 3)


def test_an_entry_that_can_be_made_ready_again_goes_its_way(
    northshire: Portal, victim: Joined
) -> None:
    victim.writes("First")
    conversation_id = conversation_of(northshire, victim.case_id).id
    with northshire.database.writing() as session:
        session.get_one(Conversation, conversation_id).reference = None
    northshire.work_.deliver()
    with northshire.database.writing() as session:
        reference = victim.case["reference"]
        session.get_one(Conversation, conversation_id).reference = reference
    with time_machine.travel(clock.now() + timedelta(seconds=6)):
        northshire.work_.deliver()
    assert states(northshire, victim) == ["recorded"]


def test_a_force_whose_token_is_refused_waits_and_needs_nobody(
    northshire: Portal, victim: Joined
) -> None:
    northshire.system().token_is_good = False
    victim.writes("First")
    northshire.work()
    later(northshire, days=10)
    assert states(northshire, victim) == ["saved"]
    northshire.system().token_is_good = True
    later(northshire, days=10, minutes=2)
    assert states(northshire, victim) == ["recorded"]


def test_a_pause_that_is_asked_for_is_kept(northshire: Portal, victim: Joined) -> None:
    northshire.system().fail("503", retry_after=600)
    victim.writes("First")
    northshire.work()
    later(northshire, minutes=9)
    assert states(northshire, victim) == ["saved"]
    later(northshire, minutes=11)
    assert states(northshire, victim) == ["recorded"]


def test_another_conversation_does_not_wait(northshire: Portal, victim: Joined) -> None:
    other = northshire.join()
    northshire.system().fail("422")
    victim.writes("First")
    northshire.work()
    other.writes("Mine")
    northshire.work()
    assert states(northshire, victim) == ["attention"]
    assert on_record(northshire, other) == ["Mine"]


def test_a_long_text_goes_in_parts_that_join_exactly(northshire: Portal, victim: Joined) -> None:
    text = " ".join(f"word{number}" for number in range(600))
    assert 4_000 < len(text) <= 5_000
    northshire.system().fail("cut-after", times=1)
    victim.writes(text)
    northshire.work()
    later(northshire, seconds=6)
    entries = northshire.system().held(victim.case["reference"])
    assert "".join(entry.text for entry in entries) == text
    [bare, second] = [entry.external_id for entry in entries]
    assert second == f"{bare}-2"
    assert len({(entry.sha256, entry.sequence, entry.sent_at) for entry in entries}) == 1
    assert states(northshire, victim) == ["recorded"]


def test_a_case_that_got_a_new_reference_is_followed(northshire: Portal, victim: Joined) -> None:
    victim.writes("Before")
    northshire.work()
    old = victim.case["reference"]
    northshire.tell({**victim.case, "reference": "NS/777777/26", "previousReference": old})
    victim.writes("After")
    northshire.work()
    assert [entry.text for entry in northshire.system().held("NS/777777/26")] == ["After"]


def test_many_workers_at_once_record_each_message_once(northshire: Portal) -> None:
    victims = [northshire.join() for _ in range(3)]
    for number in range(5):
        for each in victims:
            each.writes(f"Number {number}")

    def work() -> None:
        while deliver_one_stream(northshire.database, northshire.work_.systems):
            pass

    run_together(work, times=4)
    northshire.work()
    for each in victims:
        assert on_record(northshire, each) == [f"Number {number}" for number in range(5)]


def test_a_lease_that_ran_out_is_worth_nothing(northshire: Portal, victim: Joined) -> None:
    victim.writes("First")
    now = clock.now()
    with northshire.database.writing() as session:
        claimed = outbox.claim(session, conversation_of(northshire, victim.case_id).force_id, now)
        assert claimed is not None
        stream_id, token = claimed.stream.id, claimed.stream.lease_token
        assert token is not None
    with northshire.database.writing() as session:
        assert outbox.held_stream(session, stream_id, uuid4(), now) is None
        assert outbox.held_stream(session, stream_id, token, now + outbox.LEASE) is None
        assert outbox.held_stream(session, stream_id, token, now) is not None


def test_a_worker_that_died_is_replaced(northshire: Portal, victim: Joined) -> None:
    victim.writes("First")
    force_id = conversation_of(northshire, victim.case_id).force_id
    with northshire.database.writing() as session:
        assert outbox.claim(session, force_id, clock.now()) is not None
    northshire.work()
    assert states(northshire, victim) == ["saved"]
    later(northshire, seconds=61)
    assert states(northshire, victim) == ["recorded"]


def test_what_was_accepted_before_a_hold_still_goes_onto_the_record(
    northshire: Portal, victim: Joined
) -> None:
    northshire.system().fail("503")
    victim.writes("I am frightened")
    northshire.work()
    northshire.tell({**victim.case, "domesticAbuse": True})
    later(northshire, seconds=10)
    assert on_record(northshire, victim) == ["I am frightened"]


def test_two_forces_do_not_mix(portal: Portal) -> None:
    portal.add_force()
    url = {"url": "http://127.0.0.1:9200"}
    portal.add_force(slug="southshire", ons_code="E23000098", case_system=url)
    case = case_json()
    north = portal.join(case, "northshire")
    south = portal.join(case_json(reference=case["reference"]), "southshire")
    north.writes("To the north")
    south.writes("To the south")
    portal.work()
    for slug, words in (("northshire", "To the north"), ("southshire", "To the south")):
        assert [entry.text for entry in portal.system(slug).held(case["reference"])] == [words]


def test_every_try_is_written_down_before_it_is_made(northshire: Portal, victim: Joined) -> None:
    northshire.system().fail("hang")
    victim.writes("First")
    northshire.work()
    [entry] = entries_of(northshire, victim.case_id)
    assert entry.attempts == 1
    assert entry.first_tried_at is not None
