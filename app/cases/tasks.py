"""Tasks: what a person of the force has to do about a case."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cases.models import Case, Task, TaskKind


def open_task(
    session: Session,
    case: Case,
    kind: TaskKind,
    now: datetime,
    *,
    due_at: datetime | None = None,
    subject_id: UUID | None = None,
) -> None:
    """Open a task unless the same one about the same thing is open already."""
    same = session.scalar(
        select(Task.id).where(
            Task.case_id == case.id,
            Task.kind == kind.value,
            Task.done_at.is_(None),
            Task.subject_id.is_(None) if subject_id is None else Task.subject_id == subject_id,
        )
    )
    if same is not None:
        return
    session.add(
        Task(
            case_id=case.id,
            force_id=case.force_id,
            kind=kind.value,
            made_at=now,
            due_at=due_at or now + timedelta(days=1),
            subject_id=subject_id,
        )
    )


def open_task_kinds(session: Session, case_id: UUID) -> list[TaskKind]:
    kinds = session.scalars(
        select(Task.kind).where(Task.case_id == case_id, Task.done_at.is_(None)).order_by(Task.kind)
    )
    return [TaskKind(kind) for kind in kinds]
