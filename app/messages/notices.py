"""Telling people that there is something to read, and the last look before a notice goes."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Officer, Victim
from app.cases.models import Case, Enrolment, Invitation
from app.cases.queries import why_case_is_not_open
from app.cases.rules import feed_is_fresh
from app.forces.queries import feed_of_record
from app.messages.models import Conversation, Message
from app.notifications.actions import owe
from app.notifications.models import Notice, NoticeState
from app.notifications.templates import (
    ADDRESS_CODE,
    INVITATION,
    OFFICER_UPDATE,
    SIGN_IN_CODE,
    UPDATE,
    URGENT,
)

CONFIRMATION_LASTS = timedelta(days=90)
IS_READING_FOR = timedelta(minutes=2)
ASK_AGAIN_AFTER = timedelta(minutes=1)


def owe_notice_about(
    session: Session, conversation: Conversation, message: Message, now: datetime
) -> None:
    """Owe the other side a notice, unless one is on its way or has not been followed up."""
    if message.author_kind == "victim":
        _owe_to_officer(session, conversation)
    else:
        _owe_to_victim(session, conversation, now)


def _owe_to_officer(session: Session, conversation: Conversation) -> None:
    officer = session.get(Officer, conversation.officer_id) if conversation.officer_id else None
    address = (officer.email or officer.work_email) if officer else None
    # One for as long as the victim waits: the inbox shows the rest.
    if officer is None or address is None or conversation.waiting_since is not None:
        return
    owe(
        session,
        OFFICER_UPDATE,
        channel="email",
        to=address,
        force_id=conversation.force_id,
        case_id=conversation.case_id,
        officer_id=officer.id,
    )


def _owe_to_victim(session: Session, conversation: Conversation, now: datetime) -> None:
    victim = session.get_one(Victim, conversation.victim_id)
    on_its_way = (NoticeState.OWED, NoticeState.HANDED_OVER)
    if not wants_notices(victim, now) or _was_told_since_last_visit(session, victim, on_its_way):
        return
    address = next(
        (each.value for each in victim.addresses if each.channel == victim.notice_channel), None
    )
    if address is None or victim.notice_channel is None:
        return
    owe(
        session,
        UPDATE,
        channel=victim.notice_channel,
        to=address,
        language=victim.language,
        force_id=conversation.force_id,
        case_id=conversation.case_id,
        victim_id=victim.id,
    )


def wants_notices(victim: Victim, now: datetime) -> bool:
    """Only after the victim chose a channel and said, within 90 days, that only they see it."""
    return (
        victim.closed_at is None
        and victim.notice_channel is not None
        and victim.notices_confirmed_at is not None
        and now - victim.notices_confirmed_at < CONFIRMATION_LASTS
    )


def _was_told_since_last_visit(
    session: Session, victim: Victim, states: tuple[NoticeState, ...]
) -> bool:
    last_visit = session.scalar(
        select(func.max(Conversation.victim_read_at)).where(Conversation.victim_id == victim.id)
    )
    told = select(Notice.id).where(
        Notice.victim_id == victim.id,
        Notice.template == UPDATE,
        Notice.state.in_([state.value for state in states]),
    )
    if last_visit is not None:
        told = told.where(Notice.created_at > last_visit)
    return session.scalar(told.limit(1)) is not None


def may_still_go(session: Session, notice: Notice, now: datetime) -> datetime | bool:
    """The last look before hand-over, under the locks of the cases that decide it.

    True, False, or the time at which to ask again (the person is reading just now).
    """
    if notice.template == INVITATION:
        return _invitation_may_go(session, notice, now)
    if notice.template in {SIGN_IN_CODE, ADDRESS_CODE}:
        return bool(_open_cases_locked(session, notice, now))
    if notice.template == UPDATE:
        return _update_may_go(session, notice, now)
    if notice.template == URGENT:
        # Names nobody and no case, and must not depend on how the case stands.
        return True
    return _officer_update_may_go(session, notice)


def _invitation_may_go(session: Session, notice: Notice, now: datetime) -> datetime | bool:
    case = _case_locked(session, notice)
    if case is None or why_case_is_not_open(session, case, now) is not None:
        return False
    invitation = session.get(Invitation, notice.subject_id) if notice.subject_id else None
    if invitation is None or invitation.used_at is not None or invitation.revoked_at is not None:
        return False
    return _once_feed_is_fresh(session, case, now)


def _update_may_go(session: Session, notice: Notice, now: datetime) -> datetime | bool:
    # Two notices to one person, at two workers, are looked at one after the other. A hold that has
    # this account waits for the notice's row next: to wait for it here would end in a deadlock.
    victim = session.scalar(
        select(Victim)
        .where(Victim.id == notice.victim_id)
        .with_for_update(key_share=True, nowait=True)
    )
    if victim is None or not wants_notices(victim, now) or victim.notice_channel != notice.channel:
        return False
    case = next(
        (each for each in _open_cases_locked(session, notice, now) if each.id == notice.case_id),
        None,
    )
    if case is None:
        return False
    conversation = session.scalar(
        select(Conversation).where(
            Conversation.case_id == notice.case_id, Conversation.victim_id == victim.id
        )
    )
    if conversation is None or conversation.victim_read_to >= conversation.last_sequence:
        return False
    if _was_told_since_last_visit(session, victim, (NoticeState.HANDED_OVER,)):
        return False
    read_at = conversation.victim_read_at
    if read_at is not None and now - read_at < IS_READING_FOR:
        return read_at + IS_READING_FOR
    return _once_feed_is_fresh(session, case, now)


def _officer_update_may_go(session: Session, notice: Notice) -> bool:
    officer = session.get(Officer, notice.officer_id) if notice.officer_id else None
    waiting = session.scalar(
        select(Conversation.id).where(
            Conversation.case_id == notice.case_id,
            Conversation.officer_id == notice.officer_id,
            Conversation.waiting_since.is_not(None),
        )
    )
    return officer is not None and officer.is_active and waiting is not None


def _once_feed_is_fresh(session: Session, case: Case, now: datetime) -> datetime | bool:
    """True, or when to look again: of what we have not heard of lately nobody is told. Codes still
    go, since their person asked for them and cases are open a while longer."""
    feed = feed_of_record(session, case.force)
    hours = case.force.settings.stale_after_hours
    if feed_is_fresh(feed.fresh_at if feed else None, hours, now):
        return True
    return now + ASK_AGAIN_AFTER


def _open_cases_locked(session: Session, notice: Notice, now: datetime) -> list[Case]:
    """The victim's cases that are open now; all of the victim's cases are locked, in the same
    order in which a hold locks them.

    Who holds a lock here waits for nothing else: a report that is just being read has them first,
    and this notice is looked at again in the next round.
    """
    cases = session.scalars(
        select(Case)
        .join(Enrolment, Enrolment.case_id == Case.id)
        .where(Enrolment.victim_id == notice.victim_id, Enrolment.ended_at.is_(None))
        .order_by(Case.id)
        .with_for_update(of=Case, read=True, nowait=True)
        .execution_options(populate_existing=True)
    ).all()
    return [case for case in cases if why_case_is_not_open(session, case, now) is None]


def _case_locked(session: Session, notice: Notice) -> Case | None:
    return session.scalar(
        select(Case)
        .where(Case.id == notice.case_id)
        .with_for_update(of=Case, read=True, nowait=True)
        .execution_options(populate_existing=True)
    )
