"""The force's conversations, for those who look after all of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from urllib.parse import quote

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.signed_in import officer
from app.cases.access import sees_whole_force
from app.cases.indexes import CaseIndexes
from app.cases.queries import case_by_reference
from app.database import keyring_of
from app.inbox import blueprint
from app.inbox.forms import FindForm
from app.inbox.overview import ForceRow
from app.inbox.queries import force_to_read, force_waiting
from app.messages.models import Conversation
from app.messages.queries import PAGE
from app.web.access import Audience, open_to
from app.web.asking_again import show_form
from app.web.transactions import db
from app.web.values import place_in, read_place


@blueprint.route("/conversations", methods=["GET", "POST"])
@open_to(Audience.OFFICER, needs=sees_whole_force)
def conversations() -> ResponseReturnValue:
    """Who waits longest in the force, what the contact team has to read, and one by reference."""
    form = FindForm()
    if form.validate_on_submit():
        viewer = officer()
        lookup = CaseIndexes(keyring_of(db()), viewer.force_id).reference(form.reference.data or "")
        found = case_by_reference(db(), viewer.force_id, lookup)
        if found is not None and found.wrapped_key is not None:
            return redirect(url_for("inbox.case", case_id=found.id), 303)
        form.refuse(form.reference, _("There is no case with this reference here"))
    waiting = force_waiting(db(), officer(), after=read_place(request.args.get("waiting")))
    to_read = force_to_read(db(), officer(), after=read_place(request.args.get("to_read")))
    return show_form(
        "inbox/conversations.html",
        form,
        waiting=[ForceRow.of(each, each.waiting_since) for each in waiting[:PAGE]],
        to_read=[ForceRow.of(each, each.to_read_since) for each in to_read[:PAGE]],
        next_urls={
            "waiting": _next("waiting", waiting, lambda each: each.waiting_since),
            "to_read": _next("to_read", to_read, lambda each: each.to_read_since),
        },
    )


def _next(
    name: str, rows: list[Conversation], moment: Callable[[Conversation], datetime | None]
) -> str | None:
    if len(rows) <= PAGE:
        return None
    last = rows[PAGE - 1]
    at = moment(last)
    return f"{url_for('inbox.conversations')}?{name}={quote(place_in(at, last.id))}" if at else None
