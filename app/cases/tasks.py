"""Tasks: what a person of the force has to do about a case."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, or_, select, true, update
from sqlalchemy.orm import Session, contains_eager, joinedload

from app.accounts.viewers import OfficerViewer, Role
from app.audit import actions as audit
from app.audit.vocabulary import Action
from app.cases.access import is_force_admin, may_see_task, sees_whole_force
from app.cases.models import ABOUT_OFFICER, FOR_FORCE_ADMIN, Case, Task, TaskKind
from app.cases.queries import CaseNotOpen, ties_of
from app.cases.working_days import end_of_working_day

PAGE = 20
DONE_WITHIN = 1
"""Working days, where nothing else is said."""


def open_task(
    session: Session,
    case: Case,
    kind: TaskKind,
    now: datetime,
    *,
    due_at: datetime | None = None,
    subject_id: UUID | None = None,
    is_once: bool = False,
) -> bool:
    """Open a task unless the same one about the same thing is open already; whether it did.

    `is_once`: nor if it was done, since what it asked about has not changed since then.
    """
    same = session.scalar(
        select(Task.id)
        .where(
            Task.case_id == case.id,
            Task.kind == kind.value,
            true() if is_once else Task.done_at.is_(None),
            Task.subject_id.is_(None) if subject_id is None else Task.subject_id == subject_id,
        )
        .limit(1)
    )
    if same is not None:
        return False
    session.add(
        Task(
            case_id=case.id,
            force_id=case.force_id,
            kind=kind.value,
            made_at=now,
            due_at=due_at or end_of_working_day(DONE_WITHIN, after=now),
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


def tasks_for(
    session: Session,
    viewer: OfficerViewer,
    *,
    after: tuple[datetime, UUID] | None = None,
    most: int = PAGE + 1,
) -> list[Task]:
    """Open tasks that this person may do, the one due first first."""
    wanted = (
        select(Task)
        .join(Task.case)
        .where(Task.done_at.is_(None), Task.force_id == viewer.force_id, _theirs(viewer))
        .options(contains_eager(Task.case).joinedload(Case.officer))
    )
    if after is not None:
        due, last = after
        wanted = wanted.where((Task.due_at > due) | ((Task.due_at == due) & (Task.id > last)))
    return list(session.scalars(wanted.order_by(Task.due_at, Task.id).limit(most)))


def tasks_of_case(session: Session, viewer: OfficerViewer, case: Case) -> list[Task]:
    """The open tasks about a case, for this viewer who has opened it."""
    found = session.scalars(
        select(Task)
        .where(Task.case_id == case.id, Task.done_at.is_(None))
        .options(joinedload(Task.case))
        .order_by(Task.due_at, Task.id)
    )
    return [task for task in found if _is_theirs(viewer, task)]


def _theirs(viewer: OfficerViewer) -> ColumnElement[bool]:
    """What `access.may_see_task` says, of the tasks of the viewer's force."""
    is_about_officer = Task.kind.in_([kind.value for kind in ABOUT_OFFICER])
    # (Cover will be read here, as in `queries.ties_of`.)
    if sees_whole_force(viewer):
        return or_(~is_about_officer, Case.officer_id.is_(None), Case.officer_id != viewer.id)
    theirs: list[ColumnElement[bool]] = []
    if Role.OFFICER in viewer.roles:
        theirs.append(and_(Case.officer_id == viewer.id, ~is_about_officer))
    if is_force_admin(viewer):
        theirs.append(Task.kind.in_([kind.value for kind in FOR_FORCE_ADMIN]))
    return or_(false(), *theirs)


def task_as(
    session: Session, viewer: OfficerViewer, task_id: UUID, *, for_update: bool = False
) -> Task:
    """A task that this person may do, done or not.

    Raises:
        CaseNotOpen: unknown, or not theirs.
    """
    wanted = select(Task).where(Task.id == task_id, Task.force_id == viewer.force_id)
    if for_update:
        wanted = wanted.with_for_update(of=Task).execution_options(populate_existing=True)
    task = session.scalar(wanted.options(joinedload(Task.case, innerjoin=True)))
    if task is None or not _is_theirs(viewer, task):
        raise CaseNotOpen("not-theirs")
    return task


def _is_theirs(viewer: OfficerViewer, task: Task) -> bool:
    return may_see_task(
        viewer,
        ties_of(task.case),
        is_for_admin=task.kind in FOR_FORCE_ADMIN,
        is_about_officer=task.kind in ABOUT_OFFICER,
    )


def finish_task(
    session: Session, viewer: OfficerViewer, task: Task, outcome: str, now: datetime
) -> bool:
    """Somebody did it and says what came of it; False where somebody else was first.

    The task's row is locked by the caller.
    """
    if task.done_at is not None:
        return False
    task.done_at = now
    task.done_by_id = viewer.id
    task.make_key(session)
    task.outcome = outcome
    audit.record(
        session,
        Action.TASK_DONE,
        viewer.actor,
        force_id=task.force_id,
        case_id=task.case_id,
        subject_id=task.id,
        task=task.kind,
    )
    return True
