"""The officer says by which day they will write again."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

from flask import abort, redirect, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.accounts.signed_in import officer
from app.cases.queries import CaseNotOpen
from app.inbox import blueprint
from app.inbox.forms import NextReplyForm
from app.inbox.routes import case_of_mine
from app.messages.next_reply import DayIsNotAhead, set_next_reply
from app.messages.queries import current_conversation
from app.web.access import Audience, open_to
from app.web.times import in_london
from app.web.transactions import db


@blueprint.post("/cases/<case_id>/next-reply")
@open_to(Audience.OFFICER)
def next_reply(case_id: str) -> ResponseReturnValue:
    found = case_of_mine(case_id)
    form = NextReplyForm()
    try:
        conversation = current_conversation(db(), found.id)
    except CaseNotOpen:
        abort(404)
    if form.validate_on_submit():
        # On a page from days ago: what is offered on the next one is right.
        with suppress(DayIsNotAhead):
            set_next_reply(db(), conversation.id, officer(), form.chosen, _today())
    return redirect(url_for("inbox.case", case_id=found.id), 303)


def _today() -> date:
    return in_london(clock.now()).date()
