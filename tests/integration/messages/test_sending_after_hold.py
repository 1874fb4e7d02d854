"""Sending to a case that was put on hold meanwhile: words go to the record, nothing is shown."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.cases.models import Task, TaskKind
from tests.integration.messages.steps import (
    entries_of,
    messages_of,
    stored,
)
from tests.portal import Portal


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_words_written_before_a_hold_go_to_the_record_and_nothing_is_shown(
    northshire: Portal, htmx: bool
) -> None:
    victim = northshire.join()
    form = victim.visitor.see(victim.url).form("Send message")
    northshire.tell({**victim.case, "domesticAbuse": True})
    page = victim.visitor.send(form, htmx=htmx, text="Please read this")

    assert page.status == 404
    assert page.h1 == "This case is not available online"
    assert (page.response.headers.get("HX-Refresh") == "true") == htmx
    assert "Please read this" not in page.text
    assert entries_of(northshire, victim.case_id)[-1].priority == "high"
    [message] = messages_of(northshire, victim.case_id)
    with northshire.database.reading() as session:
        tasks = session.scalars(
            select(Task).where(Task.kind == TaskKind.WORDS_IN_THE_GAP.value)
        ).all()
    assert [(task.subject_id, task.due_at) for task in tasks] == [(message.id, message.sent_at)]
    northshire.work()
    [entry] = northshire.system().held(victim.case["reference"])
    assert (entry.text, entry.priority.value) == ("Please read this", "high")


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
@pytest.mark.parametrize(
    "sent",
    [{"text": ""}, {"text": "x" * 5001}, {"text": "Was covered", "sign_in_again": "1"}],
    ids=["empty", "too-long", "sign-in-again"],
)
def test_bad_words_after_a_hold_show_nothing_of_the_case(
    northshire: Portal, sent: dict[str, str], htmx: bool
) -> None:
    victim = northshire.join()
    form = victim.visitor.see(victim.url).form("Send message")
    northshire.tell({**victim.case, "domesticAbuse": True})
    page = victim.visitor.send(form, htmx=htmx, **sent)
    assert (page.status, page.h1) == (404, "This case is not available online")
    assert stored(northshire, victim) == []


def test_too_many_words_after_a_hold_show_nothing_of_the_case(
    northshire: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.messages.actions.MOST_IN_TEN_MINUTES", 1)
    victim = northshire.join()
    form = victim.visitor.see(victim.url).form("Send message")
    victim.writes("The first")
    northshire.tell({**victim.case, "domesticAbuse": True})
    page = victim.visitor.send(form, htmx=True, text="The second")
    assert (page.status, page.h1) == (404, "This case is not available online")


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_words_of_a_form_that_was_open_too_long_go_to_the_record_after_a_hold(
    northshire: Portal, htmx: bool
) -> None:
    victim = northshire.join()
    form = victim.visitor.see(victim.url).form("Send message")
    northshire.tell({**victim.case, "flags": ["weapons-at-address"]})

    page = victim.visitor.send(form, htmx=htmx, text="My words", csrf_token="wrong")

    assert (page.status, page.h1) == (404, "This case is not available online")
    assert "My words" not in page.text
    assert stored(northshire, victim) == ["My words"]
    assert entries_of(northshire, victim.case_id)[-1].priority == "high"


def test_another_site_puts_no_words_onto_a_held_case(northshire: Portal) -> None:
    victim = northshire.join()
    form = victim.visitor.see(victim.url).form("Send message")
    northshire.tell({**victim.case, "flags": ["weapons-at-address"]})
    data = {**form.values, "csrf_token": "wrong", "text": "Planted"}
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert victim.visitor.post(form.action, data=data, headers=headers).status_code == 400
    assert stored(northshire, victim) == []


def test_an_officers_reply_to_a_held_case_is_refused_and_kept(northshire: Portal) -> None:
    officer = northshire.add_officer()
    victim = northshire.join()
    inbox = northshire.officer_signs_in(officer)
    form = inbox.see(f"/officer{victim.url}").form("Send reply")
    northshire.tell({**victim.case, "domesticAbuse": True})
    page = inbox.send(form, htmx=True, text="Are you safe?")
    assert page.status == 422
    assert page.form("Send reply").values["text"] == "Are you safe?"
    assert stored(northshire, victim) == []
