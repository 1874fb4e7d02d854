"""What an officer does about a victim's way in, after they have talked."""

from __future__ import annotations

from uuid import UUID

from flask import abort, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import clock
from app.accounts.addresses import read_address
from app.accounts.signed_in import officer
from app.cases.door import AddressCannotBeUsed, change_address, open_way_in_again
from app.cases.models import Case
from app.cases.queries import (
    CaseNotOpen,
    case_in_charge,
    enrolment_of,
    facts_of,
    why_case_is_not_open,
)
from app.cases.rules import Channel
from app.sign_in import blueprint
from app.sign_in.officer_forms import VictimAddressForm
from app.sign_in.requests import settings
from app.sign_in.sessions import end_of_victim
from app.web.access import Audience, open_to
from app.web.asking_again import show_form
from app.web.transactions import db
from app.web.values import read_id


@blueprint.post("/officer/cases/<case_id>/extra-word")
@open_to(Audience.OFFICER)
def reset_extra_word(case_id: str) -> ResponseReturnValue:
    case, victim_id = _joined(case_id)
    open_way_in_again(db(), case, victim_id, officer().actor, clock.now())
    return redirect(url_for("inbox.case", case_id=case.id), 303)


@blueprint.route("/officer/cases/<case_id>/address", methods=["GET", "POST"])
@open_to(Audience.OFFICER)
def victim_address(case_id: str) -> ResponseReturnValue:
    case, victim_id = _joined(case_id)
    if why_case_is_not_open(db(), case, clock.now()) is not None:
        abort(409)
    form = VictimAddressForm()
    if not form.validate_on_submit():
        return _ask(case, form)
    read = read_address(form.address.data or "")
    if read is None:
        return _ask(
            case, form, _("Enter an email address like name@example.com, or a mobile number")
        )
    now, by = clock.now(), officer().actor
    try:
        change_address(
            db(),
            victim_id,
            Channel(read[0]),
            read[1],
            by=by,
            reason=form.reason.data or "",
            now=now,
        )
    except AddressCannotBeUsed:
        return _ask(
            case,
            form,
            _("This address cannot be used for this victim. Look at the case system, and ask them"),
        )
    # Whoever was in by the old address is no longer.
    end_of_victim(db(), settings(), victim_id, now, by=by)
    return redirect(url_for("inbox.case", case_id=case.id), 303)


def _joined(case_id: str) -> tuple[Case, UUID]:
    """The officer's case and who has joined it; otherwise there is nothing here."""
    try:
        case = case_in_charge(db(), officer(), read_id(case_id))
    except CaseNotOpen:
        abort(404)
    enrolment = enrolment_of(db(), case.id)
    if enrolment is None:
        abort(404)
    return case, enrolment.victim_id


def _ask(case: Case, form: VictimAddressForm, problem: str | None = None) -> ResponseReturnValue:
    if problem is not None:
        form.refuse(form.address, problem)
    facts = facts_of(case)
    names = (facts.victim.given_name, facts.victim.family_name) if facts else ()
    return show_form(
        "sign_in/victim_address.html",
        form,
        case_url=url_for("inbox.case", case_id=case.id),
        victim_name=" ".join(name for name in names if name),
        reference=facts.reference if facts else "",
    )
