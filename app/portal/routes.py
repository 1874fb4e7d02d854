"""A victim's cases and the conversation about each."""

from __future__ import annotations

from uuid import UUID

from flask import Response, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.accounts.signed_in import victim
from app.accounts.words import is_word_offered
from app.cases.models import Case
from app.cases.queries import CaseNotOpen, open_cases_of
from app.messages import kept
from app.messages.actions import note_shown
from app.messages.models import Conversation
from app.messages.open_pages import is_page_known, note_page
from app.messages.queries import Page, changed_since, conversation_as, newest
from app.portal import blueprint
from app.portal.forms import MessageForm
from app.portal.views import CaseCard, CaseView, reading
from app.web import pages
from app.web.access import Audience, SignedOut, open_to
from app.web.transactions import database, db
from app.web.values import read_id, read_number


def not_available() -> Response:
    """The neutral page: the same for a case that is unknown, another's, closed or on hold."""
    response = pages.render("portal/not_available.html", status=404, force_phone="101")
    if pages.wants_fragment():
        response.headers["HX-Refresh"] = "true"
    return response


@blueprint.get("/cases")
@open_to(Audience.VICTIM)
def cases() -> ResponseReturnValue:
    open_cases = open_cases_of(db(), victim(), clock.now())
    if not open_cases:
        return not_available()
    if len(open_cases) == 1:
        return redirect(url_for("portal.case", case_id=open_cases[0].id), 303)
    cards = [CaseCard.of(case, _conversation_of(case)) for case in open_cases]
    return pages.render("portal/cases.html", cases=cards)


def _conversation_of(case: Case) -> Conversation | None:
    try:
        return conversation_as(db(), victim(), case.id, clock.now())[1]
    except CaseNotOpen:
        return None


@blueprint.get("/cases/<case_id>")
@open_to(Audience.VICTIM)
def case(case_id: str) -> ResponseReturnValue:
    now = clock.now()
    try:
        found, conversation = conversation_as(db(), victim(), read_id(case_id), now)
    except CaseNotOpen:
        return not_available()
    return show_case(found, conversation, sent=request.args.get("sent") == "1")


def show_case(case: Case, conversation: Conversation, *, sent: bool) -> Response:
    """The case page; what is shown counts as read."""
    page = newest(db(), conversation, before=read_number(request.args.get("before")))
    here = url_for("portal.case", case_id=case.id)
    shown = reading(conversation).sees_page(page, here)
    pages.use_colour(case.force.settings.colour)
    response = pages.render(
        "portal/case.html",
        case=CaseView.of(case, conversation, clock.now()),
        conversation=shown,
        form=_form_for(conversation, page.cursor),
        send_url=url_for("portal.send_message", case_id=case.id),
        poll_url=url_for("portal.poll", case_id=case.id),
        sent=sent or None,
        offers_word=is_word_offered(db(), victim().id),
    )
    if shown.messages:
        _note_shown(conversation.id, page.last)
    return response


def _form_for(conversation: Conversation, cursor: int) -> MessageForm:
    """An empty form, or the words that could not be taken, with what was wrong with them."""
    held = kept.kept_for(db(), victim().id, conversation.case_id, clock.now())
    if held is None:
        return MessageForm(formdata=None, after=str(cursor))
    form = MessageForm(formdata=None, text=held.text, client_id=held.client_id, after=str(cursor))
    form.show_problem(held.problem)
    return form


def _note_shown(conversation_id: UUID, up_to: int) -> None:
    # A transaction of its own: this request's session only reads.
    with database().writing() as session:
        note_shown(session, conversation_id, victim(), clock.now(), up_to=up_to)


@blueprint.get("/cases/<case_id>/messages")
@open_to(Audience.VICTIM, SignedOut.IS_TOLD)
def poll(case_id: str) -> ResponseReturnValue:
    """What changed since the cursor. Never touches the session."""
    now = clock.now()
    try:
        found, conversation = conversation_as(db(), victim(), read_id(case_id), now)
    except CaseNotOpen:
        refused = not_available()
        # A page that asks for news is to go, whoever asks on its behalf.
        refused.headers["HX-Refresh"] = "true"
        return refused
    if not is_page_known(conversation.victim_page_at, now):
        with database().writing() as session:
            note_page(session, conversation.id, now)
    cursor = read_number(request.args.get("after")) or 0
    if conversation.revision <= cursor:
        return make_response("", 204)
    changed = changed_since(db(), conversation, cursor)
    response = show_changes(found, conversation, changed, client_id=None)
    if changed.last > conversation.victim_read_to:
        _note_shown(conversation.id, changed.last)
    return response


def show_changes(
    case: Case, conversation: Conversation, changed: Page, *, client_id: str | None
) -> Response:
    """The fragment for an open page; `client_id` names its next message, after one was sent."""
    return pages.render(
        "portal/_changes.html",
        case=CaseView.of(case, conversation, clock.now()),
        messages=reading(conversation).sees(changed.messages),
        cursor=changed.cursor,
        client_id=client_id,
    )
