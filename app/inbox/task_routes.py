"""Tasks: what somebody of the force has to do, and that it was done."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.accounts.signed_in import officer
from app.cases.access import way_into
from app.cases.models import Task
from app.cases.queries import CaseNotOpen, ties_of
from app.cases.tasks import PAGE, finish_task, task_as, tasks_for
from app.inbox import blueprint
from app.inbox.asked import waits_for_reason, words_asked
from app.inbox.forms import ByHandForm, DoneForm, RetryForm
from app.inbox.gone_out import gone_out_before
from app.inbox.overview import TaskRow, is_about_stuck_entry
from app.inbox.task_words import why_stuck
from app.messages import attention
from app.messages.tongue import language_of
from app.web import pages
from app.web.access import Audience, open_to
from app.web.asking_again import show_form
from app.web.transactions import db
from app.web.values import place_in, read_id, read_place


@blueprint.get("/tasks")
@open_to(Audience.OFFICER)
def tasks() -> ResponseReturnValue:
    found = tasks_for(db(), officer(), after=read_place(request.args.get("after")))
    last = found[PAGE - 1] if len(found) > PAGE else None
    return pages.render(
        "inbox/tasks.html",
        tasks=[_row(each) for each in found[:PAGE]],
        next_url=url_for("inbox.tasks", after=place_in(last.due_at, last.id)) if last else None,
        done=request.args.get("done") == "1",
        now=clock.now(),
    )


@blueprint.route("/tasks/<task_id>", methods=["GET", "POST"])
@open_to(Audience.OFFICER)
def task(task_id: str) -> ResponseReturnValue:
    is_post = request.method == "POST"
    try:
        found = task_as(db(), officer(), read_id(task_id), for_update=is_post)
    except CaseNotOpen:
        abort(404)
    if is_about_stuck_entry(found):
        return _stuck(found)
    form = DoneForm()
    if not form.validate_on_submit():
        return _show_task(found, form)
    finish_task(db(), officer(), found, form.outcome.data or "", clock.now())
    return redirect(url_for("inbox.tasks", done=1), 303)


def _show_task(found: Task, form: DoneForm) -> ResponseReturnValue:
    words = words_asked(found)
    return show_form(
        "inbox/task.html",
        form,
        task=_row(found),
        words=words,
        language=language_of(words or ""),
        gone_out=gone_out_before(db(), found),
        reason_url=url_for("inbox.give_reason", case_id=found.case_id)
        if waits_for_reason(found)
        else None,
        now=clock.now(),
    )


def _stuck(found: Task) -> ResponseReturnValue:
    """A message that is not on the record: this is done when it stands there, not before."""
    assert found.subject_id is not None
    if request.method == "POST":
        abort(404)
    problem = attention.why_stuck(db(), found.subject_id)
    return pages.render(
        "inbox/stuck.html",
        task=_row(found),
        why=why_stuck(problem) if problem is not None else None,
        now=clock.now(),
    )


@blueprint.post("/tasks/<task_id>/retry")
@open_to(Audience.OFFICER)
def retry_entry(task_id: str) -> ResponseReturnValue:
    """Try to put the message onto the case record again."""
    found, entry_id = _about_stuck_entry(task_id)
    if RetryForm().validate_on_submit():
        # Somebody else may have been quicker: then it is on its way.
        with suppress(attention.NothingToDo):
            attention.retry(db(), entry_id, officer().actor, clock.now())
    return redirect(url_for("inbox.task", task_id=found.id), 303)


@blueprint.route("/tasks/<task_id>/by-hand", methods=["GET", "POST"])
@open_to(Audience.OFFICER)
def record_by_hand(task_id: str) -> ResponseReturnValue:
    """Somebody put the message onto the case record themselves; those behind it go on."""
    found, entry_id = _about_stuck_entry(task_id)
    row = _row(found)
    if row.by_hand_url is None:
        abort(404)
    form = ByHandForm()
    if not form.validate_on_submit():
        return show_form("inbox/by_hand.html", form, task=row)
    with suppress(attention.NothingToDo):
        attention.record_by_hand(
            db(),
            entry_id,
            officer().actor,
            receipt=form.receipt.data or "",
            reason=form.reason.data or "",
            now=clock.now(),
        )
    return redirect(url_for("inbox.tasks", done=1), 303)


def _about_stuck_entry(task_id: str) -> tuple[Task, UUID]:
    """A task about a message that is not on the record, and the message's id; else 404."""
    try:
        found = task_as(db(), officer(), read_id(task_id))
    except CaseNotOpen:
        abort(404)
    if not is_about_stuck_entry(found) or found.subject_id is None:
        abort(404)
    return found, found.subject_id


def _row(task: Task) -> TaskRow:
    return TaskRow.of(task, way_into(officer(), ties_of(task.case)))
