"""What a victim typed into a form about their case, besides messages, as their session had ended:
kept like a message (`app.messages.kept`), and given back on the page of that form."""

from __future__ import annotations

import json
from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from app import clock
from app.accounts.signed_in import former_viewer, victim
from app.accounts.viewers import VictimViewer
from app.messages import kept
from app.messages.queries import victims_own_conversation
from app.web import pages
from app.web.errors import show_expired_form
from app.web.forms import FormSentOnce
from app.web.limits import may_keep_words_for_anybody
from app.web.transactions import db
from app.web.waiting import WaitingPage, note_page, note_waiting


def keep_until_signed_in(case_id: UUID, form: FormSentOnce, name: str) -> ResponseReturnValue:
    """On to signing in; what was typed waits for the same person, or for whoever signs in here and
    could have written it, if the cookie went too. `name` is the form's, for `give_back`."""
    now, typed = clock.now(), _typed(form)
    if len(typed) > kept.MOST_KEPT_FOR_ANYBODY:
        return show_expired_form()
    former = former_viewer()
    if not isinstance(former, VictimViewer):
        if not may_keep_words_for_anybody():
            return show_expired_form()
        claim = kept.keep_for_whoever_signs_in(
            db(), case_id, text=typed, client_id=form.attempt, now=now
        )
        if claim is not None:
            note_waiting(claim, name)
    elif victims_own_conversation(db(), former, case_id):
        kept.keep(
            db(),
            former.id,
            case_id,
            text=typed,
            problem=None,
            client_id=form.attempt,
            expires_at=now + kept.WITHOUT_A_SESSION,
            form=name,
        )
    note_page(WaitingPage(request.path, case_id, name))
    return pages.go_to("sign_in.sign_in")


def give_back(case_id: UUID, form: FormSentOnce, name: str) -> None:
    """Fill the form with what its victim typed before."""
    held = kept.kept_for(db(), victim().id, case_id, clock.now(), name)
    if held is None:
        return
    typed = json.loads(held.text or "{}")
    for field in form:
        if field.name in typed:
            field.data = typed[field.name]


def drop(case_id: UUID, name: str) -> None:
    """It was sent."""
    kept.drop(db(), victim().id, case_id, name)


def _typed(form: FormSentOnce) -> str:
    values = {field.name: field.data for field in form if field.name != "csrf_token"}
    return json.dumps(values, ensure_ascii=False)
