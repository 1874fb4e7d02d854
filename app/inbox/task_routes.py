"""Tasks: what somebody of the force has to do, and that it was done."""

from __future__ import annotations

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.accounts.signed_in import officer
from app.cases.access import way_into
from app.cases.models import Task
from app.cases.queries import CaseNotOpen, ties_of
from app.cases.tasks import PAGE, finish_task, task_as, tasks_for
from app.inbox import blueprint
from app.inbox.forms import DoneForm
from app.inbox.overview import TaskRow
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
    form = DoneForm()
    if not form.validate_on_submit():
        return show_form("inbox/task.html", form, task=_row(found), now=clock.now())
    finish_task(db(), officer(), found, form.outcome.data or "", clock.now())
    return redirect(url_for("inbox.tasks", done=1), 303)


def _row(task: Task) -> TaskRow:
    return TaskRow.of(task, way_into(officer(), ties_of(task.case)))
