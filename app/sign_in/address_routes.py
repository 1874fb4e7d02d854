"""A victim changes the address by which they sign in."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app import clock
from app.accounts.models import Victim
from app.accounts.signed_in import victim
from app.sign_in import blueprint
from app.sign_in.address_change import AddressIsTheSame, ask_change, confirm_change
from app.sign_in.answers import has_open_case, no_case_open
from app.sign_in.codes import AddressIsNonsense, Outcome, TooManyCodes
from app.sign_in.forms import BothCodesForm, NewAddressForm
from app.sign_in.requests import settings
from app.web import pages
from app.web.access import Audience, open_to
from app.web.asking_again import show_form
from app.web.transactions import db

_CHANGE = "address_change"


@blueprint.route("/preferences/address", methods=["GET", "POST"])
@open_to(Audience.VICTIM)
def new_address() -> ResponseReturnValue:
    if not has_open_case():
        return no_case_open("sign_in.new_address")
    form = NewAddressForm()
    if not form.validate_on_submit():
        return _ask(form)
    me = db().get_one(Victim, victim().id)
    try:
        change = ask_change(db(), me, current_user.session_id, form.address.data or "", clock.now())
    except AddressIsNonsense:
        return _ask(form, _("Enter an email address like name@example.com, or a mobile number"))
    except AddressIsTheSame:
        return _ask(form, _("You sign in with this one already"))
    except TooManyCodes:
        return _ask(
            form, _("You have asked several times. Wait a while, ask your officer, or call 101")
        )
    session[_CHANGE] = str(change)
    return redirect(url_for("sign_in.confirm_address"), 303)


def _ask(form: NewAddressForm, problem: str | None = None) -> ResponseReturnValue:
    if problem is not None:
        form.refuse(form.address, problem)
    return show_form("sign_in/new_address.html", form)


@blueprint.route("/preferences/address/confirm", methods=["GET", "POST"])
@open_to(Audience.VICTIM)
def confirm_address() -> ResponseReturnValue:
    if not has_open_case():
        return no_case_open("sign_in.confirm_address")
    if _CHANGE not in session:
        return redirect(url_for("sign_in.new_address"), 303)
    form = BothCodesForm()
    if not form.validate_on_submit():
        return show_form("sign_in/confirm_address.html", form)
    outcome = confirm_change(
        db(),
        settings(),
        (UUID(session[_CHANGE]), victim().id, current_user.session_id),
        (form.old.data or "", form.new.data or ""),
        clock.now(),
    )
    if outcome is Outcome.RIGHT:
        session.pop(_CHANGE)
        return redirect(url_for("sign_in.address_changed"), 303)
    form.refuse(form.old, _say(outcome))
    return show_form("sign_in/confirm_address.html", form)


def _say(outcome: Outcome) -> str:
    if outcome is Outcome.WRONG:
        return str(_("One of the codes is not right. Check both and try again"))
    return str(_("These codes no longer work. Start again, ask your officer, or call 101"))


@blueprint.get("/preferences/address/changed")
@open_to(Audience.VICTIM)
def address_changed() -> ResponseReturnValue:
    if not has_open_case():
        return no_case_open("sign_in.address_changed")
    return pages.render("sign_in/address_changed.html")
