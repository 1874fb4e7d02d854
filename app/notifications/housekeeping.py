"""Handing owed notices over, each after a last look at whether it still may go."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import actions as audit
from app.audit.vocabulary import WORKER, Action
from app.database import Database
from app.notifications.models import Notice, NoticeState
from app.notifications.senders import CannotSend, Letter, Sender
from app.notifications.templates import INVITATION, Text, write

MayStillGo = Callable[[Session, Notice, datetime], datetime | bool]
"""Locks what decides and answers: True, False (cancel), or a later time to ask again."""

GIVE_UP_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class HandOver:
    """What handing notices over needs."""

    sender: Sender
    public_url: str
    may_still_go: MayStillGo


def hand_over_due(database: Database, hand_over: HandOver, now: datetime) -> int:
    """Hand over everything due, one transaction a notice; the number handed over."""
    done = 0
    with database.reading() as session:
        due = session.scalars(
            select(Notice.id)
            .where(Notice.state == NoticeState.OWED.value, Notice.due_at <= now)
            .order_by(Notice.due_at)
            .limit(200)
        ).all()
    for notice_id in due:
        with database.writing() as session:
            done += _hand_over_one(session, notice_id, hand_over, now)
    return done


def _hand_over_one(session: Session, notice_id: UUID, hand_over: HandOver, now: datetime) -> bool:
    notice = session.scalar(
        select(Notice)
        .where(Notice.id == notice_id, Notice.state == NoticeState.OWED.value)
        .with_for_update(skip_locked=True)
    )
    if notice is None or notice.due_at > now:
        return False
    if notice.expires_at is not None and notice.expires_at <= now:
        _end(session, notice, NoticeState.CANCELLED, now, problem="expired")
        return False
    # The case's lock is held from this look until the sender has it: a hold comes before or after.
    verdict = hand_over.may_still_go(session, notice, now)
    if isinstance(verdict, datetime):
        notice.due_at = verdict
        return False
    if not verdict:
        _end(session, notice, NoticeState.CANCELLED, now, problem="may-not-go")
        return False
    try:
        hand_over.sender.send(_letter(notice, hand_over.public_url))
    except CannotSend as error:
        _after_failure(session, notice, error, now)
        return False
    _end(session, notice, NoticeState.HANDED_OVER, now, problem=None)
    return True


def _letter(notice: Notice, public_url: str) -> Letter:
    context: dict[str, object] = json.loads(notice.context or "{}")
    return Letter(
        id=notice.id,
        created_at=notice.created_at,
        channel=notice.channel,
        to=notice.to or "",
        template=notice.template,
        text=_text(notice, context, public_url),
    )


def _text(notice: Notice, context: dict[str, object], public_url: str) -> Text:
    if notice.template == INVITATION:
        context = {"url": f"{public_url}/invitations/{context['token']}", "days": 7}
    return write(notice.template, notice.channel, notice.language, context)


def _after_failure(session: Session, notice: Notice, error: CannotSend, now: datetime) -> None:
    notice.attempts += 1
    notice.problem = error.why
    if error.for_good or now - notice.created_at > GIVE_UP_AFTER:
        _end(session, notice, NoticeState.FAILED, now, problem=error.why)
        return
    notice.due_at = now + timedelta(seconds=min(300, 2**notice.attempts))


def _end(
    session: Session, notice: Notice, state: NoticeState, now: datetime, *, problem: str | None
) -> None:
    """The end of a notice: its key, address and contents are gone, its fate stays."""
    notice.state = state.value
    notice.ended_at = now
    notice.problem = problem
    notice.wrapped_key = None
    notice.to_sealed = None
    notice.context_sealed = None
    handed_over = state is NoticeState.HANDED_OVER
    audit.record(
        session,
        Action.NOTICE_DISCLOSED if handed_over else Action.NOTICE_CANCELLED,
        WORKER,
        force_id=notice.force_id,
        case_id=notice.case_id,
        subject_id=notice.id,
        template=notice.template,
        channel=notice.channel,
        problem=problem,
    )
