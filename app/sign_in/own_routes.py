"""An officer's own sign-in: password, authenticator, recovery codes."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from io import BytesIO
from typing import Any
from uuid import UUID

import segno
from flask import Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app import clock
from app.accounts.models import Officer
from app.accounts.signed_in import officer
from app.sign_in import blueprint
from app.sign_in.answers import too_many
from app.sign_in.challenges import site
from app.sign_in.officer_forms import NewAuthenticatorForm, NewPasswordForm, OwnPasswordForm
from app.sign_in.officers import TooManyTries, hash_password, provider_of
from app.sign_in.own_sign_in import (
    change_password,
    is_own_password,
    offer_authenticator,
    offered_authenticator,
    take_authenticator,
    words_about,
)
from app.sign_in.passkeys import passkeys_of
from app.sign_in.passwords import LONGEST, SHORTEST, Weakness, weakness_of
from app.sign_in.recovery import codes_left, make_codes
from app.web import pages
from app.web.access import Audience, open_to
from app.web.asking_again import show_form
from app.web.carried import carry, take
from app.web.templates import service_name
from app.web.transactions import database, db, undo

_CODES = "recovery_codes"

View = Callable[..., ResponseReturnValue]


def with_own_password(view: View) -> View:
    """For officers whose sign-in is kept here; where the force has a provider there is nothing."""

    @wraps(view)
    def guarded(*arguments: Any, **named: Any) -> ResponseReturnValue:
        if provider_of(db(), me()) is not None:
            abort(404)
        try:
            return view(*arguments, **named)
        except TooManyTries as error:
            undo()
            return too_many(error.retry_at)

    return guarded


def me() -> Officer:
    return db().get_one(Officer, officer().id)


def this_session() -> UUID:
    found: UUID = current_user.session_id
    return found


def is_mine(typed: str | None) -> bool:
    """Whether this is the signed-in officer's password. Begins the request's transaction anew."""
    undo()
    return is_own_password(database(), officer().id, typed or "", clock.now())


@blueprint.get("/officer/account")
@open_to(Audience.OFFICER)
def own_sign_in() -> ResponseReturnValue:
    mine = me()
    return pages.render(
        "sign_in/own_sign_in.html",
        officer_label=mine.label,
        has_provider=provider_of(db(), mine) is not None,
        codes_left=codes_left(db(), mine),
        passkeys=len(passkeys_of(db(), mine.id)),
        can_have_passkeys=site() is not None,
        done=request.args.get("done", ""),
    )


def back_with(done: str) -> ResponseReturnValue:
    return redirect(url_for("sign_in.own_sign_in", done=done), 303)


@blueprint.route("/officer/account/password", methods=["GET", "POST"])
@open_to(Audience.OFFICER)
@with_own_password
def own_password() -> ResponseReturnValue:
    form = NewPasswordForm()
    if form.validate_on_submit():
        about = words_about(db(), me())
        weakness = weakness_of(form.new.data or "", about)
        if weakness is not None:
            form.refuse(form.new, _say(weakness))
        elif not is_mine(form.old.data):
            form.refuse(form.old, _("That is not your password"))
        else:
            hashed = hash_password(form.new.data or "")
            change_password(db(), me(), hashed, this_session(), clock.now())
            return back_with("password")
    return show_form("sign_in/own_password.html", form, shortest=str(SHORTEST))


def _say(weakness: Weakness) -> str:
    said = {
        Weakness.TOO_SHORT: _("Use at least %(number)s characters", number=SHORTEST),
        Weakness.TOO_LONG: _("Use at most %(number)s characters", number=LONGEST),
        Weakness.ABOUT_YOU: _("Leave out your name, your collar number and your force"),
        Weakness.COMMON: _("That is one of the first that somebody would try. Choose another one"),
    }
    return str(said[weakness])


@blueprint.route("/officer/account/authenticator", methods=["GET", "POST"])
@open_to(Audience.OFFICER)
@with_own_password
def own_authenticator() -> ResponseReturnValue:
    form = OwnPasswordForm()
    if form.validate_on_submit():
        if is_mine(form.password.data):
            offer_authenticator(me(), clock.now())
            return redirect(url_for("sign_in.new_authenticator"), 303)
        form.refuse(form.password, _("That is not your password"))
    return show_form("sign_in/own_authenticator.html", form)


@blueprint.route("/officer/account/authenticator/confirm", methods=["GET", "POST"])
@open_to(Audience.OFFICER)
@with_own_password
def new_authenticator() -> ResponseReturnValue:
    offered = offered_authenticator(me(), clock.now())
    if offered is None:
        return redirect(url_for("sign_in.own_authenticator"), 303)
    form = NewAuthenticatorForm()
    if form.validate_on_submit():
        typed = form.code.data or ""
        if take_authenticator(db(), officer().id, typed, this_session(), clock.now()):
            return back_with("authenticator")
        form.refuse(form.code, _("That is not the code that the new authenticator shows now"))
    secret = offered.secret
    in_fours = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return show_form("sign_in/new_authenticator.html", form, secret=in_fours)


@blueprint.get("/officer/account/authenticator/picture")
@open_to(Audience.OFFICER)
@with_own_password
def new_authenticator_picture() -> ResponseReturnValue:
    """The secret as a QR code, for the authenticator's camera."""
    mine = me()
    offered = offered_authenticator(mine, clock.now())
    if offered is None:
        abort(404)
    address = offered.provisioning_uri(name=mine.email or mine.collar, issuer_name=service_name())
    drawn = BytesIO()
    segno.make(address).save(drawn, kind="svg", scale=5, xmldecl=False, light="#fff")
    return Response(drawn.getvalue(), mimetype="image/svg+xml")


@blueprint.route("/officer/account/recovery-codes", methods=["GET", "POST"])
@open_to(Audience.OFFICER)
@with_own_password
def recovery_codes() -> ResponseReturnValue:
    form = OwnPasswordForm()
    if form.validate_on_submit():
        if is_mine(form.password.data):
            carry(_CODES, make_codes(db(), me(), clock.now()))
            return redirect(url_for("sign_in.new_recovery_codes"), 303)
        form.refuse(form.password, _("That is not your password"))
    left = str(codes_left(db(), me()))
    return show_form(
        "sign_in/recovery_codes.html", form, left=left, used=request.args.get("used", "")
    )


@blueprint.get("/officer/account/recovery-codes/new")
@open_to(Audience.OFFICER)
@with_own_password
def new_recovery_codes() -> ResponseReturnValue:
    """The new codes, once."""
    codes = take(_CODES)
    if codes is None:
        return redirect(url_for("sign_in.recovery_codes"), 303)
    return pages.render("sign_in/new_recovery_codes.html", codes=codes)
