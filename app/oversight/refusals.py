"""Audit of refusals: somebody signed in asked for what is not theirs, and was told it is not there.

One place for every address, so that a new one cannot forget it.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Flask, Response, current_app, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.signed_in import viewer_or_none
from app.accounts.viewers import OfficerViewer, VictimViewer, Viewer
from app.audit import actions as audit
from app.audit.vocabulary import Action, Actor
from app.cases.models import Case, Enrolment, Task
from app.web.access import is_private
from app.web.transactions import database, db
from app.web.values import read_id

_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_NOT_THERE = 404


def init_app(app: Flask) -> None:
    app.after_request(_note)


def _note(response: Response) -> Response:
    view = current_app.view_functions.get(request.endpoint or "")
    if response.status_code != _NOT_THERE or view is None or not is_private(view):
        return response
    viewer = viewer_or_none()
    if viewer is not None:
        # Asked with the reading session, so that an address of nothing writes nothing.
        force_id, case_id = _whose(db(), viewer)
        if force_id is not None:
            _record(viewer, force_id, case_id)
    return response


def _whose(session: Session, viewer: Viewer) -> tuple[UUID | None, UUID | None]:
    """The force and case that were asked for; None where there is no such case, or it is a
    victim's own that is closed to them."""
    named = request.view_args or {}
    if "task_id" in named:
        case_id = session.scalar(
            select(Task.case_id).where(Task.id == read_id(str(named["task_id"])))
        )
    elif "case_id" in named:
        case_id = read_id(str(named["case_id"]))
    else:
        # A page for another role, or for another kind of person.
        return (viewer.force_id if isinstance(viewer, OfficerViewer) else None), None
    force_id = session.scalar(select(Case.force_id).where(Case.id == case_id))
    if force_id is None or (isinstance(viewer, VictimViewer) and _joined(session, viewer, case_id)):
        return None, None
    return force_id, case_id


def _joined(session: Session, viewer: VictimViewer, case_id: UUID | None) -> bool:
    found = session.scalar(
        select(Enrolment.id).where(
            Enrolment.case_id == case_id,
            Enrolment.victim_id == viewer.id,
            Enrolment.ended_at.is_(None),
        )
    )
    return found is not None


def _record(viewer: Viewer, force_id: UUID, case_id: UUID | None) -> None:
    if request.method in _READS:
        with database().writing() as session:
            _append(session, viewer, force_id, case_id)
    else:
        _append(db(), viewer, force_id, case_id)


def _append(session: Session, viewer: Viewer, force_id: UUID, case_id: UUID | None) -> None:
    """A row for the force whose case it is, and one for the force of who asked, each without what
    is the other's."""
    asked: dict[str, Any] = {"address": request.endpoint or "", "method": request.method}
    refused = Action.ACCESS_REFUSED
    if isinstance(viewer, OfficerViewer) and viewer.force_id != force_id:
        theirs: dict[str, Any] = {"force_id": force_id, "case_id": case_id}
        audit.record(session, refused, Actor("officer"), from_elsewhere=True, **theirs, **asked)
        audit.record(session, refused, viewer.actor, elsewhere=True, **asked)
        return
    audit.record(session, refused, viewer.actor, force_id=force_id, case_id=case_id, **asked)
