"""Tasks: what a person of the force has to do about a case."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
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
) -> bool:
    """Open a task unless the same one about the same thing is open already; whether it did."""
    same = session.scalar(
        select(Task.id).where(
            Task.case_id == case.id,
            Task.kind == kind.value,
            Task.done_at.is_(None),
            Task.subject_id.is_(None) if subject_id is None else Task.subject_id == subject_id,
        )
    )
    if same is not None:
        return False
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
    return True


def finish_tasks(
    session: Session, case_id: UUID, kinds: Iterable[TaskKind], subject_id: UUID, now: datetime
) -> None:
    """What these tasks asked for has come about."""
    session.execute(
        update(Task)
        .where(
            Task.case_id == case_id,
            Task.kind.in_([kind.value for kind in kinds]),
            Task.subject_id == subject_id,
            Task.done_at.is_(None),
        )
        .values(done_at=now)
    )


def open_task_kinds(session: Session, case_id: UUID) -> list[TaskKind]:
    kinds = session.scalars(
        select(Task.kind).where(Task.case_id == case_id, Task.done_at.is_(None)).order_by(Task.kind)
    )
    return [TaskKind(kind) for kind in kinds]
