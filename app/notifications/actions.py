"""Owing a notice, and taking it back."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from app import clock
from app.audit import actions as audit
from app.audit.vocabulary import WORKER, Action
from app.database import add_sealed
from app.notifications.models import Notice, NoticeState
from app.notifications.templates import UPDATE, URGENT


def owe(  # noqa: PLR0913 - each says one thing of the notice
    session: Session,
    template: str,
    *,
    channel: str,
    to: str,
    context: dict[str, str] | None = None,
    language: str = "en",
    force_id: UUID | None = None,
    case_id: UUID | None = None,
    victim_id: UUID | None = None,
    officer_id: UUID | None = None,
    subject_id: UUID | None = None,
    due_at: datetime | None = None,
    expires_at: datetime | None = None,
    repeats_id: UUID | None = None,
) -> Notice:
    """Owe one notice in this transaction; a worker hands it over.

    `channel` is "email", "sms" or "push", `to` the normalised address or the push service's,
    `context` what the text needs.
    """
    now = clock.now()
    notice = add_sealed(
        session,
        Notice(
            template=template,
            channel=channel,
            language=language,
            force_id=force_id,
            case_id=case_id,
            victim_id=victim_id,
            officer_id=officer_id,
            subject_id=subject_id,
            created_at=now,
            due_at=due_at or now,
            expires_at=expires_at,
            repeats_id=repeats_id,
        ),
    )
    notice.to = to
    notice.context = json.dumps(context or {})
    return notice


def cancel_for_case(session: Session, case_id: UUID) -> int:
    """Cancel what is still owed to people about a case; the number of notices that were. What goes
    to the force's urgent desk stays: danger is no reason to be silent there. The officer has the
    task of the hold."""
    return _cancel(
        session, select(Notice.id).where(Notice.case_id == case_id, Notice.template != URGENT)
    )


def cancel_for_victim(session: Session, victim_id: UUID) -> int:
    return _cancel(session, select(Notice.id).where(Notice.victim_id == victim_id))


def cancel_updates(session: Session, victim_id: UUID) -> int:
    """Cancel what is owed about news; codes that the victim asked for stay."""
    return _cancel(
        session,
        select(Notice.id).where(Notice.victim_id == victim_id, Notice.template == UPDATE),
    )


def _cancel(session: Session, which: Select[UUID]) -> int:
    now = clock.now()
    cancelled = session.execute(
        update(Notice)
        .where(Notice.id.in_(which), Notice.state == NoticeState.OWED.value)
        .values(
            state=NoticeState.CANCELLED.value,
            ended_at=now,
            wrapped_key=None,
            to_sealed=None,
            context_sealed=None,
        )
        .returning(Notice.id, Notice.force_id, Notice.case_id, Notice.template, Notice.channel)
    ).all()
    for notice_id, force_id, case_id, template, channel in cancelled:
        audit.record(
            session,
            Action.NOTICE_CANCELLED,
            WORKER,
            force_id=force_id,
            case_id=case_id,
            subject_id=notice_id,
            template=template,
            channel=channel,
            problem="withdrawn",
        )
    return len(cancelled)
