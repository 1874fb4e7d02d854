"""Writing to the audit record, in the transaction of what it records."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from app import clock
from app.audit.models import AuditRow
from app.audit.vocabulary import Action, Actor


def record(
    session: Session,
    action: Action,
    actor: Actor,
    *,
    force_id: UUID | None = None,
    case_id: UUID | None = None,
    subject_id: UUID | None = None,
    **details: str | int | bool | None,
) -> None:
    """Append one row. `details` hold codes and counts, never personal data."""
    session.add(
        AuditRow(
            at=clock.now(),
            force_id=force_id or actor.force_id,
            actor_kind=actor.kind,
            actor_id=actor.id,
            action=action.value,
            case_id=case_id,
            subject_id=subject_id,
            details=details,
        )
    )
