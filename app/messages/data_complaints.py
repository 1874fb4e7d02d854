"""A victim complains about how the force handles their data.

The law gives the force 30 days to say that it has the complaint: the page says so at once, and a
task asks a person to pass it on. It is no message and goes onto no record, but what it says may be
as urgent.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.viewers import OfficerViewer, VictimViewer
from app.audit import actions as audit
from app.audit.vocabulary import Action
from app.cases.models import Case, DataComplaint, Task, TaskKind
from app.cases.tasks import open_task
from app.cases.working_days import end_of_working_day
from app.database import add_sealed
from app.messages.urgent import is_found_urgent, raise_attention

ANSWER_WITHIN = timedelta(days=30)
PASS_ON_WITHIN = 5
"""Working days."""
MOST_IN_A_DAY = 5

_ABOUT_COMPLAINTS = frozenset({TaskKind.DATA_COMPLAINT, TaskKind.URGENT_COMPLAINT})


class TooManyComplaints(Exception):
    """Complained very often in a day. Nothing was stored."""


def complain(
    session: Session, case: Case, viewer: VictimViewer, *, words: str, client_id: str, now: datetime
) -> DataComplaint:
    """Keep a complaint and open a task about it. The same client id and words store once.

    The caller holds the case's lock.

    Raises:
        TooManyComplaints: nothing was stored.
    """
    known = session.scalar(
        select(DataComplaint).where(
            DataComplaint.victim_id == viewer.id, DataComplaint.client_id == client_id
        )
    )
    if known is not None and known.words == words:
        return known
    if known is not None:
        # Other words are another complaint, though the form was the same.
        client_id = str(uuid4())
    _check_rate(session, case, now)
    complaint = add_sealed(
        session,
        DataComplaint(
            case_id=case.id,
            force_id=case.force_id,
            victim_id=viewer.id,
            client_id=client_id,
            made_at=now,
        ),
    )
    complaint.words = words
    session.flush()
    due_at = end_of_working_day(PASS_ON_WITHIN, after=now)
    open_task(session, case, TaskKind.DATA_COMPLAINT, now, due_at=due_at, subject_id=complaint.id)
    if is_found_urgent(case, words):
        raise_attention(session, case, complaint.id, now, TaskKind.URGENT_COMPLAINT)
    audit.record(
        session,
        Action.DATA_COMPLAINT_MADE,
        viewer.actor,
        force_id=case.force_id,
        case_id=case.id,
        subject_id=complaint.id,
    )
    return complaint


def newest_complaint(session: Session, case: Case, viewer: VictimViewer) -> DataComplaint | None:
    """The last complaint of this victim about this case."""
    return session.scalar(
        select(DataComplaint)
        .where(DataComplaint.case_id == case.id, DataComplaint.victim_id == viewer.id)
        .order_by(DataComplaint.made_at.desc())
        .limit(1)
    )


def complaint_of(session: Session, task: Task) -> DataComplaint | None:
    """The complaint that a task is about; None: it is about something else."""
    if task.kind not in _ABOUT_COMPLAINTS or task.subject_id is None:
        return None
    complaint = session.get(DataComplaint, task.subject_id)
    return complaint if complaint is not None and complaint.force_id == task.force_id else None


def words_of_complaint(session: Session, task: Task, viewer: OfficerViewer) -> str | None:
    """The complaint, for somebody who may do the task; None: erased. A consultation, so recorded:
    the session has to be one that writes."""
    complaint = complaint_of(session, task)
    if complaint is None or complaint.wrapped_key is None:
        return None
    audit.record(
        session,
        Action.REQUEST_CONSULTED,
        viewer.actor,
        force_id=complaint.force_id,
        case_id=complaint.case_id,
        subject_id=complaint.id,
    )
    return complaint.words


def _check_rate(session: Session, case: Case, now: datetime) -> None:
    made = session.scalar(
        select(func.count())
        .select_from(DataComplaint)
        .where(DataComplaint.case_id == case.id, DataComplaint.made_at > now - timedelta(days=1))
    )
    if (made or 0) >= MOST_IN_A_DAY:
        raise TooManyComplaints


def reference_of(complaint_id: UUID) -> str:
    """What the victim can quote: the complaint's number, short enough to be read out."""
    return complaint_id.hex[:8].upper()
