"""Sending: once, in order, and never bounced."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine

from app import clock
from app.messages import actions
from app.messages.actions import Author, TooManyMessages, send
from tests.integration.messages.steps import (
    conversation_of,
    entries_of,
    messages_of,
    replies,
    stored,
)
from tests.pages import HTMX
from tests.portal import Portal


def together(*calls: Callable[[], object]) -> list[object]:
    """Run these at the same moment, each in a thread; what they returned or raised."""
    start = threading.Barrier(len(calls))
    results: list[object] = [None] * len(calls)

    def run(place: int) -> None:
        start.wait(timeout=10)
        try:
            results[place] = calls[place]()
        except Exception as error:
            results[place] = error

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_the_same_form_sent_twice_is_stored_once(northshire: Portal, htmx: bool) -> None:
    victim = northshire.join()
    form = victim.visitor.see(victim.url).form("Send message")
    first = victim.visitor.send(form, htmx=htmx, text="Once only")
    again = victim.visitor.send(form, htmx=htmx, text="Once only")

    assert stored(northshire, victim) == ["Once only"]
    assert [(m.sequence, m.text) for m in first.messages] == [(1, "Once only")]
    assert [(m.sequence, m.text) for m in again.messages] == [(1, "Once only")]


def test_the_same_form_with_other_words_is_a_new_message(northshire: Portal) -> None:
    victim = northshire.join()
    form = victim.visitor.see(victim.url).form("Send message")
    for text in ("First", "Second", "First"):
        victim.visitor.send(form, htmx=True, text=text)
    assert stored(northshire, victim) == ["First", "Second"]


def test_the_same_words_from_two_forms_are_two_messages(northshire: Portal) -> None:
    victim = northshire.join()
    victim.writes("Yes")
    victim.writes("Yes")
    assert stored(northshire, victim) == ["Yes", "Yes"]


def test_a_double_click_stores_once_and_both_presses_are_answered_alike(
    northshire: Portal,
) -> None:
    victim = northshire.join()
    conversation = conversation_of(northshire, victim.case_id)
    author, client_id = Author("victim", conversation.victim_id), str(uuid4())

    def press() -> tuple[object, int]:
        with northshire.database.writing() as session:
            sent = send(
                session,
                conversation.id,
                author,
                text="Pressed",
                client_id=client_id,
                now=clock.now(),
            )
            return sent.id, sent.sequence

    answers = together(*[press] * 8)
    assert len(set(answers)) == 1, answers
    assert stored(northshire, victim) == ["Pressed"]
    assert len(entries_of(northshire, victim.case_id)) == 1


def test_twenty_writers_at_once_leave_no_gap_and_no_double(
    northshire: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Faster than the limit allows a person to be.
    monkeypatch.setattr(actions, "MOST_IN_TEN_MINUTES", 1_000)
    victim = northshire.join()
    conversation = conversation_of(northshire, victim.case_id)

    def write_ten(number: int) -> None:
        author = Author("victim", conversation.victim_id)
        for n in range(10):
            with northshire.database.writing() as session:
                send(
                    session,
                    conversation.id,
                    author,
                    text=f"{number}/{n}",
                    client_id=f"{number}-{n}",
                    now=clock.now(),
                )

    outcomes = together(*[lambda number=number: write_ten(number) for number in range(20)])
    assert outcomes == [None] * 20

    messages = messages_of(northshire, victim.case_id)
    assert [m.sequence for m in messages] == list(range(1, 201))
    assert [m.revision for m in messages] == list(range(1, 201))
    assert [e.position for e in entries_of(northshire, victim.case_id)] == list(range(1, 201))
    conversation = conversation_of(northshire, victim.case_id)
    assert (conversation.last_sequence, conversation.revision) == (200, 200)


@pytest.mark.parametrize("text", ["", "   \r\n\t ", "\u200b\u2060\ufeff", "\x00\x07", "\u202e"])
def test_a_message_without_visible_words_is_refused_beside_the_field(
    northshire: Portal, text: str
) -> None:
    victim = northshire.join()
    plain = victim.writes(text)
    assert plain.status == 200
    assert plain.error_messages == ["Write something before you send"]
    fragment = victim.writes(text, htmx=True)
    assert fragment.status == 422
    assert not fragment.is_whole
    assert fragment.error_messages == ["Write something before you send"]
    assert stored(northshire, victim) == []


def test_an_over_long_message_comes_back_whole_with_its_length(northshire: Portal) -> None:
    victim = northshire.join()
    words = "😀" * 5_001
    fragment = victim.writes(words, htmx=True)
    assert fragment.status == 422
    assert fragment.form("Send message").values["text"] == words
    assert "5,001" in fragment.error_messages[0]
    page = victim.writes(words)
    assert page.form("Send message").values["text"] == words
    assert page.error_messages == fragment.error_messages
    assert stored(northshire, victim) == []


def test_the_longest_message_counts_code_points_after_cleaning(northshire: Portal) -> None:
    victim = northshire.join()
    page = victim.writes(" " * 50 + "😀" * 5_000 + "\x00" * 50)
    assert page.messages[0].text == "😀" * 5_000


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_an_officers_bad_reply_comes_back_too(northshire: Portal, htmx: bool) -> None:
    officer = northshire.add_officer()
    victim = northshire.join()
    inbox = northshire.officer_signs_in(officer)
    form = inbox.see(f"/officer{victim.url}").form("Send reply")
    page = inbox.send(form, htmx=htmx, text="x" * 5_001)
    assert page.status == (422 if htmx else 200)
    assert page.form("Send reply").values["text"] == "x" * 5_001
    assert page.error_messages


def test_odd_client_ids_are_harmless(northshire: Portal) -> None:
    victim = northshire.join()
    form = victim.visitor.see(victim.url).form("Send message")
    for number, client_id in enumerate(["", "\x00", "💥", "'\"<>", "x" * 100_000, "\ufffd"]):
        page = victim.visitor.send(
            form,
            htmx=True,
            text=f"Number {number}",
            client_id=client_id,
        )
        assert page.status == 200
    assert len(stored(northshire, victim)) == 6


def test_a_form_without_client_id_or_cursor_is_taken(northshire: Portal) -> None:
    victim = northshire.join()
    form = victim.visitor.see(victim.url).form("Send message")
    data = {"csrf_token": form.values["csrf_token"], "text": "Only words"}
    answer = victim.visitor.post(f"{victim.url}/messages", data=data, headers=HTMX)
    assert answer.status_code == 200
    assert stored(northshire, victim) == ["Only words"]


def test_a_form_of_more_than_a_megabyte_gets_a_page_that_says_so(northshire: Portal) -> None:
    victim = northshire.join()
    page = victim.writes("x" * 1_000_001)
    assert page.status == 413
    assert page.h1
    assert stored(northshire, victim) == []


def test_thirty_messages_in_ten_minutes_and_300_in_a_day_meet_no_limit(
    northshire: Portal,
) -> None:
    victim = northshire.join()
    conversation = conversation_of(northshire, victim.case_id)
    now = clock.now()
    with northshire.database.writing() as session:
        for number in range(300):
            send(
                session,
                conversation.id,
                Author("victim", conversation.victim_id),
                text=str(number),
                client_id=str(number),
                now=now + timedelta(seconds=20 * number),
            )
    assert conversation_of(northshire, victim.case_id).last_sequence == 300


def test_a_flood_is_stopped_and_says_when_to_come_back(northshire: Portal) -> None:
    victim = northshire.join()
    conversation = conversation_of(northshire, victim.case_id)
    author, now = Author("victim", conversation.victim_id), clock.now()

    def flood() -> None:
        with northshire.database.writing() as session:
            for number in range(1_000):
                send(session, conversation.id, author, text=str(number), client_id="c", now=now)

    with pytest.raises(TooManyMessages) as stopped:
        flood()
    assert now < stopped.value.retry_at <= now + timedelta(minutes=10)


def test_after_a_flood_the_words_come_back_and_can_be_sent_later(northshire: Portal) -> None:
    victim = northshire.join()
    conversation = conversation_of(northshire, victim.case_id)
    with northshire.database.writing() as session:
        for number in range(60):
            send(
                session,
                conversation.id,
                Author("victim", conversation.victim_id),
                text=str(number),
                client_id="c",
                now=clock.now(),
            )
    fragment = victim.writes("One too many", htmx=True)
    assert fragment.status == 429
    assert fragment.form("Send message").values["text"] == "One too many"
    assert 0 < int(fragment.response.headers["Retry-After"]) <= 600
    page = victim.writes("One too many")
    assert page.form("Send message").values["text"] == "One too many"
    assert page.error_messages
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        page = victim.visitor.send(victim.visitor.see(victim.url).form("Send message"))
        assert page.messages[-1].text == "One too many"


def test_a_closed_case_takes_a_message_and_waits_for_the_officer(northshire: Portal) -> None:
    officer = northshire.add_officer()
    victim = northshire.join()
    inbox = replies(northshire, officer, victim, "The case is closed.")
    closed = {**victim.case, "status": "closed", "closedAt": victim.case["updatedAt"]}
    northshire.tell(closed)
    victim.writes("I have a question about that")

    assert conversation_of(northshire, victim.case_id).waiting_since is not None
    assert victim.case["reference"] in inbox.see("/officer/inbox").words
    assert entries_of(northshire, victim.case_id)[-1].priority == "normal"


def test_somebody_elses_case_takes_no_message(northshire: Portal) -> None:
    mine, other = northshire.join(), northshire.join()
    form = mine.visitor.see(mine.url).form("Send message")
    form.action = f"{other.url}/messages"
    page = mine.visitor.send(form, text="Not mine to write")
    assert (page.status, page.h1) == (404, "This case is not available online")
    assert stored(northshire, other) == []


def test_a_person_whose_case_became_anothers_cannot_write_to_it(northshire: Portal) -> None:
    victim = northshire.join()
    form = victim.visitor.see(victim.url).form("Send message")
    northshire.tell({**victim.case, "victim": {**victim.case["victim"], "id": "P-somebody-else"}})
    victim.visitor.send(form, text="Still me")
    assert stored(northshire, victim) == []


def test_sending_does_not_mark_unseen_words_as_read(northshire: Portal) -> None:
    officer = northshire.add_officer()
    victim = northshire.join()
    form = victim.visitor.see(victim.url).form("Send message")
    replies(northshire, officer, victim, "Came while you were typing")
    data = {**form.values, "text": "Typed meanwhile"}
    victim.visitor.post(form.action, data=data)  # and does not follow to the page
    conversation = conversation_of(northshire, victim.case_id)
    assert (conversation.victim_read_to, conversation.last_sequence) == (0, 2)


def test_a_reply_that_crossed_with_a_question_leaves_the_question_waiting(
    northshire: Portal,
) -> None:
    officer = northshire.add_officer()
    victim = northshire.join()
    victim.writes("First question")
    inbox = northshire.officer_signs_in(officer)
    form = inbox.see(f"/officer{victim.url}").form("Send reply")
    victim.writes("Second question")
    answer = inbox.send(form, htmx=True, text="Answer to the first")

    assert [m.text for m in answer.messages] == ["Second question", "Answer to the first"]
    assert conversation_of(northshire, victim.case_id).waiting_since is not None
    inbox.send(inbox.see(f"/officer{victim.url}").form("Send reply"), text="To the second")
    assert conversation_of(northshire, victim.case_id).waiting_since is None
