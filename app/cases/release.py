"""Letting the victim see a status: always an officer's own act."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.viewers import OfficerViewer
from app.audit import actions as audit
from app.audit.vocabulary import Action
from app.cases.models import Case, StatusRelease
from app.cases.queries import lock_case
from app.cases.status import can_be_released


def release_status(
    session: Session, case: Case, viewer: OfficerViewer, status: str, now: datetime
) -> bool:
    """Show the victim this status; False where the case has another one by now."""
    lock_case(session, case)
    if case.status != status or not can_be_released(case.status, case.released_status):
        return False
    case.released_status = status
    session.add(
        StatusRelease(case_id=case.id, force_id=case.force_id, status=status, released_at=now)
    )
    audit.record(
        session,
        Action.STATUS_RELEASED,
        viewer.actor,
        force_id=case.force_id,
        case_id=case.id,
        status=status,
    )
    return True


def told_since(session: Session, case: Case, since: datetime) -> Sequence[StatusRelease]:
    """What was released from then on, oldest first: what somebody who joined then was told."""
    return session.scalars(
        select(StatusRelease)
        .where(StatusRelease.case_id == case.id, StatusRelease.released_at >= since)
        .order_by(StatusRelease.released_at, StatusRelease.id)
    ).all()
