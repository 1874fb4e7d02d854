"""An officer replies."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from flask import Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from app import clock
from app.accounts.signed_in import former_viewer, officer, viewer_or_none
from app.accounts.viewers import OfficerViewer
from app.cases.access import Way, way_into
from app.cases.models import Case
from app.cases.queries import CaseNotOpen, ties_of, why_case_is_not_open
from app.inbox import blueprint
from app.inbox.forms import ReplyForm
from app.inbox.routes import no_longer_allowed, show_changes
from app.inbox.views import OfficerCaseView
from app.messages import kept
from app.messages.actions import Author, TooManyMessages, note_shown, send
from app.messages.models import Conversation
from app.messages.queries import changed_since, conversation_to_answer
from app.messages.text import TextIsEmpty, TextIsTooLong, clean
from app.web import pages
from app.web.access import Audience, SignedOut, open_to
from app.web.errors import answer_expired_form, show_expired_form
from app.web.limits import may_keep_words_for_anybody
from app.web.transactions import db
from app.web.typed import is_from_our_page
from app.web.values import read_id
from app.web.waiting import note_waiting


@blueprint.post("/cases/<case_id>/messages")
@open_to(Audience.OFFICER, SignedOut.IS_SEEN_BY_VIEW)
def send_reply(case_id: str) -> ResponseReturnValue:
    wanted = read_id(case_id)
    if viewer_or_none() is None:
        return _signed_out(wanted)
    try:
        case, conversation = conversation_to_answer(db(), officer(), wanted)
    except CaseNotOpen:
        if pages.wants_fragment():
            return no_longer_allowed()
        abort(404)
    form = ReplyForm()
    if "sign_in_again" in request.form:
        _keep(officer(), wanted, form, None, clock.now() + kept.WITHOUT_A_SESSION)
        return redirect(url_for("inbox.case", case_id=wanted), 303)
    problem = _store(case, conversation, form)
    if problem is not None:
        return _refused(case, form, problem)
    kept.drop(db(), officer().id, wanted)
    return _sent(case, conversation, form)


def _store(case: Case, conversation: Conversation, form: ReplyForm) -> str | None:
    """Store the reply; the code of what is wrong with it otherwise."""
    now = clock.now()
    # The row's lock: a hold comes before this reply or after it, never during.
    db().refresh(case, with_for_update={"of": Case, "read": True})
    if why_case_is_not_open(db(), case, now) is not None:
        return "not-open"
    try:
        send(
            db(),
            conversation.id,
            Author.of(officer()),
            text=clean(form.text.data or ""),
            client_id=form.client_id.data or str(uuid4()),
            now=now,
        )
    except TextIsEmpty:
        return "empty"
    except TextIsTooLong as error:
        return f"too-long:{error.length}"
    except TooManyMessages as error:
        return f"too-many:{error.seconds_left(now)}"
    return None


def _sent(case: Case, conversation: Conversation, form: ReplyForm) -> ResponseReturnValue:
    if not pages.wants_fragment():
        return redirect(url_for("inbox.case", case_id=case.id, sent=1, _anchor="sent"), 303)
    changed = changed_since(db(), conversation, form.cursor)
    way = way_into(officer(), ties_of(case)) or Way.OFFICER_IN_CASE
    response = show_changes(case, conversation, changed, way, client_id=str(uuid4()))
    if changed.last > conversation.officer_read_to:
        note_shown(db(), conversation.id, officer(), clock.now(), up_to=changed.last)
    return response


def _refused(case: Case, form: ReplyForm, problem: str) -> ResponseReturnValue:
    if not pages.wants_fragment():
        _keep(officer(), case.id, form, problem, clock.now() + kept.AFTER_AN_ERROR)
        return redirect(url_for("inbox.case", case_id=case.id, _anchor="problem"), 303)
    code, _, seconds = problem.partition(":")
    form.show_problem(problem)
    response = pages.render(
        "inbox/_composer.html",
        status=429 if code == "too-many" else 422,
        form=form,
        send_url=url_for("inbox.send_reply", case_id=case.id),
        case=OfficerCaseView.of(db(), case, clock.now()),
    )
    if code == "too-many":
        response.headers["Retry-After"] = seconds
    return response


def _signed_out(case_id: UUID) -> ResponseReturnValue:
    """The session ended while typing: the words wait for the same person to sign in again."""
    if pages.wants_fragment():
        return Response(status=401)
    former = former_viewer()
    if not isinstance(former, OfficerViewer):
        return _nobody_known(case_id)
    try:
        conversation_to_answer(db(), former, case_id)
    except CaseNotOpen:
        pass
    else:
        _keep(former, case_id, ReplyForm(), None, clock.now() + kept.WITHOUT_A_SESSION)
    return pages.go_to("sign_in.officer_sign_in")


def _nobody_known(case_id: UUID) -> ResponseReturnValue:
    """The cookie went too, as when this browser was signed out: the words wait for whoever signs in
    here and could have written them."""
    if not may_keep_words_for_anybody():
        return show_expired_form()
    form = ReplyForm()
    claim = kept.keep_for_whoever_signs_in(
        db(),
        case_id,
        text=form.text.data or "",
        client_id=form.client_id.data or str(uuid4()),
        now=clock.now(),
    )
    if claim is not None:
        note_waiting(claim)
    return pages.go_to("sign_in.officer_sign_in")


@blueprint.errorhandler(CSRFError)
def answer_old_form(error: CSRFError) -> ResponseReturnValue:
    """A form whose token is no longer good; with the session gone that is what it looks like."""
    if request.endpoint != "inbox.send_reply" or pages.wants_fragment():
        return answer_expired_form(error)
    case_id = read_id((request.view_args or {})["case_id"])
    viewer = viewer_or_none()
    if viewer is None:
        return (
            _signed_out(case_id) if is_from_our_page() else pages.go_to("sign_in.officer_sign_in")
        )
    case = _open_case(viewer, case_id) if isinstance(viewer, OfficerViewer) else None
    if case is None or not is_from_our_page():
        return answer_expired_form(error)
    return _refused(case, ReplyForm(), "too-old")


def _open_case(viewer: OfficerViewer, case_id: UUID) -> Case | None:
    """The case, if its page has a place for words now."""
    now = clock.now()
    try:
        case, _conversation = conversation_to_answer(db(), viewer, case_id)
    except CaseNotOpen:
        return None
    return case if why_case_is_not_open(db(), case, now) is None else None


def _keep(
    author: OfficerViewer, case_id: UUID, form: ReplyForm, problem: str | None, until: datetime
) -> None:
    kept.keep(
        db(),
        author.id,
        case_id,
        text=form.text.data or "",
        problem=problem,
        client_id=form.client_id.data or str(uuid4()),
        expires_at=until,
    )
