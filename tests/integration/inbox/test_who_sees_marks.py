"""Who may mark, who sees marks and their tasks, and that the victim sees nothing of it."""

from __future__ import annotations

import re

from sqlalchemy import select

from app.accounts.viewers import Role
from app.messages.models import Mark
from tests.integration.cases.steps import open_tasks
from tests.integration.inbox.marking_steps import (
    COMPLAINS,
    COMPLAINT,
    DISCLOSURE,
    TELLS,
    WITHDRAWAL,
    WITHDRAWS,
    WORDS,
    marks,
    save,
    shown_beside,
)
from tests.integration.inbox.steps import account, audited, details, gives_reason, officers_url
from tests.integration.messages.steps import messages_of
from tests.pages import HTMX, Page, Visitor
from tests.portal import Joined, OfficerAccount, Portal


def test_the_victim_sees_no_difference(northshire: Portal, victim: Joined, reader: Visitor) -> None:
    victim.writes(WORDS)
    northshire.work()
    page = victim.visitor.see(victim.url)
    [holder] = page.root.findall(".//*[@data-cursor]")
    cursor, shown = holder.get("data-cursor"), plain(page)
    letters = len(northshire.sender.letters)

    def looks() -> None:
        poll = victim.visitor.get(f"{victim.url}/messages?after={cursor}", headers=HTMX)
        assert (poll.status_code, poll.get_data()) == (204, b"")
        assert plain(victim.visitor.see(victim.url)) == shown

    marks(reader, victim, DISCLOSURE, WITHDRAWAL, COMPLAINT)
    looks()
    northshire.work()
    looks()
    marks(reader, victim, WITHDRAWAL)
    northshire.system().fail("422")
    northshire.work()
    looks()
    poll = victim.visitor.get(f"{victim.url}/messages?after=0", headers=HTMX)
    assert not any(words in poll.get_data(as_text=True) for words in ("Mark", TELLS, WITHDRAWS))
    assert len(northshire.sender.letters) == letters


def plain(page: Page) -> str:
    """The page without what is new on each one: tokens, and when it was looked at."""
    own = (
        r'(name="(csrf_token|client_id)" value|nonce|data-session-[a-z]+)="[^"]*"'
        r"|<time[^>]*>[^<]*</time>"
    )
    return re.sub(own, "", page.text)


def test_nothing_chosen_is_refused_and_a_page_that_is_too_old_too(
    northshire: Portal, victim: Joined, reader: Visitor
) -> None:
    victim.writes(WORDS)
    url = f"{officers_url(victim)}/messages/1/marks"
    old = reader.see(url)
    assert save(reader, old).error_messages == ["Choose what this message says"]
    assert save(reader, old, "nonsense").error_messages == ["Choose from this list"]
    save(reader, old, DISCLOSURE)

    refused = save(reader, old, COMPLAINT)

    assert refused.error_messages == ["The marks were changed meanwhile. Look again, then save"]
    # Sent twice it is stored once; looked at again it can be saved.
    assert "are saved" in save(reader, old, DISCLOSURE).words
    assert "are saved" in save(reader, refused, COMPLAINT, DISCLOSURE).words
    with northshire.database.reading() as session:
        rows = session.scalars(select(Mark).order_by(Mark.number)).all()
        assert [(row.number, row.is_complaint) for row in rows] == [(1, False), (2, True)]


def test_what_is_marked_is_on_the_audit_record(
    northshire: Portal, officer: OfficerAccount, victim: Joined, reader: Visitor
) -> None:
    victim.writes(WORDS)
    marks(reader, victim, DISCLOSURE)
    marks(reader, victim)

    [message] = messages_of(northshire, victim.case_id)
    marked, corrected = (
        audited(northshire, "message.marked"),
        audited(northshire, "message.marks-corrected"),
    )
    assert details(marked + corrected) == [{"marks": "disclosure"}, {"marks": ""}]
    assert {row.subject_id for row in marked + corrected} == {message.id}
    assert {row.actor_id for row in marked + corrected} == {officer.id}
    # To see the message on the page for marking is a consultation like any other.
    assert len(audited(northshire, "message.consulted")) >= 2


def test_a_disclosure_is_a_task_for_officer_supervisor_and_contact_bureau(
    northshire: Portal, victim: Joined, reader: Visitor
) -> None:
    victim.writes(WORDS)
    page = marks(reader, victim, DISCLOSURE)
    task = "The victim told of another crime or of harm"

    assert task in page.words
    assert task in reader.see("/officer/inbox").words
    for number, role in enumerate((Role.SUPERVISOR, Role.CONTACT_BUREAU)):
        other = northshire.officer_signs_in(account(northshire, role, collar=str(9100 + number)))
        assert task in other.see("/officer/tasks").words
    marks(reader, victim, DISCLOSURE, WITHDRAWAL)
    assert open_tasks(northshire, victim.case["reference"]) == [DISCLOSURE, WITHDRAWAL]


def test_a_supervisor_and_the_contact_bureau_mark_with_a_reason_and_others_cannot(
    northshire: Portal, victim: Joined
) -> None:
    victim.writes(WORDS)
    url = f"{officers_url(victim)}/messages/1/marks"
    for number, role in enumerate((Role.SUPERVISOR, Role.CONTACT_BUREAU)):
        someone = northshire.officer_signs_in(account(northshire, role, collar=str(9100 + number)))
        page = gives_reason(someone, url)
        assert page.h1 == f"Case {victim.case['reference']}"
        kinds = (DISCLOSURE, COMPLAINT)[: number + 1]
        assert "are saved" in marks(someone, victim, *kinds).words
    for number, role in enumerate((Role.OFFICER, Role.FORCE_ADMIN, Role.AUDITOR)):
        someone = northshire.officer_signs_in(account(northshire, role, collar=str(9200 + number)))
        assert someone.get(url).status_code == 404
    assert victim.visitor.get(url).status_code == 404


def test_the_officer_complained_about_sees_neither_the_task_nor_the_mark(
    northshire: Portal, victim: Joined, reader: Visitor
) -> None:
    victim.writes("He never calls me back, and he was rude")
    desk = northshire.officer_signs_in(account(northshire, Role.CONTACT_BUREAU, collar="9100"))
    gives_reason(desk, officers_url(victim))
    marks(desk, victim, COMPLAINT)

    task = "Look at a complaint about the officer or the police"
    assert COMPLAINS in shown_beside(desk, victim)
    url = desk.see("/officer/tasks").link(task)
    for place in ("/officer/inbox", "/officer/tasks", officers_url(victim)):
        assert task not in reader.see(place).words
    assert reader.get(url).status_code == 404
    assert COMPLAINS not in shown_beside(reader, victim)
    page = reader.see(f"{officers_url(victim)}/messages/1/marks")
    assert "How it was marked" not in page.words

    # What the officer marks leaves the complaint where it is.
    marks(reader, victim, DISCLOSURE)
    assert TELLS in shown_beside(desk, victim)
    assert COMPLAINS in shown_beside(desk, victim)
    assert COMPLAINS not in shown_beside(reader, victim)


def test_an_officer_can_mark_a_complaint_and_never_take_it_off(
    northshire: Portal, victim: Joined, reader: Visitor
) -> None:
    victim.writes("I want to complain about you")
    page = marks(reader, victim, COMPLAINT)
    assert "Look at a complaint" not in page.words
    assert COMPLAINS in shown_beside(reader, victim)

    refused = marks(reader, victim, DISCLOSURE)
    assert refused.error_messages == [
        "Only a supervisor or the contact team can take a complaint off"
    ]
    desk = northshire.officer_signs_in(account(northshire, Role.SUPERVISOR, collar="9100"))
    gives_reason(desk, officers_url(victim))
    marks(desk, victim)
    assert COMPLAINS not in shown_beside(desk, victim)
