"""An officer's inbox, a case and its conversation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from urllib.parse import quote

from flask import Response, abort, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.accounts.models import Officer
from app.accounts.signed_in import officer
from app.accounts.words import has_word
from app.cases.access import Way, is_in_charge, way_into
from app.cases.invitations import CannotInvite, invite
from app.cases.models import Case, TaskKind
from app.cases.queries import (
    CaseNotOpen,
    ReasonIsNeeded,
    case_for_officer,
    case_in_charge,
    enrolment_of,
    newest_invitation,
    ties_of,
)
from app.cases.release import release_status
from app.cases.status import can_be_released
from app.cases.tasks import tasks_for, tasks_of_case
from app.forces.models import Force
from app.forces.queries import feed_of_record
from app.inbox import blueprint
from app.inbox.forms import EndPauseForm, InviteForm, ReleaseStatusForm, ReplyForm
from app.inbox.marks import marks_beside
from app.inbox.overview import Supervision, TaskRow
from app.inbox.queries import (
    cases_to_invite,
    inbox_others,
    inbox_waiting,
    newest_invitations,
)
from app.inbox.views import (
    InboxRow,
    InviteRow,
    OfficerCaseView,
    invitation_state,
    reading,
    reply_days,
)
from app.messages import kept
from app.messages.actions import follow_case, note_shown
from app.messages.models import Conversation
from app.messages.queries import (
    PAGE,
    Page,
    changed_since,
    current_conversation,
    newest,
)
from app.web import pages
from app.web.access import Audience, SignedOut, open_to
from app.web.labels import status_label
from app.web.transactions import database, db
from app.web.values import place_in, read_id, read_number, read_place

MOST_TASKS = 5
"""Shown in the inbox; the rest have a page of their own."""


@blueprint.get("/inbox")
@open_to(Audience.OFFICER)
def inbox() -> ResponseReturnValue:
    now, viewer = clock.now(), officer()
    waiting = inbox_waiting(db(), viewer, after=read_place(request.args.get("waiting")))
    others = inbox_others(db(), viewer, after=read_place(request.args.get("others")))
    after_case = request.args.get("to_invite")
    to_invite = cases_to_invite(db(), viewer, after=read_id(after_case) if after_case else None)
    invitations = newest_invitations(db(), to_invite)
    tasks = tasks_for(db(), viewer, most=MOST_TASKS + 1)
    me = db().get_one(Officer, viewer.id)
    feed = feed_of_record(db(), db().get_one(Force, viewer.force_id))
    return pages.render(
        "inbox/inbox.html",
        officer_label=me.label,
        tasks=[
            TaskRow.of(each, way_into(viewer, ties_of(each.case))) for each in tasks[:MOST_TASKS]
        ],
        has_more_tasks=len(tasks) > MOST_TASKS,
        now=now,
        waiting=[InboxRow.of(each) for each in waiting[:PAGE]],
        others=[InboxRow.of(each) for each in others[:PAGE]],
        to_invite=[
            InviteRow.of(case, invitations.get(case.id), feed, now) for case in to_invite[:PAGE]
        ],
        next_urls={
            "waiting": _next("waiting", waiting, lambda each: each.waiting_since),
            "others": _next("others", others, lambda each: each.last_activity_at),
            "to_invite": url_for("inbox.inbox", to_invite=to_invite[PAGE - 1].id)
            if len(to_invite) > PAGE
            else None,
        },
    )


def _next(
    name: str, rows: list[Conversation], moment: Callable[[Conversation], datetime | None]
) -> str | None:
    if len(rows) <= PAGE:
        return None
    last = rows[PAGE - 1]
    at = moment(last)
    return f"{url_for('inbox.inbox')}?{name}={quote(place_in(at, last.id))}" if at else None


@blueprint.get("/cases/<case_id>")
@open_to(Audience.OFFICER)
def case(case_id: str) -> ResponseReturnValue:
    try:
        found, way = case_for_officer(db(), officer(), read_id(case_id), clock.now())
    except ReasonIsNeeded:
        return redirect(url_for("inbox.give_reason", case_id=case_id), 303)
    except CaseNotOpen:
        abort(404)
    return show_case(found, way)


def case_of_mine(case_id: str) -> Case:
    """The case, if this officer is in charge of it; else it looks as if it did not exist."""
    try:
        return case_in_charge(db(), officer(), read_id(case_id))
    except CaseNotOpen:
        abort(404)


def _conversation(case: Case) -> Conversation | None:
    try:
        return current_conversation(db(), case.id)
    except CaseNotOpen:
        return None


def show_case(case: Case, way: Way) -> Response:
    """The case page for whoever of the force has it open; what is shown counts as read."""
    now = clock.now()
    writes = is_in_charge(way)
    conversation = _conversation(case)
    view = OfficerCaseView.of(db(), case, now, conversation)
    page = (
        newest(db(), conversation, before=read_number(request.args.get("before")))
        if conversation
        else None
    )
    here = url_for("inbox.case", case_id=case.id)
    invitation = newest_invitation(db(), case.id)
    state = invitation_state(case, invitation, is_open=view.is_open, now=now)
    can_invite = writes and conversation is None and state != "not-open"
    can_release = (
        writes and conversation is not None and can_be_released(case.status, case.released_status)
    )
    tasks = tasks_of_case(db(), officer(), case)
    response = pages.render(
        "inbox/case.html",
        case=view,
        conversation=reading(conversation).sees_page(page, here) if conversation and page else None,
        marks=marks_beside(case, way, page) if page else {},
        form=_form_for(conversation) if writes and conversation and view.is_open else None,
        reads_as=None if writes else way.value,
        tasks=[TaskRow.of(task, way) for task in tasks],
        may_withdraw=any(task.kind == TaskKind.WITHDRAWAL for task in tasks),
        supervision=Supervision.of(officer(), case, conversation, now),
        end_pause_form=EndPauseForm(formdata=None),
        now=now,
        send_url=url_for("inbox.send_reply", case_id=case.id),
        poll_url=url_for("inbox.poll", case_id=case.id),
        sent=request.args.get("sent") == "1" or None,
        marked=read_number(request.args.get("marked")),
        invite_state=None if conversation else state,
        invite_form=InviteForm(formdata=None) if can_invite else None,
        invite_url=url_for("inbox.invite_victim", case_id=case.id),
        invited_at=invitation.made_at if invitation else None,
        release_form=ReleaseStatusForm(formdata=None) if can_release else None,
        release_url=url_for("inbox.release", case_id=case.id, status=case.status or ""),
        release_label=status_label(case.status),
        reply_days=reply_days(conversation, now)
        if writes and conversation and view.is_open
        else None,
        reply_day_url=url_for("inbox.next_reply", case_id=case.id),
        has_word=conversation is not None and _has_word(case),
        address_url=url_for("sign_in.victim_address", case_id=case.id)
        if conversation and view.is_open
        else None,
    )
    if page is not None and page.messages and conversation is not None:
        _note_shown(conversation, way, page.last)
    return response


def _has_word(case: Case) -> bool:
    """Whether the victim is asked for an extra word, or was until it was shut."""
    enrolment = enrolment_of(db(), case.id)
    return enrolment is not None and has_word(db(), enrolment.victim_id)


def _form_for(conversation: Conversation) -> ReplyForm:
    after = str(conversation.revision)
    held = kept.kept_for(db(), officer().id, conversation.case_id, clock.now())
    if held is None:
        return ReplyForm(formdata=None, after=after)
    form = ReplyForm(formdata=None, text=held.text, client_id=held.client_id, after=after)
    form.show_problem(held.problem)
    return form


def _note_shown(conversation: Conversation, way: Way, up_to: int) -> None:
    # A transaction of its own: this request's session only reads.
    with database().writing() as session:
        note_shown(session, conversation.id, officer(), clock.now(), up_to=up_to, way=way)


@blueprint.get("/cases/<case_id>/messages")
@open_to(Audience.OFFICER, SignedOut.IS_TOLD)
def poll(case_id: str) -> ResponseReturnValue:
    """What changed since the cursor. Never touches the session."""
    try:
        found, way = case_for_officer(db(), officer(), read_id(case_id), clock.now())
        conversation = current_conversation(db(), found.id)
    except CaseNotOpen:
        return no_longer_allowed()
    cursor = read_number(request.args.get("after")) or 0
    if conversation.revision <= cursor:
        return make_response("", 204)
    changed = changed_since(db(), conversation, cursor)
    response = show_changes(found, conversation, changed, way, client_id=None)
    # Who only reads has no mark of their own: all that is shown is a consultation.
    if changed.last > (conversation.officer_read_to if is_in_charge(way) else 0):
        _note_shown(conversation, way, changed.last)
    return response


def show_changes(
    case: Case, conversation: Conversation, changed: Page, way: Way, *, client_id: str | None
) -> Response:
    """The fragment for an open page; `client_id` names its next message, after one was sent."""
    return pages.render(
        "inbox/_changes.html",
        case=OfficerCaseView.of(db(), case, clock.now(), conversation),
        messages=reading(conversation).sees(changed.messages),
        marks=marks_beside(case, way, changed),
        cursor=changed.cursor,
        client_id=client_id,
    )


def no_longer_allowed() -> Response:
    """For an open page: it loads itself again and shows what may be seen now."""
    response = make_response("", 404)
    response.headers["HX-Refresh"] = "true"
    return response


@blueprint.post("/cases/<case_id>/invitation")
@open_to(Audience.OFFICER)
def invite_victim(case_id: str) -> ResponseReturnValue:
    found = case_of_mine(case_id)
    form = InviteForm()
    if form.validate_on_submit():
        try:
            invite(db(), found, clock.now(), by=officer().actor)
        except CannotInvite:
            abort(409)
    return redirect(url_for("inbox.case", case_id=found.id), 303)


@blueprint.post("/cases/<case_id>/released-status/<status>")
@open_to(Audience.OFFICER)
def release(case_id: str, status: str) -> ResponseReturnValue:
    found = case_of_mine(case_id)
    if ReleaseStatusForm().validate_on_submit():
        release_status(db(), found, officer(), status, clock.now())
        follow_case(db(), found.id)
    return redirect(url_for("inbox.case", case_id=found.id), 303)
