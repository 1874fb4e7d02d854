"""What an open page is told, and how little it costs."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from app import clock
from app.audit.models import AuditRow
from app.forces.models import Feed
from app.sign_in.models import SignInSession
from tests.integration.messages.steps import conversation_of, replies, statements
from tests.pages import HTMX, Page, Visitor
from tests.portal import Joined, OfficerAccount, Portal


def poll(someone: Visitor, url: str, after: object) -> TestResponse:
    return someone.get(f"{url}/messages?after={after}", headers=HTMX)


def cursor(page: Page) -> str:
    [holder] = page.root.findall(".//*[@data-cursor]")
    return str(holder.get("data-cursor"))


def test_nothing_new_is_204_and_empty(victim: Joined) -> None:
    victim.writes("One")
    page = victim.visitor.see(victim.url)
    answer = poll(victim.visitor, victim.url, cursor(page))
    assert (answer.status_code, answer.get_data()) == (204, b"")


@pytest.mark.parametrize("kind", ["victim", "officer"])
def test_an_idle_poll_is_at_most_three_reads_and_no_write(
    northshire: Portal, officer: OfficerAccount, victim: Joined, kind: str
) -> None:
    victim.writes("One")
    reader, url = victim.visitor, victim.url
    if kind == "officer":
        reader, url = northshire.officer_signs_in(officer), f"/officer{victim.url}"
    at = cursor(reader.see(url))
    poll(reader, url, at)
    later = time_machine.travel(clock.now() + timedelta(minutes=5))
    with later, statements(northshire.database) as seen:
        assert poll(reader, url, at).status_code == 204
    assert 0 < len(seen) <= 3, seen
    assert all(each.startswith("SELECT") for each in seen), seen


def test_a_victims_idle_poll_is_one_read(northshire: Portal, victim: Joined) -> None:
    victim.writes("One")
    at = cursor(victim.visitor.see(victim.url))
    poll(victim.visitor, victim.url, at)

    with statements(northshire.database) as seen:
        assert poll(victim.visitor, victim.url, at).status_code == 204

    assert len(seen) == 1, seen


def test_that_a_page_asks_is_written_down_once_an_hour(northshire: Portal, victim: Joined) -> None:
    at = cursor(victim.visitor.see(victim.url))

    def writes() -> int:
        with statements(northshire.database) as seen:
            assert poll(victim.visitor, victim.url, at).status_code == 204
        return sum(not each.startswith("SELECT") for each in seen)

    begin = clock.now()
    assert [writes(), writes()] == [1, 0]
    with northshire.database.writing() as session:
        session.execute(update(SignInSession).values(seen_at=begin + timedelta(minutes=50)))
    for minutes, expected in ((59, 0), (61, 1), (62, 0)):
        with time_machine.travel(begin + timedelta(minutes=minutes)):
            assert writes() == expected


@pytest.mark.parametrize(
    "days,status",
    [(1, 204), (4, 404)],
    ids=["heard of lately", "not heard of for longer than the force allows"],
)
def test_that_nothing_is_new_is_told_only_while_the_case_is_open(
    northshire: Portal, days: int, status: int
) -> None:
    northshire.add_officer()
    victim = northshire.join()
    at = cursor(victim.visitor.see(victim.url))
    with northshire.database.writing() as session:
        session.execute(update(Feed).values(fresh_at=clock.now() - timedelta(days=days)))

    assert poll(victim.visitor, victim.url, at).status_code == status


def test_a_session_that_ran_out_gets_no_answer_from_a_poll(
    northshire: Portal, victim: Joined
) -> None:
    at = cursor(victim.visitor.see(victim.url))

    with time_machine.travel(clock.now() + timedelta(minutes=21)):
        assert poll(victim.visitor, victim.url, at).status_code == 401


def test_somebody_who_just_left_gets_no_answer_from_a_poll(victim: Joined) -> None:
    at = cursor(victim.visitor.see(victim.url))
    victim.visitor.set_cookie("leaving", "1")

    assert poll(victim.visitor, victim.url, at).status_code == 401


def test_a_poll_never_touches_the_session(northshire: Portal, victim: Joined) -> None:
    page = victim.visitor.see(victim.url)

    def seen_at() -> list[object]:
        with northshire.database.reading() as session:
            return list(session.scalars(select(SignInSession.seen_at)))

    before = seen_at()
    for minutes in (5, 10, 19):
        with time_machine.travel(clock.now() + timedelta(minutes=minutes)):
            for after in (cursor(page), "0"):
                answer = poll(victim.visitor, victim.url, after)
                assert answer.status_code in {200, 204}
                assert "Set-Cookie" not in answer.headers
    assert seen_at() == before
    with time_machine.travel(clock.now() + timedelta(minutes=21)):
        assert poll(victim.visitor, victim.url, cursor(page)).status_code == 401


def test_a_message_and_its_way_onto_the_record_show(northshire: Portal, victim: Joined) -> None:
    sent = victim.writes("One", htmx=True)
    victim.writes("Two", htmx=True)
    first = Page(poll(victim.visitor, victim.url, cursor(sent)), victim.url)
    assert [(m.sequence, m.state, m.text) for m in first.messages] == [(2, "saved", "Two")]
    northshire.work()
    second = Page(poll(victim.visitor, victim.url, cursor(first)), victim.url)
    assert [(m.sequence, m.state, m.text) for m in second.messages] == [
        (1, "recorded", "One"),
        (2, "recorded", "Two"),
    ]
    assert poll(victim.visitor, victim.url, cursor(second)).status_code == 204


def test_attention_shows_too(northshire: Portal, victim: Joined) -> None:
    sent = victim.writes("One", htmx=True)
    northshire.system().fail("422")
    northshire.work()
    changed = Page(poll(victim.visitor, victim.url, cursor(sent)), victim.url)
    assert [(m.sequence, m.state) for m in changed.messages] == [(1, "attention")]


def test_words_that_a_poll_showed_count_as_read_and_as_consulted(
    northshire: Portal, officer: OfficerAccount, victim: Joined
) -> None:
    page = victim.visitor.see(victim.url)
    replies(northshire, officer, victim, "News")
    shown = Page(poll(victim.visitor, victim.url, cursor(page)), victim.url)
    assert "New" in shown.messages[0].words
    conversation = conversation_of(northshire, victim.case_id)
    assert conversation.victim_read_to == 1

    def consultations() -> int:
        with northshire.database.reading() as session:
            rows = session.scalars(
                select(AuditRow).where(
                    AuditRow.action == "message.consulted", AuditRow.actor_kind == "victim"
                )
            )
            return len(rows.all())

    assert consultations() == 1
    assert poll(victim.visitor, victim.url, cursor(shown)).status_code == 204
    assert consultations() == 1


def test_words_shown_in_the_answer_to_a_message_count_as_read(
    northshire: Portal, officer: OfficerAccount, victim: Joined
) -> None:
    form = victim.visitor.see(victim.url).form("Send message")
    replies(northshire, officer, victim, "News")
    answer = victim.visitor.send(form, htmx=True, text="Mine")
    assert [(m.text, "New" in m.words) for m in answer.messages] == [
        ("News", True),
        ("Mine", False),
    ]
    conversation = conversation_of(northshire, victim.case_id)
    assert conversation.victim_read_to == 2
    assert conversation.victim_read_at is not None


def test_a_change_of_the_case_is_news(northshire: Portal, victim: Joined) -> None:
    at = cursor(victim.visitor.see(victim.url))
    renamed = {**victim.case["officerInCase"], "collar": "9999", "name": "PC New Name"}
    northshire.tell({**victim.case, "officerInCase": renamed})
    assert poll(victim.visitor, victim.url, at).status_code == 200
    northshire.tell({**victim.case, "officerInCase": renamed})
    at = cursor(victim.visitor.see(victim.url))
    northshire.tell({**victim.case, "officerInCase": renamed})
    assert poll(victim.visitor, victim.url, at).status_code == 204


@pytest.mark.parametrize("after", ["", "x", "-1", "1.5", "0x1", "9" * 17, "9" * 60, "٣", "%00"])
def test_a_nonsense_cursor_is_no_error(victim: Joined, after: str) -> None:
    victim.writes("One")
    assert poll(victim.visitor, victim.url, after).status_code in {200, 204}


def test_without_a_cursor_everything_comes(victim: Joined) -> None:
    victim.writes("One")
    victim.writes("Two")
    answer = victim.visitor.get(f"{victim.url}/messages", headers=HTMX)
    assert [m.text for m in Page(answer, victim.url).messages] == ["One", "Two"]


def test_after_a_hold_the_page_is_told_to_load_itself_again(
    northshire: Portal, victim: Joined
) -> None:
    at = cursor(victim.visitor.see(victim.url))
    northshire.tell({**victim.case, "domesticAbuse": True})
    # A form's token carries the time.
    with time_machine.travel(clock.now(), tick=False):
        answer = poll(victim.visitor, victim.url, at)
        unknown = poll(victim.visitor, "/cases/00000000-0000-0000-0000-000000000001", at)
    assert (answer.status_code, answer.headers["HX-Refresh"]) == (404, "true")
    assert victim.case["reference"] not in answer.get_data(as_text=True)
    assert (unknown.status_code, unknown.headers["HX-Refresh"]) == (404, "true")
    assert unknown.get_data() == answer.get_data()
    plain = victim.visitor.get(f"{victim.url}/messages?after={at}")
    assert (plain.status_code, plain.headers["HX-Refresh"]) == (404, "true")


def test_another_officer_or_victim_is_told_nothing(
    northshire: Portal, officer: OfficerAccount, victim: Joined
) -> None:
    other = northshire.join()
    assert poll(other.visitor, victim.url, 0).status_code == 404
    colleague = northshire.officer_signs_in(northshire.add_officer("5678"))
    answer = poll(colleague, f"/officer{victim.url}", 0)
    assert (answer.status_code, answer.headers["HX-Refresh"]) == (404, "true")


def test_signed_out_is_401_without_a_body_or_cookie(northshire: Portal, victim: Joined) -> None:
    for url in (victim.url, f"/officer{victim.url}", "/cases/nonsense"):
        answer = poll(northshire.visitor(), url, 0)
        assert (answer.status_code, answer.get_data()) == (401, b"")
        assert "Set-Cookie" not in answer.headers
        assert "HX-Redirect" not in answer.headers
