"""Telling people that there is something to read, and the last look before a notice goes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import PUSH, Officer, PushSubscription, Victim, VictimAddress
from app.accounts.rules import quiet_until
from app.accounts.telling import notice_address, wants_notices
from app.cases.models import Case, Enrolment, Invitation
from app.cases.queries import why_case_is_not_open
from app.cases.rules import feed_is_fresh
from app.forces.queries import feed_of_record
from app.messages.models import Conversation, Message
from app.messages.open_pages import page_may_be_open
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

AN_OPEN_PAGE_ASKS_WITHIN: Final = timedelta(seconds=12)
"""For news, while somebody is there, and with the way of the answer. What is still unread then is
on no page that somebody reads."""
ASK_AGAIN_AFTER: Final = timedelta(minutes=1)
REPEATED_AFTER: Final = timedelta(days=3)
"""Once, if the victim has not come by then."""


def owe_notice_about(
    session: Session, conversation: Conversation, message: Message, now: datetime
) -> None:
    """Owe the other side a notice, unless one is on its way or has not been followed up."""
    if message.author_kind == "victim":
        _owe_to_officer(session, conversation)
    else:
        _owe_to_victim(session, conversation, now)


def owe_notice_to_new_officer(session: Session, conversation: Conversation) -> None:
    """The case has another officer, or its first one: they are told if the victim waits."""
    if conversation.waiting_since is None:
        return
    is_owed = session.scalar(
        select(Notice.id)
        .where(
            Notice.case_id == conversation.case_id,
            Notice.officer_id == conversation.officer_id,
            Notice.template == OFFICER_UPDATE,
            Notice.state == NoticeState.OWED.value,
        )
        .limit(1)
    )
    if is_owed is None:
        _owe_officer_update(session, conversation)


def _owe_to_officer(session: Session, conversation: Conversation) -> None:
    # One for as long as the victim waits: the inbox shows the rest.
    if conversation.waiting_since is None:
        _owe_officer_update(session, conversation)


def _owe_officer_update(session: Session, conversation: Conversation) -> None:
    officer = session.get(Officer, conversation.officer_id) if conversation.officer_id else None
    address = (officer.email or officer.work_email) if officer else None
    if officer is None or address is None:
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
    """One until the next visit, and the same again after three days."""
    victim = session.get_one(Victim, conversation.victim_id)
    if not wants_notices(victim, now) or _is_told(session, victim, counts_owed=True):
        return
    address = notice_address(session, victim)
    if address is None:
        return
    first = _owe_update(session, conversation, victim, address)
    _owe_update(session, conversation, victim, address, repeats=first, due_at=now + REPEATED_AFTER)


def _owe_update(
    session: Session,
    conversation: Conversation,
    victim: Victim,
    address: VictimAddress | PushSubscription,
    *,
    repeats: Notice | None = None,
    due_at: datetime | None = None,
) -> Notice:
    return owe(
        session,
        UPDATE,
        channel=address.channel,
        to=address.value or "",
        language=victim.speaks,
        force_id=conversation.force_id,
        case_id=conversation.case_id,
        victim_id=victim.id,
        subject_id=address.id,
        due_at=due_at,
        repeats_id=repeats.id if repeats else None,
    )


def _last_visit(session: Session, victim: Victim) -> datetime | None:
    return session.scalar(
        select(func.max(Conversation.victim_read_at)).where(Conversation.victim_id == victim.id)
    )


def _is_told(session: Session, victim: Victim, *, counts_owed: bool) -> bool:
    """Whether the victim was told since their last visit; or is going to be (`counts_owed`)."""
    last_visit = _last_visit(session, victim)
    is_told = Notice.state == NoticeState.HANDED_OVER.value
    if last_visit is not None:
        is_told = and_(is_told, Notice.ended_at > last_visit)
    is_owed = and_(Notice.state == NoticeState.OWED.value, Notice.repeats_id.is_(None))
    told = select(Notice.id).where(
        Notice.victim_id == victim.id,
        Notice.template == UPDATE,
        or_(is_told, is_owed) if counts_owed else is_told,
    )
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
    if victim is None or not _still_goes_there(session, victim, notice, now):
        return False
    case = next(
        (each for each in _open_cases_locked(session, notice, now) if each.id == notice.case_id),
        None,
    )
    if case is None or (notice.channel == PUSH and not case.force.settings.push):
        return False
    conversation = session.scalar(
        select(Conversation).where(
            Conversation.case_id == notice.case_id, Conversation.victim_id == victim.id
        )
    )
    if conversation is None or conversation.victim_read_to >= conversation.last_sequence:
        return False
    turn = _is_its_turn(session, victim, notice, now)
    if turn is not True:
        return turn
    later = _not_before(session, victim, conversation, now)
    return later or _once_feed_is_fresh(session, case, now)


def _still_goes_there(session: Session, victim: Victim, notice: Notice, now: datetime) -> bool:
    """Whether the victim wants to be told, and where this notice goes."""
    address = notice_address(session, victim) if wants_notices(victim, now) else None
    return address is not None and address.value == notice.to


def _is_its_turn(
    session: Session, victim: Victim, notice: Notice, now: datetime
) -> datetime | bool:
    """One until the next visit; its repeat three days after it, unless they came meanwhile."""
    if notice.repeats_id is None:
        return not _is_told(session, victim, counts_owed=False)
    first = session.get(Notice, notice.repeats_id)
    if first is None:
        return False
    if first.state == NoticeState.OWED.value:
        return max(first.due_at, now) + REPEATED_AFTER
    last_visit = _last_visit(session, victim)
    if first.state != NoticeState.HANDED_OVER.value or first.ended_at is None:
        return False
    if last_visit is not None and last_visit >= first.ended_at:
        return False
    due_at = first.ended_at + REPEATED_AFTER
    return due_at if now < due_at else True


def _not_before(
    session: Session, victim: Victim, conversation: Conversation, now: datetime
) -> datetime | None:
    """When to look again, if the victim may be reading just now or wants to hear nothing now."""
    pause_ends = victim.notices_paused_until
    if page_may_be_open(conversation.victim_page_at, now):
        unread_since = session.scalar(
            select(func.min(Message.sent_at)).where(
                Message.conversation_id == conversation.id,
                Message.sequence > conversation.victim_read_to,
                Message.author_kind != "victim",
            )
        )
        shown_by = unread_since + AN_OPEN_PAGE_ASKS_WITHIN if unread_since else now
        if now < shown_by:
            return shown_by
    if pause_ends is not None and now < pause_ends:
        return pause_ends
    return quiet_until(victim.quiet_from, victim.quiet_to, now)


def _officer_update_may_go(session: Session, notice: Notice) -> bool:
    case = _case_locked(session, notice)
    if case is None or case.held_at is not None:
        # The officer has the tasks of the hold.
        return False
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
