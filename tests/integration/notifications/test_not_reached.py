"""Who is not reached online is told to the officer, once each, to be reached in the agreed way."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from app import clock
from app.accounts.models import VictimAddress
from app.audit.vocabulary import Action
from app.cases.models import Enrolment, TaskKind
from app.cases.not_reached import note_unused_invitations
from app.messages.not_reached import note_unread_messages
from app.sign_in.absence import note_absent_people
from tests.factories.facts import case_json
from tests.integration.messages.steps import replies
from tests.integration.notifications.steps import (
    assessed_now,
    comes_back,
    later,
    refuses,
    says,
    tasks,
)
from tests.integration.sign_in.steps import recorded
from tests.portal import OfficerAccount, Portal


def test_an_invitation_that_nobody_used_for_seven_days(
    northshire: Portal, officer: OfficerAccount
) -> None:
    case = case_json()
    northshire.tell(case)
    northshire.invite(case)
    with later(days=6.9):
        northshire.work()
    assert tasks(northshire, TaskKind.INVITATION_UNUSED) == []
    for days in (7.1, 8, 20):
        with later(days=days):
            northshire.work()
    [task] = tasks(northshire, TaskKind.INVITATION_UNUSED)
    assert task.case_id == northshire.case_id(case["reference"])
    page = northshire.officer_signs_in(officer).see(f"/officer/tasks/{task.id}")
    assert "Not reached online" in page.words
    assert "Use the way that you agreed" in page.words


def test_no_task_for_an_invitation_that_was_used_or_replaced(
    northshire: Portal, officer: OfficerAccount
) -> None:
    northshire.join()
    case = case_json()
    northshire.tell(case)
    northshire.invite(case)
    with later(days=5):
        northshire.work()
        northshire.invite(case)
    with later(days=8):
        northshire.work()
    assert tasks(northshire, TaskKind.INVITATION_UNUSED) == []
    with later(days=12.1):
        northshire.work()
    assert len(tasks(northshire, TaskKind.INVITATION_UNUSED)) == 1


def test_an_invitation_to_an_address_that_is_not_there(
    northshire: Portal, officer: OfficerAccount
) -> None:
    case = case_json()
    northshire.tell(case)
    refuses(northshire, "invitation")
    try:
        northshire.invite(case)
    except IndexError:
        northshire.work()
    case_id = northshire.case_id(case["reference"])
    assert len(tasks(northshire, TaskKind.ADDRESS_BOUNCED, case_id)) == 1


def test_a_message_that_nobody_read_for_three_days(
    northshire: Portal, officer: OfficerAccount
) -> None:
    victim, noise = northshire.join(), northshire.join()
    inbox = northshire.officer_signs_in(officer)
    says(inbox, victim, "First")
    says(inbox, noise, "Read at once")
    noise.visitor.see(noise.url)
    with later(days=2):
        # What follows something unread begins no new wait.
        northshire.work()
    with later(days=2, hours=3):
        replies(northshire, officer, victim, "Second")
        northshire.work()
    assert tasks(northshire, TaskKind.MESSAGE_UNREAD) == []
    for days in (3.1, 3.5, 6, 9):
        with later(days=days):
            northshire.work()
    [task] = tasks(northshire, TaskKind.MESSAGE_UNREAD)
    assert task.case_id == victim.case_id


def test_somebody_who_reads_and_then_does_not_is_told_of_again(
    northshire: Portal, officer: OfficerAccount
) -> None:
    victim = northshire.join()
    replies(northshire, officer, victim, "First")
    with later(days=2.9):
        comes_back(northshire, victim)
        replies(northshire, officer, victim, "Second")
    with later(days=5):
        northshire.work()
    assert tasks(northshire, TaskKind.MESSAGE_UNREAD) == []
    with later(days=6):
        northshire.work()
    assert len(tasks(northshire, TaskKind.MESSAGE_UNREAD)) == 1


def test_a_hold_has_its_own_task_and_no_other(northshire: Portal, officer: OfficerAccount) -> None:
    victim = northshire.join()
    replies(northshire, officer, victim, "Hello")
    northshire.tell({**victim.case, "domesticAbuse": True})
    with later(days=30):
        northshire.work()
    assert tasks(northshire, TaskKind.MESSAGE_UNREAD) == []
    assert tasks(northshire, TaskKind.NOT_SEEN) == []
    assert len(tasks(northshire, TaskKind.SAFEGUARDING_HOLD)) == 1


def test_a_person_who_was_not_seen_for_28_days_once_for_each_absence(
    northshire: Portal, officer: OfficerAccount
) -> None:
    victim, noise = northshire.join(), northshire.join()
    with later(days=27):
        comes_back(northshire, noise)
        northshire.work()
    assert tasks(northshire, TaskKind.NOT_SEEN) == []
    for days in (28.1, 29, 54):
        with later(days=days):
            northshire.work()
    [task] = tasks(northshire, TaskKind.NOT_SEEN)
    assert task.case_id == victim.case_id
    with later(days=60):
        assessed_now(northshire, victim)
        comes_back(northshire, victim)
        northshire.work()
    with later(days=87):
        northshire.work()
    with northshire.database.writing() as session:
        # The officer did what the first one asked for.
        session.execute(update(type(task)).values(done_at=clock.now()))
    with later(days=89):
        northshire.work()
    found = tasks(northshire, TaskKind.NOT_SEEN, victim.case_id)
    assert len(found) == 2


def test_what_is_told_stands_on_the_audit_record(
    northshire: Portal, officer: OfficerAccount
) -> None:
    victim = northshire.join()
    replies(northshire, officer, victim, "Hello")
    with later(days=29):
        northshire.work()
    rows = recorded(northshire, Action.NOT_REACHED)
    assert [row.details for row in rows] == [{"why": "message-unread"}, {"why": "not-seen"}]
    assert {row.case_id for row in rows} == {victim.case_id}


def test_each_look_is_over_when_it_has_looked_at_all(
    northshire: Portal, officer: OfficerAccount
) -> None:
    northshire.join()
    with later(days=40):
        now = clock.now()
        note_absent_people(northshire.database, now)
        assert note_absent_people(northshire.database, now) == 0
        assert note_unread_messages(northshire.database, now) == 0
        assert note_unused_invitations(northshire.database, now) == 0
    with northshire.database.reading() as session:
        due = session.scalars(select(Enrolment.look_at)).all()
    assert all(each is not None and each > now + timedelta(days=27) for each in due)


def test_a_code_that_an_address_refuses_tells_the_officer_too(
    northshire: Portal, officer: OfficerAccount
) -> None:
    victim = northshire.join()
    refuses(northshire, "sign-in-code")
    someone = northshire.visitor()
    page = someone.see("/sign-in")
    someone.send(page.form("Continue"), address=victim.case["victim"]["email"])
    northshire.work()
    assert len(tasks(northshire, TaskKind.ADDRESS_BOUNCED, victim.case_id)) == 1
    with northshire.database.reading() as session:
        bounced = session.scalars(
            select(VictimAddress.channel).where(VictimAddress.bounced_at.is_not(None))
        ).all()
    assert bounced == ["email"]
