"""What a victim asked for, on the page of the task that it opened."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from app import clock
from app.accounts.signed_in import officer
from app.cases.access import is_in_charge, way_into
from app.cases.models import Task
from app.cases.queries import has_given_reason, ties_of
from app.messages.calling import request_of, words_of_request
from app.messages.data_complaints import complaint_of, words_of_complaint
from app.web.transactions import database, db, is_writing


def words_asked(task: Task) -> str | None:
    """The words of the request or complaint that a task is about; None: it is about something
    else, or its viewer has yet to say what they open the case for."""
    viewer = officer()
    if complaint_of(db(), task) is not None:
        return _recorded(lambda session: words_of_complaint(session, task, viewer))
    if request_of(db(), task) is not None and _may_read(task):
        return _recorded(lambda session: words_of_request(session, task, viewer))
    return None


def waits_for_reason(task: Task) -> bool:
    """Whether there are words that this viewer sees after they gave a reason."""
    return request_of(db(), task) is not None and not _may_read(task)


def _recorded(read: Callable[[Session], str | None]) -> str | None:
    """Showing words is a consultation, and recorded. A GET's session only reads, so it is done in
    a transaction of its own."""
    if is_writing():
        return read(db())
    with database().writing() as session:
        return read(session)


def _may_read(task: Task) -> bool:
    viewer = officer()
    if is_in_charge(way_into(viewer, ties_of(task.case))):
        return True
    return has_given_reason(db(), viewer, task.case_id, clock.now())
