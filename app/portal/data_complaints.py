"""A victim complains about how their data is handled."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import clock
from app.accounts.signed_in import victim, viewer_or_none
from app.cases.models import Case
from app.cases.queries import CaseNotOpen, lock_joined_case, open_case, why_case_is_not_open
from app.messages.data_complaints import (
    ANSWER_WITHIN,
    TooManyComplaints,
    complain,
    newest_complaint,
    reference_of,
)
from app.portal import blueprint
from app.portal.forms import LONGEST_COMPLAINT, DataComplaintForm
from app.portal.kept_forms import drop, give_back, keep_until_signed_in
from app.portal.routes import not_available
from app.portal.sending import not_available_any_more
from app.portal.views import CaseView
from app.web import pages
from app.web.access import Audience, SignedOut, open_to
from app.web.asking_again import show_form
from app.web.transactions import db
from app.web.values import read_id

_FORM = "data-complaint"


@blueprint.get("/cases/<case_id>/data-complaint")
@open_to(Audience.VICTIM)
def data_complaint(case_id: str) -> ResponseReturnValue:
    try:
        case = open_case(db(), victim(), read_id(case_id), clock.now())
    except CaseNotOpen:
        return not_available()
    form = DataComplaintForm()
    give_back(case.id, form, _FORM)
    return _show(case, form)


@blueprint.post("/cases/<case_id>/data-complaint")
@open_to(Audience.VICTIM, SignedOut.IS_SEEN_BY_VIEW)
def make_data_complaint(case_id: str) -> ResponseReturnValue:
    """Taken also on a page from before the case was closed; the answer is then the neutral page."""
    wanted = read_id(case_id)
    if viewer_or_none() is None:
        return keep_until_signed_in(wanted, DataComplaintForm(), _FORM)
    case = lock_joined_case(db(), victim(), wanted)
    if case is None:
        return not_available_any_more(wanted)
    form = DataComplaintForm()
    is_closed = why_case_is_not_open(db(), case, clock.now()) is not None
    # Nothing can be sent again once the page is gone: what was typed then is taken as it is.
    is_good = form.validate_on_submit() or (is_closed and bool(form.words.data))
    was_made = is_good and _was_made(case, form)
    if is_closed:
        return not_available_any_more(wanted)
    if not was_made:
        return _show(case, form)
    drop(wanted, _FORM)
    here = url_for("portal.data_complaint", case_id=wanted, made=1, _anchor="made")
    return redirect(here, 303)


def _was_made(case: Case, form: DataComplaintForm) -> bool:
    """Whether the complaint is stored; else the form says why not."""
    try:
        complain(
            db(),
            case,
            victim(),
            words=(form.words.data or "")[:LONGEST_COMPLAINT],
            client_id=form.attempt,
            now=clock.now(),
        )
    except TooManyComplaints:
        form.refuse(
            form.words,
            _(
                "You have sent us several today, so this one was not sent. Your words are still"
                " below. Contact us another way, or send them tomorrow"
            ),
        )
        return False
    return True


def _show(case: Case, form: DataComplaintForm) -> ResponseReturnValue:
    pages.use_colour(case.force.settings.colour)
    newest = newest_complaint(db(), case, victim())
    return show_form(
        "portal/data_complaint.html",
        form,
        case=CaseView.of(case),
        made_at=newest.made_at if newest else None,
        answer_by=newest.made_at + ANSWER_WITHIN if newest else None,
        number=reference_of(newest.id) if newest else None,
        has_just_complained=request.args.get("made") == "1",
    )
