"""Words that could not be taken come back to their author, for that case, for a while."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import select

from app import clock
from app.messages import kept
from app.messages.models import KeptText
from tests.integration.messages.steps import conversation_of, kept_texts, sign_in, stored
from tests.integration.messages.test_sending import together
from tests.pages import HTMX, Page
from tests.portal import Joined, Portal

TOO_LONG = "Half written " + "x" * 5_000


def words_in_composer(page: Page) -> str:
    return page.form("Send message").values["text"]


@pytest.fixture
def clock_stands() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(clock.now(), tick=False) as coordinates:
        yield coordinates


def test_kept_words_stay_for_fifteen_minutes_however_often_they_are_looked_at(
    northshire: Portal, clock_stands: time_machine.Traveller
) -> None:
    victim = northshire.join()
    victim.writes(TOO_LONG)
    for _ in range(2):
        clock_stands.shift(timedelta(minutes=7))
        page = victim.visitor.see(victim.url)
        assert words_in_composer(page) == TOO_LONG
        assert page.error_messages
    clock_stands.shift(timedelta(minutes=1, seconds=1))
    page = victim.visitor.see(victim.url)
    assert words_in_composer(page) == ""
    assert page.error_messages == []
    northshire.work()
    assert kept_texts(northshire) == 0


def test_kept_words_go_when_a_message_was_sent(northshire: Portal) -> None:
    victim = northshire.join()
    victim.writes(TOO_LONG)
    page = victim.writes("Shorter")
    assert words_in_composer(page) == ""
    assert kept_texts(northshire) == 0


def test_kept_words_belong_to_one_case_only(northshire: Portal) -> None:
    victim = northshire.join()
    victim.writes(TOO_LONG)
    other = northshire.join()
    assert words_in_composer(other.visitor.see(other.url)) == ""
    with northshire.database.reading() as session:
        row = session.scalars(select(KeptText)).one()
        assert row.case_id == victim.case_id
        assert kept.kept_for(session, row.author_id, other.case_id, clock.now()) is None
        assert kept.kept_for(session, uuid4(), victim.case_id, clock.now()) is None


def test_two_presses_at_once_keep_the_words_once(northshire: Portal) -> None:
    victim = northshire.join()
    author = conversation_of(northshire, victim.case_id).victim_id

    def keep(number: int) -> None:
        with northshire.database.writing() as session:
            kept.keep(
                session,
                author,
                victim.case_id,
                text=f"Words {number}",
                problem="empty",
                client_id=str(number),
                expires_at=clock.now() + kept.AFTER_AN_ERROR,
            )

    for _ in range(5):
        assert together(*[lambda n=n: keep(n) for n in range(8)]) == [None] * 8
        assert kept_texts(northshire) == 1
        with northshire.database.writing() as session:
            row = session.scalars(select(KeptText)).one()
            assert row.text == f"Words {row.client_id}"
            kept.drop(session, author, victim.case_id)


def end_session(portal: Portal, victim: Joined, how: str, time: time_machine.Traveller) -> None:
    if how == "idle":
        time.shift(timedelta(minutes=21))
    elif how == "longest":
        for _ in range(50):
            time.shift(timedelta(minutes=15))
            victim.visitor.see("/safety")
    else:
        from app.sign_in.models import SignInSession  # noqa: PLC0415

        with portal.database.writing() as session:
            for row in session.scalars(select(SignInSession)):
                row.ended_at = clock.now()


@pytest.mark.parametrize("how", ["idle", "longest", "elsewhere"])
def test_words_sent_after_the_session_ended_wait_for_the_person_to_sign_in_again(
    northshire: Portal, clock_stands: time_machine.Traveller, how: str
) -> None:
    victim = northshire.join()
    form = victim.visitor.see(victim.url).form("Send message")
    end_session(northshire, victim, how, clock_stands)
    answer = victim.visitor.post(form.action, data={**form.values, "text": "Half a thought"})
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    northshire.tell(victim.case)

    sign_in(northshire, victim.case["victim"]["email"], victim.visitor)
    page = victim.visitor.see(victim.url)
    assert words_in_composer(page) == "Half a thought"
    assert page.error_messages == []
    assert stored(northshire, victim) == []
    page = victim.visitor.send(page.form("Send message"))
    assert [m.text for m in page.messages] == ["Half a thought"]


@pytest.mark.parametrize("minutes", [0, 30], ids=["good", "run-out"])
def test_whoever_was_signed_out_from_afar_puts_no_words_into_the_victims_mouth(
    northshire: Portal, clock_stands: time_machine.Traveller, minutes: int
) -> None:
    victim = northshire.join()
    address = victim.case["victim"]["email"]
    stranger = sign_in(northshire, address)
    form = stranger.see(victim.url).form("Send message")
    clock_stands.shift(timedelta(minutes=minutes))
    sign_in(northshire, address, victim.visitor)
    page = victim.visitor.see(victim.url)
    victim.visitor.send(page.form("Sign out everywhere else"))

    answer = stranger.post(form.action, data={**form.values, "text": "I take it all back"})

    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert words_in_composer(victim.visitor.see(victim.url)) == ""


def test_another_person_who_signs_in_there_does_not_get_the_words(
    northshire: Portal, clock_stands: time_machine.Traveller
) -> None:
    victim, other = northshire.join(), northshire.join()
    form = victim.visitor.see(victim.url).form("Send message")
    clock_stands.shift(timedelta(minutes=21))
    victim.visitor.post(form.action, data={**form.values, "text": "Half a thought"})
    someone = sign_in(northshire, other.case["victim"]["email"], victim.visitor)
    page = someone.see("/cases")
    assert page.url.endswith(str(other.case_id))
    assert "Half a thought" not in page.text
    assert someone.see(victim.url).status == 404


def test_words_for_somebody_elses_case_are_not_kept(
    northshire: Portal, clock_stands: time_machine.Traveller
) -> None:
    victim, other = northshire.join(), northshire.join()
    form = victim.visitor.see(victim.url).form("Send message")
    clock_stands.shift(timedelta(minutes=21))
    for url in (f"{other.url}/messages", f"/cases/{uuid4()}/messages", "/cases/x/messages"):
        answer = victim.visitor.post(url, data={**form.values, "text": "Not mine"})
        assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert kept_texts(northshire) == 0


def test_htmx_is_told_of_the_ended_session_and_nothing_is_kept(
    northshire: Portal, clock_stands: time_machine.Traveller
) -> None:
    victim = northshire.join()
    form = victim.visitor.see(victim.url).form("Send message")
    clock_stands.shift(timedelta(minutes=21))
    data = {**form.values, "text": "Still on the page"}
    answer = victim.visitor.post(form.action, data=data, headers=HTMX)
    assert (answer.status_code, answer.get_data()) == (401, b"")
    assert kept_texts(northshire) == 0


def test_an_officers_words_wait_too_for_that_officer(
    northshire: Portal, clock_stands: time_machine.Traveller
) -> None:
    officer, colleague = northshire.add_officer(), northshire.add_officer("5678")
    victim = northshire.join()
    inbox = northshire.officer_signs_in(officer)
    form = inbox.see(f"/officer{victim.url}").form("Send reply")
    clock_stands.shift(timedelta(minutes=21))
    answer = inbox.post(form.action, data={**form.values, "text": "Half a reply"})
    assert (answer.status_code, answer.location) == (303, "/officer/sign-in")
    northshire.tell(victim.case)

    assert northshire.officer_signs_in(colleague).see(f"/officer{victim.url}").status == 404
    page = northshire.officer_signs_in(officer).see(f"/officer{victim.url}")
    assert page.form("Send reply").values["text"] == "Half a reply"
    assert stored(northshire, victim) == []


def test_signing_in_again_from_the_page_keeps_the_words_there(northshire: Portal) -> None:
    victim = northshire.join()
    form = victim.visitor.see(victim.url).form("Send message")
    page = victim.visitor.send(form, text="Was covered", sign_in_again="1")
    assert words_in_composer(page) == "Was covered"
    assert stored(northshire, victim) == []


def test_a_form_without_its_token_gives_the_words_back_to_our_own_page_only(
    northshire: Portal,
) -> None:
    victim = northshire.join()
    form = victim.visitor.see(victim.url).form("Send message")
    data = {**form.values, "csrf_token": "wrong", "text": "My words <b>"}
    for site in ("cross-site", "same-site", "none", None):
        headers = {} if site is None else {"Sec-Fetch-Site": site}
        answer = victim.visitor.post(form.action, data=data, headers=headers)
        assert answer.status_code == 400
        assert b"My words" not in answer.get_data()
        assert kept_texts(northshire) == 0

    page = victim.visitor.send(form, text="My words <b>", csrf_token="wrong")

    assert page.error_messages == [
        "This page was open too long. Your words are here, and not sent yet"
    ]
    assert words_in_composer(page) == "My words <b>"
    assert stored(northshire, victim) == []
    sent = victim.visitor.send(page.form("Send message"))
    assert [m.text for m in sent.messages] == ["My words <b>"]


def test_an_officers_form_without_its_token_gives_the_words_back(northshire: Portal) -> None:
    officer = northshire.add_officer()
    victim = northshire.join()
    inbox = northshire.officer_signs_in(officer)
    form = inbox.see(f"/officer{victim.url}").form("Send reply")

    page = inbox.send(form, text="My reply", csrf_token="wrong")

    assert page.form("Send reply").values["text"] == "My reply"
    assert page.error_messages
    assert stored(northshire, victim) == []
