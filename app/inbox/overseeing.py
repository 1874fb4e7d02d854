"""Opening another's case with a reason; a supervisor lifts a hold, pauses sending, ends a pause."""

from __future__ import annotations

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.accounts.signed_in import officer
from app.cases.access import may_pause
from app.cases.lifting import StillNotEligible, lift_hold
from app.cases.models import Case
from app.cases.queries import (
    CaseNotOpen,
    ReasonIsNeeded,
    case_to_give_a_reason_for,
    case_to_supervise,
    facts_of,
    ties_of,
)
from app.cases.reasons import open_with_reason
from app.inbox import blueprint
from app.inbox.forms import EndPauseForm, LiftHoldForm, OpeningForm, PauseForm
from app.messages.actions import follow_case
from app.messages.models import Conversation
from app.messages.pausing import end_pause, pause_sending
from app.messages.queries import current_conversation
from app.web.access import Audience, open_to
from app.web.asking_again import show_form
from app.web.transactions import db
from app.web.values import read_id


@blueprint.route("/cases/<case_id>/opening", methods=["GET", "POST"])
@open_to(Audience.OFFICER)
def give_reason(case_id: str) -> ResponseReturnValue:
    """Somebody who looks after the force opens another's case, and says what for."""
    try:
        found = case_to_give_a_reason_for(db(), officer(), read_id(case_id))
    except CaseNotOpen:
        abort(404)
    form = OpeningForm()
    if not form.validate_on_submit():
        return show_form("inbox/opening.html", form)
    open_with_reason(db(), found, officer(), form.reason.data or "", clock.now())
    return redirect(url_for("inbox.case", case_id=found.id), 303)


@blueprint.route("/cases/<case_id>/hold", methods=["GET", "POST"])
@open_to(Audience.OFFICER)
def hold(case_id: str) -> ResponseReturnValue:
    """A supervisor lifts a safeguarding hold. Nobody is told."""
    found = _supervised(case_id)
    if not isinstance(found, Case):
        return found
    form = LiftHoldForm()
    if not form.validate_on_submit():
        return show_form("inbox/hold.html", form, **_hold_of(found))
    try:
        lift_hold(db(), found, officer(), form.reason.data or "", clock.now())
    except StillNotEligible:
        return redirect(url_for("inbox.hold", case_id=found.id, stays=1, _anchor="stays"), 303)
    follow_case(db(), found.id)
    return redirect(url_for("inbox.case", case_id=found.id), 303)


def _hold_of(case: Case) -> dict[str, object]:
    facts = facts_of(case)
    return {
        "reference": facts.reference if facts else "",
        "held_at": case.held_at,
        "still_barred": case.held_at is not None and request.args.get("stays") == "1",
        "back_url": url_for("inbox.case", case_id=case.id),
    }


@blueprint.route("/cases/<case_id>/pause", methods=["GET", "POST"])
@open_to(Audience.OFFICER)
def pause(case_id: str) -> ResponseReturnValue:
    """A supervisor lets a victim's messages go to the contact team for a while."""
    found = _supervised(case_id)
    if not isinstance(found, Case):
        return found
    conversation = _conversation(found)
    if not may_pause(officer(), ties_of(found)):
        abort(404)
    form = PauseForm()
    if not form.validate_on_submit():
        facts = facts_of(found)
        return show_form(
            "inbox/pause.html",
            form,
            reference=facts.reference if facts else "",
            back_url=url_for("inbox.case", case_id=found.id),
        )
    pause_sending(
        db(),
        found,
        conversation.id,
        officer(),
        days=int(form.days.data),
        reason=form.reason.data or "",
        now=clock.now(),
    )
    return redirect(url_for("inbox.case", case_id=found.id), 303)


@blueprint.post("/cases/<case_id>/pause/end")
@open_to(Audience.OFFICER)
def resume(case_id: str) -> ResponseReturnValue:
    """A supervisor ends a pause before its time."""
    found = _supervised(case_id)
    if not isinstance(found, Case):
        return found
    conversation = _conversation(found)
    if EndPauseForm().validate_on_submit():
        end_pause(db(), conversation.id, officer())
    return redirect(url_for("inbox.case", case_id=found.id), 303)


def _supervised(case_id: str) -> Case | ResponseReturnValue:
    """The case, if this supervisor has it open; else on to where a reason is asked for, or as if it
    did not exist."""
    try:
        return case_to_supervise(db(), officer(), read_id(case_id), clock.now())
    except ReasonIsNeeded:
        return redirect(url_for("inbox.give_reason", case_id=case_id), 303)
    except CaseNotOpen:
        abort(404)


def _conversation(case: Case) -> Conversation:
    try:
        return current_conversation(db(), case.id)
    except CaseNotOpen:
        abort(404)
