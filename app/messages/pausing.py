"""A supervisor pauses a victim's sending: nothing bounces, the contact bureau reads instead."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.viewers import OfficerViewer
from app.audit import actions as audit
from app.audit.vocabulary import WORKER, Action, Actor
from app.cases.models import Case, ReasonFor
from app.cases.reasons import keep_reason
from app.messages.actions import locked
from app.messages.models import Conversation
from app.messages.rules import LONGEST_PAUSE


def pause_sending(
    session: Session,
    case: Case,
    conversation_id: UUID,
    viewer: OfficerViewer,
    *,
    days: int,
    reason: str,
    now: datetime,
) -> datetime:
    """Let the victim's words go to the contact bureau for 1 to 7 days from now; until when.

    A pause that is on is replaced. Who may do this was asked before: `access.may_pause`.
    """
    lasts = timedelta(days=days)
    if not timedelta(0) < lasts <= LONGEST_PAUSE:
        raise ValueError(f"a pause of {days} days")
    conversation = locked(session, conversation_id)
    conversation.paused_until = now + lasts
    _tell_open_pages(conversation)
    audit.record(
        session,
        Action.SENDING_PAUSED,
        viewer.actor,
        force_id=case.force_id,
        case_id=case.id,
        subject_id=keep_reason(session, case, viewer, ReasonFor.PAUSING, reason, now),
        days=days,
    )
    return conversation.paused_until


def end_pause(session: Session, conversation_id: UUID, viewer: OfficerViewer) -> None:
    """End a pause before its time. Repeatable."""
    _end(session, locked(session, conversation_id), viewer.actor, why="ended")


def end_pauses_that_are_over(session: Session, now: datetime) -> None:
    """Housekeeping: note that pauses have ended by themselves, so that open pages say so."""
    over = session.scalars(
        select(Conversation.id).where(Conversation.paused_until <= now).order_by(Conversation.id)
    ).all()
    for conversation_id in over:
        conversation = locked(session, conversation_id)
        if conversation.paused_until is not None and conversation.paused_until <= now:
            _end(session, conversation, WORKER, why="over")


def _end(session: Session, conversation: Conversation, actor: Actor, *, why: str) -> None:
    if conversation.paused_until is None:
        return
    conversation.paused_until = None
    _tell_open_pages(conversation)
    audit.record(
        session,
        Action.SENDING_RESUMED,
        actor,
        force_id=conversation.force_id,
        case_id=conversation.case_id,
        why=why,
    )


def _tell_open_pages(conversation: Conversation) -> None:
    conversation.revision += 1
