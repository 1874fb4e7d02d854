"""A victim sends a message. Words never bounce: what cannot be taken comes back, and what was
written before a door closed goes to the record."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from app import clock
from app.accounts.signed_in import former_viewer, victim, viewer_or_none
from app.accounts.viewers import VictimViewer
from app.cases.models import TaskKind
from app.cases.queries import CaseNotOpen, lock_joined_case, why_case_is_not_open
from app.cases.tasks import open_task
from app.messages import kept
from app.messages.actions import Author, TooManyMessages, note_shown, send
from app.messages.models import Conversation
from app.messages.queries import changed_since, conversation_as, victims_own_conversation
from app.messages.text import TextIsEmpty, TextIsTooLong, clean
from app.portal import blueprint
from app.portal.forms import MessageForm
from app.portal.routes import not_available, show_changes
from app.web import pages
from app.web.access import Audience, SignedOut, open_to
from app.web.asking_again import is_sent_as_page
from app.web.errors import answer_expired_form, show_expired_form
from app.web.limits import may_keep_words_for_anybody
from app.web.transactions import db
from app.web.typed import is_from_our_page
from app.web.values import read_id
from app.web.waiting import note_waiting


@blueprint.post("/cases/<case_id>/messages")
@open_to(Audience.VICTIM, SignedOut.IS_SEEN_BY_VIEW)
def send_message(case_id: str) -> ResponseReturnValue:
    wanted = read_id(case_id)
    if viewer_or_none() is None:
        return _signed_out(wanted)
    conversation = own_conversation_locked(victim(), wanted)
    if conversation is None:
        return not_available_any_more(wanted)
    form = MessageForm()
    # Decided first: nothing that is wrong with the words may show what kind of case it is.
    if _is_closed(conversation):
        return _take_from_before(conversation, form)
    if "sign_in_again" in request.form:
        # Signed in again elsewhere meanwhile: the words wait on the page, unsent.
        _keep(victim(), wanted, form, None, clock.now() + kept.WITHOUT_A_SESSION)
        return redirect(url_for("portal.case", case_id=wanted), 303)
    problem = _store(conversation, form)
    if problem is not None:
        return _refused(wanted, form, problem)
    kept.drop(db(), victim().id, wanted)
    return _sent(conversation, form)


def own_conversation_locked(viewer: VictimViewer, case_id: UUID) -> Conversation | None:
    """The victim's conversation, with the row's lock on its case: a hold comes before this message
    or after it, never during. Lock order everywhere: case, conversation, stream."""
    case = lock_joined_case(db(), viewer, case_id)
    # The case may have become another person's while we waited for the lock.
    conversation = victims_own_conversation(db(), viewer, case_id)
    return conversation if conversation is not None and conversation.case is case else None


def _is_closed(conversation: Conversation) -> bool:
    return why_case_is_not_open(db(), conversation.case, clock.now()) is not None


def _take_from_before(conversation: Conversation, form: MessageForm) -> ResponseReturnValue:
    """The page was served before the door closed: what was sent goes to the record, and whatever
    it was, the answer is the neutral page."""
    # Who signs in again has not sent anything yet.
    if "sign_in_again" not in request.form and _store(conversation, form, closed=True) is None:
        kept.drop(db(), victim().id, conversation.case_id)
    return not_available_any_more(conversation.case_id)


def _store(conversation: Conversation, form: MessageForm, *, closed: bool = False) -> str | None:
    """Store the message; the code of what is wrong with it otherwise."""
    now = clock.now()
    try:
        text = clean(form.text.data or "")
        message = send(
            db(),
            conversation.id,
            Author.of(victim()),
            text=text,
            client_id=form.client_id.data or str(uuid4()),
            now=now,
            priority="high" if closed else "normal",
        )
    except TextIsEmpty:
        return "empty"
    except TextIsTooLong as error:
        return f"too-long:{error.length}"
    except TooManyMessages as error:
        return f"too-many:{error.seconds_left(now)}"
    if closed:
        open_task(
            db(),
            conversation.case,
            TaskKind.WORDS_IN_THE_GAP,
            now,
            due_at=now,
            subject_id=message.id,
        )
    return None


def _sent(conversation: Conversation, form: MessageForm) -> ResponseReturnValue:
    try:
        case, conversation = conversation_as(db(), victim(), conversation.case_id, clock.now())
    except CaseNotOpen:
        return not_available_any_more(conversation.case_id)
    if not pages.wants_fragment():
        # `#sent` takes the reader to the confirmation, also without scripts.
        return redirect(url_for("portal.case", case_id=case.id, sent=1, _anchor="sent"), 303)
    changed = changed_since(db(), conversation, form.cursor)
    response = show_changes(case, conversation, changed, client_id=str(uuid4()))
    if changed.last > conversation.victim_read_to:
        note_shown(db(), conversation.id, victim(), clock.now(), up_to=changed.last)
    return response


def not_available_any_more(case_id: UUID) -> ResponseReturnValue:
    """The neutral page, as the answer to a form."""
    if is_sent_as_page():
        return redirect(url_for("portal.case", case_id=case_id), 303)
    return not_available()


def _refused(case_id: UUID, form: MessageForm, problem: str) -> ResponseReturnValue:
    if not pages.wants_fragment():
        _keep(victim(), case_id, form, problem, clock.now() + kept.AFTER_AN_ERROR)
        return redirect(url_for("portal.case", case_id=case_id, _anchor="problem"), 303)
    code, _, seconds = problem.partition(":")
    form.show_problem(problem)
    response = pages.render(
        "portal/_composer.html",
        status=429 if code == "too-many" else 422,
        form=form,
        send_url=url_for("portal.send_message", case_id=case_id),
    )
    if code == "too-many":
        response.headers["Retry-After"] = seconds
    return response


def _signed_out(case_id: UUID) -> ResponseReturnValue:
    """The session ended while typing: the words wait for the same person to sign in again."""
    if pages.wants_fragment():
        return Response(status=401)
    former = former_viewer()
    if not isinstance(former, VictimViewer):
        return _nobody_known(case_id)
    if victims_own_conversation(db(), former, case_id):
        _keep(former, case_id, MessageForm(), None, clock.now() + kept.WITHOUT_A_SESSION)
    return pages.go_to("sign_in.sign_in")


def _nobody_known(case_id: UUID) -> ResponseReturnValue:
    """The cookie went too, as when this browser was signed out: the words wait for whoever signs in
    here and could have written them."""
    if not may_keep_words_for_anybody():
        return show_expired_form()
    form = MessageForm()
    claim = kept.keep_for_whoever_signs_in(
        db(),
        case_id,
        text=form.text.data or "",
        client_id=form.client_id.data or str(uuid4()),
        now=clock.now(),
    )
    if claim is not None:
        note_waiting(claim)
    return pages.go_to("sign_in.sign_in")


@blueprint.errorhandler(CSRFError)
def answer_old_form(error: CSRFError) -> ResponseReturnValue:
    """A form whose token is no longer good; with the session gone that is what it looks like."""
    if request.endpoint != "portal.send_message":
        return answer_expired_form(error)
    case_id = read_id((request.view_args or {})["case_id"])
    viewer = viewer_or_none()
    if isinstance(viewer, VictimViewer) and is_from_our_page():
        conversation = own_conversation_locked(viewer, case_id)
        if conversation is None:
            return not_available_any_more(case_id)
        if _is_closed(conversation):
            # No page of the case will show them again.
            return _take_from_before(conversation, MessageForm())
        if not pages.wants_fragment():
            return _refused(case_id, MessageForm(), "too-old")
    elif viewer is None and not pages.wants_fragment():
        return _signed_out(case_id) if is_from_our_page() else pages.go_to("sign_in.sign_in")
    return answer_expired_form(error)


def _keep(
    author: VictimViewer, case_id: UUID, form: MessageForm, problem: str | None, until: datetime
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
