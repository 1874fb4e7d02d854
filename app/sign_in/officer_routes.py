"""An officer's way in: password, then authenticator code."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask import redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import Field

from app import clock
from app.sign_in import blueprint
from app.sign_in.answers import too_many
from app.sign_in.challenges import passkey_options
from app.sign_in.digits import digits_in
from app.sign_in.officer_forms import OfficerCodeForm, OfficerPasswordForm
from app.sign_in.officers import SignsInElsewhere, TooManyTries, check_code, check_password
from app.sign_in.openid_routes import force_with_provider
from app.sign_in.recovery import DIGITS
from app.sign_in.requests import start_session
from app.web import pages
from app.web.access import Audience, open_to
from app.web.asking_again import show_form
from app.web.forms import Form
from app.web.language import public_url
from app.web.limits import per_address
from app.web.transactions import database, db

PASSWORD_COUNTS_FOR = timedelta(minutes=10)

_WHO = "officer"
_UNTIL = "officer_until"


@blueprint.route("/officer/sign-in", methods=["GET", "POST"])
@open_to(Audience.EVERYBODY)
@per_address
def officer_sign_in() -> ResponseReturnValue:
    elsewhere = force_with_provider(request.args.get("force", ""))
    if elsewhere is not None and request.method == "GET":
        return pages.render("sign_in/officer_elsewhere.html", force=elsewhere)
    form = OfficerPasswordForm()
    if not form.validate_on_submit():
        _say_if_refused(form, form.email)
        return _ask_password(form)
    now = clock.now()
    try:
        found = check_password(database(), form.email.data or "", form.password.data or "", now)
    except TooManyTries as error:
        return too_many(error.retry_at)
    except SignsInElsewhere as error:
        # To a page with a link: a form may not lead on to another site.
        way = public_url(url_for("sign_in.officer_sign_in"), force=error.slug)
        return redirect(way, 303)
    if found is None:
        form.refuse(form.email, _("The email address or the password is not right"))
        return _ask_password(form)
    session[_WHO] = str(found)
    session[_UNTIL] = (now + PASSWORD_COUNTS_FOR).timestamp()
    return pages.go_to("sign_in.officer_code")


def _ask_password(form: OfficerPasswordForm) -> ResponseReturnValue:
    return show_form("sign_in/officer_sign_in.html", form, passkey_options=passkey_options())


def _ask_code(form: OfficerCodeForm, who: UUID) -> ResponseReturnValue:
    return show_form("sign_in/officer_code.html", form, passkey_options=passkey_options(who))


def _say_if_refused(form: Form, field: Field) -> None:
    """Behind the redirect that a refused passkey leads to."""
    if request.method == "GET" and request.args.get("passkey") == "refused":
        form.refuse(field, _("That passkey was not accepted. Try again, or sign in another way"))


def waiting_officer() -> UUID | None:
    """Who gave a right password in this browser a short while ago."""
    is_late = clock.now().timestamp() > session.get(_UNTIL, 0)
    return None if _WHO not in session or is_late else UUID(session[_WHO])


@blueprint.route("/officer/sign-in/code", methods=["GET", "POST"])
@open_to(Audience.EVERYBODY)
@per_address
def officer_code() -> ResponseReturnValue:
    who = waiting_officer()
    if who is None:
        return pages.go_to("sign_in.officer_sign_in")
    form = OfficerCodeForm()
    if not form.validate_on_submit():
        _say_if_refused(form, form.code)
        return _ask_code(form, who)
    try:
        found = check_code(db(), who, form.code.data or "", clock.now())
    except TooManyTries as error:
        return too_many(error.retry_at)
    if found is None:
        form.refuse(form.code, _("That code is not right, or it was used already"))
        return _ask_code(form, who)
    start_session(officer=found)
    if len(digits_in(form.code.data or "")) == DIGITS:
        # Whoever has used one should know how many are left.
        return redirect(url_for("sign_in.recovery_codes", used="1"), 303)
    return redirect(url_for("inbox.inbox"), 303)
