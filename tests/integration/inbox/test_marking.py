"""People of the force mark a victim's message: each mark and each correction is an entry of its own
on the record, behind whatever was owed before, and cannot be changed."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import delete, update
from sqlalchemy.exc import DatabaseError

from app import clock
from app.messages.models import EntryWords, Mark
from app.sync.reconcile import differences
from tests.integration.cases.steps import everything_stored, open_tasks
from tests.integration.inbox.marking_steps import (
    COMPLAINS,
    COMPLAINT,
    DISCLOSURE,
    TELLS,
    WITHDRAWAL,
    WORDS,
    held,
    marks,
    reply,
    shown_beside,
)
from tests.integration.inbox.steps import officers_url
from tests.integration.messages.steps import conversation_of, statements
from tests.pages import HTMX, Visitor
from tests.portal import Joined, OfficerAccount, Portal


def test_a_mark_is_an_entry_of_its_own_behind_the_message(
    northshire: Portal, officer: OfficerAccount, victim: Joined, reader: Visitor
) -> None:
    victim.writes(WORDS)
    northshire.work()

    page = marks(reader, victim, DISCLOSURE)
    northshire.work()

    assert "The marks on message 1 are saved." in page.words
    message, marking = held(northshire, victim)
    assert marking.to_json() | {"sentAt": None, "externalId": None, "sha256": None} == {
        "externalId": None,
        "kind": "marking",
        "about": message.external_id,
        "author": {"kind": "officer", "name": "PC Sam Okafor", "collar": officer.collar},
        "sentAt": None,
        "text": "Message 1 was marked by the force. It is now marked: the victim tells of another"
        " crime or of harm (disclosure).",
        "sequence": None,
        "part": {"n": 1, "of": 1},
        "sha256": None,
        "priority": "high",
        "disclosure": True,
    }
    assert (message.priority.value, message.disclosure) == ("normal", False)


def test_a_correction_is_one_more_entry_and_changes_none(
    northshire: Portal, victim: Joined, reader: Visitor
) -> None:
    victim.writes(WORDS)
    marks(reader, victim, DISCLOSURE)
    marks(reader, victim, COMPLAINT)
    northshire.work()
    before = held(northshire, victim)

    northshire.work()
    page = reader.see(f"{officers_url(victim)}/messages/1/marks")

    assert held(northshire, victim) == before
    _message, first, second = before
    assert (first.disclosure, second.disclosure) == (True, False)
    assert (first.priority.value, second.priority.value) == ("high", "normal")
    assert first.about == second.about == before[0].external_id
    assert len({first.external_id, second.external_id, before[0].external_id}) == 3
    assert second.text == (
        "The marks on message 1 were corrected by the force. Taken off: the victim tells of another"
        " crime or of harm (disclosure). Put on: the victim complains about the officer or the"
        " police. It is now marked: the victim complains about the officer or the police."
    )
    assert re.search(f"Okafor 1234: {TELLS}.*Okafor 1234: {COMPLAINS}", page.words, re.DOTALL)


def test_every_mark_can_be_taken_off(northshire: Portal, victim: Joined, reader: Visitor) -> None:
    victim.writes(WORDS)
    marks(reader, victim, DISCLOSURE, WITHDRAWAL)
    marks(reader, victim)
    northshire.work()

    last = held(northshire, victim)[-1]
    assert last.text.endswith("It is now not marked.")
    assert not last.disclosure
    assert TELLS not in shown_beside(reader, victim)
    # What the mark asked for is done by a person and not by a correction.
    assert open_tasks(northshire, victim.case["reference"]) == [DISCLOSURE, WITHDRAWAL]


def test_a_wish_to_withdraw_is_a_withdrawal_entry_too(
    northshire: Portal, victim: Joined, reader: Visitor
) -> None:
    victim.writes("I want to drop it")
    page = marks(reader, victim, WITHDRAWAL)
    northshire.work()

    message, marking, withdrawal = held(northshire, victim)
    assert [each.kind.value for each in (message, marking, withdrawal)] == [
        "victim-message",
        "marking",
        "withdrawal",
    ]
    assert withdrawal.about == message.external_id
    assert withdrawal.sequence is None
    assert {marking.priority.value, withdrawal.priority.value} == {"high"}
    assert "Speak to the victim alone" in withdrawal.text
    assert "Do not send a quick reply." in page.words
    task = reader.see(page.link("The victim may want to withdraw: speak to them alone"))
    assert "Do not send a quick reply" in task.words

    marks(reader, victim, WITHDRAWAL, DISCLOSURE)
    northshire.work()
    assert [each.kind.value for each in held(northshire, victim)[3:]] == ["marking"]


def test_a_mark_put_on_before_its_message_left_comes_after_it(
    northshire: Portal, victim: Joined, reader: Visitor
) -> None:
    northshire.system().fail("503", times=2)
    victim.writes("First")
    victim.writes(WORDS)
    marks(reader, victim, WITHDRAWAL, number=1)
    victim.writes("Last")
    marks(reader, victim, DISCLOSURE, number=2)
    northshire.system().heal()
    northshire.work()

    entries = held(northshire, victim)
    assert [each.kind.value for each in entries] == [
        "victim-message",
        "victim-message",
        "marking",
        "withdrawal",
        "victim-message",
        "marking",
    ]
    assert [each.sequence for each in entries] == [1, 2, None, None, 3, None]
    assert [each.about for each in entries if each.about] == [
        entries[0].external_id,
        entries[0].external_id,
        entries[1].external_id,
    ]


@pytest.mark.parametrize("profile", ["niche", "connect"])
def test_what_the_record_holds_of_marks_is_what_was_owed(portal: Portal, profile: str) -> None:
    portal.add_force(case_system={"profile": profile, "settle_seconds": 1})
    reader = portal.officer_signs_in(portal.add_officer())
    victim = portal.join()
    portal.system().fail("cut-after", times=1)
    victim.writes(WORDS)
    marks(reader, victim, DISCLOSURE, WITHDRAWAL)
    marks(reader, victim, DISCLOSURE)
    # A lost answer is settled first, and everything behind it waits.
    for minutes in range(3):
        with time_machine.travel(clock.now() + timedelta(minutes=minutes)):
            portal.work()

    conversation = conversation_of(portal, victim.case_id)
    assert list(differences(portal.database, conversation.force_id, portal.system())) == []
    assert [each.kind.value for each in held(portal, victim)] == [
        "victim-message",
        "marking",
        "withdrawal",
        "marking",
    ]


def test_a_mark_that_the_case_system_refuses_needs_a_person_and_can_be_tried_again(
    northshire: Portal, victim: Joined, reader: Visitor
) -> None:
    victim.writes(WORDS)
    northshire.work()
    northshire.system().fail("422")
    marks(reader, victim, DISCLOSURE)
    northshire.work()
    assert conversation_of(northshire, victim.case_id).needs_a_person == 1
    assert "entry-needs-a-person" in open_tasks(northshire, victim.case["reference"])

    answer = northshire.app.test_cli_runner().invoke(args=["sync", "retry"])
    assert answer.exit_code == 0, answer.output
    northshire.work()

    assert len(held(northshire, victim)) == 2
    assert conversation_of(northshire, victim.case_id).needs_a_person == 0


def test_open_pages_of_the_force_keep_the_marks_when_the_message_changes(
    northshire: Portal, victim: Joined, reader: Visitor
) -> None:
    victim.writes(WORDS)
    marks(reader, victim, DISCLOSURE)
    northshire.work()

    poll = reader.get(f"{officers_url(victim)}/messages?after=0", headers=HTMX)

    fragment = poll.get_data(as_text=True)
    assert TELLS in fragment
    assert "Change marks" in fragment


def test_marks_of_a_page_are_read_at_once(
    northshire: Portal, officer: OfficerAccount, victim: Joined, reader: Visitor
) -> None:
    for number in range(1, 7):
        victim.writes(f"Message {number}")
        marks(reader, victim, DISCLOSURE, number=number)
    reply(reader, victim, "An officer's words are not marked")
    with statements(northshire.database) as seen:
        page = reader.see(officers_url(victim))

    assert page.words.count(TELLS) == 6
    assert len([each for each in seen if "FROM marks" in each]) == 1


def test_an_officers_own_message_cannot_be_marked(
    northshire: Portal, officer: OfficerAccount, victim: Joined, reader: Visitor
) -> None:
    reply(reader, victim, "I will call you")

    for number in (1, 2, 0):
        assert reader.get(f"{officers_url(victim)}/messages/{number}/marks").status_code == 404


def test_a_mark_cannot_be_changed_or_deleted_and_its_words_are_sealed(
    portal: Portal,
) -> None:
    portal.add_force()
    reader, victim = portal.officer_signs_in(portal.add_officer()), portal.join()
    victim.writes(WORDS)
    marks(reader, victim, DISCLOSURE)

    for table in (Mark, EntryWords):
        for statement in (update(table).values(is_disclosure=False), delete(table)):
            with (
                pytest.raises(DatabaseError, match="append-only"),
                portal.database.writing() as session,
            ):
                session.execute(statement.execution_options(synchronize_session=False))
    assert "tells of another crime" not in everything_stored(portal)


def test_a_message_of_a_case_on_hold_can_be_marked(
    northshire: Portal, victim: Joined, reader: Visitor
) -> None:
    victim.writes(WORDS)
    northshire.tell({**victim.case, "flags": ["stalking"]})

    assert "are saved" in marks(reader, victim, DISCLOSURE).words
    northshire.work()
    assert held(northshire, victim)[-1].disclosure


def test_a_message_of_an_earlier_page_is_shown_again_after_marking(
    northshire: Portal, officer: OfficerAccount, victim: Joined, reader: Visitor
) -> None:
    for number in range(1, 24):
        victim.writes(f"Message {number}")

    page = marks(reader, victim, DISCLOSURE, number=2)

    assert [each.sequence for each in page.messages] == [1, 2]
    assert TELLS in page.messages[1].words
