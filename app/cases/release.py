"""Letting the victim see a status: always an officer's own act."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.accounts.viewers import OfficerViewer
from app.audit import actions as audit
from app.audit.vocabulary import Action
from app.cases.models import Case
from app.cases.queries import lock_case
from app.cases.status import can_be_released


def release_status(session: Session, case: Case, viewer: OfficerViewer, status: str) -> bool:
    """Show the victim this status; False where the case has another one by now."""
    lock_case(session, case)
    if case.status != status or not can_be_released(case.status, case.released_status):
        return False
    case.released_status = status
    audit.record(
        session,
        Action.STATUS_RELEASED,
        viewer.actor,
        force_id=case.force_id,
        case_id=case.id,
        status=status,
    )
    return True
