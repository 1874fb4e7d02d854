"""A victim would rather be phoned."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import clock
from app.accounts.signed_in import victim, viewer_or_none
from app.cases.queries import CaseNotOpen, why_case_is_not_open
from app.messages.calling import TooManyRequests, ask_to_be_phoned, newest_request
from app.messages.models import Conversation
from app.messages.queries import conversation_as
from app.portal import blueprint
from app.portal.forms import LONGEST_TIMES, CallForm
from app.portal.kept_forms import drop, give_back, keep_until_signed_in
from app.portal.routes import not_available
from app.portal.sending import not_available_any_more, own_conversation_locked
from app.portal.views import CaseView
from app.web import pages
from app.web.access import Audience, SignedOut, open_to
from app.web.asking_again import show_form
from app.web.transactions import db
from app.web.values import read_id

_FORM = "phone-me"


@blueprint.get("/cases/<case_id>/phone-me")
@open_to(Audience.VICTIM)
def phone_me(case_id: str) -> ResponseReturnValue:
    try:
        case, conversation = conversation_as(db(), victim(), read_id(case_id), clock.now())
    except CaseNotOpen:
        return not_available()
    form = CallForm()
    give_back(case.id, form, _FORM)
    return _show(conversation, form)


@blueprint.post("/cases/<case_id>/phone-me")
@open_to(Audience.VICTIM, SignedOut.IS_SEEN_BY_VIEW)
def ask_for_call(case_id: str) -> ResponseReturnValue:
    """As with messages, what is asked on a page from before a hold goes to the record all the same,
    and the answer is the neutral page."""
    wanted = read_id(case_id)
    if viewer_or_none() is None:
        return keep_until_signed_in(wanted, CallForm(), _FORM)
    conversation = own_conversation_locked(victim(), wanted)
    if conversation is None:
        return not_available_any_more(wanted)
    form, now = CallForm(), clock.now()
    is_closed = why_case_is_not_open(db(), conversation.case, now) is not None
    # Nothing can be asked again once the page is gone: what was typed then is taken as it is.
    is_good = form.validate_on_submit()
    was_asked = (is_good or is_closed) and _was_asked(conversation, form, is_closed=is_closed)
    if is_closed:
        return not_available_any_more(wanted)
    if not was_asked:
        return _show(conversation, form)
    drop(wanted, _FORM)
    return redirect(url_for("portal.phone_me", case_id=wanted, asked=1, _anchor="asked"), 303)


def _was_asked(conversation: Conversation, form: CallForm, *, is_closed: bool) -> bool:
    """Whether the request is stored; else the form says why not."""
    try:
        ask_to_be_phoned(
            db(),
            conversation.id,
            victim(),
            number=form.chosen_number,
            times=(form.times.data or "")[:LONGEST_TIMES],
            client_id=form.attempt,
            is_closed=is_closed,
            now=clock.now(),
        )
    except TooManyRequests:
        form.refuse(
            form.which,
            _(
                "You have asked several times today, so this one was not sent. Your officer can see"
                " the others. You can also call"
            ),
        )
        return False
    return True


def _show(conversation: Conversation, form: CallForm) -> ResponseReturnValue:
    case = conversation.case
    pages.use_colour(case.force.settings.colour)
    newest = newest_request(db(), conversation)
    return show_form(
        "portal/phone_me.html",
        form,
        case=CaseView.of(case, conversation, clock.now()),
        asked_at=newest.asked_at if newest else None,
        has_just_asked=request.args.get("asked") == "1",
    )
