"""Signing in with a passkey, and an officer's own list of them."""

from __future__ import annotations

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import clock
from app.sign_in import blueprint
from app.sign_in.answers import too_many
from app.sign_in.challenges import new_challenge, site, take_challenge
from app.sign_in.officer_forms import PasskeyForm
from app.sign_in.officer_routes import waiting_officer
from app.sign_in.officers import TooManyTries
from app.sign_in.own_routes import is_mine, me, with_own_password
from app.sign_in.passkeys import (
    PasskeyRefused,
    Site,
    add_passkey,
    options_to_add,
    passkeys_of,
    remove_passkey,
    sign_in_with,
)
from app.sign_in.requests import start_session
from app.web import pages
from app.web.access import Audience, open_to
from app.web.asking_again import show_form
from app.web.carried import carry, take
from app.web.language import public_url
from app.web.limits import per_address
from app.web.templates import service_name
from app.web.transactions import db
from app.web.values import read_id

_NAME = "new_passkey"


@blueprint.post("/officer/sign-in/passkey")
@open_to(Audience.EVERYBODY)
@per_address
def passkey_sign_in() -> ResponseReturnValue:
    here, challenge = site(), take_challenge()
    if here is None or challenge is None:
        return pages.go_to("sign_in.officer_sign_in")
    only = challenge.officer_id
    if only is not None and waiting_officer() != only:
        return pages.go_to("sign_in.officer_sign_in")
    try:
        found = sign_in_with(
            db(),
            here,
            credential=request.form.get("credential", ""),
            challenge=challenge.value,
            only=only,
            now=clock.now(),
        )
    except TooManyTries as error:
        return too_many(error.retry_at)
    except PasskeyRefused:
        step = "sign_in.officer_code" if only is not None else "sign_in.officer_sign_in"
        return redirect(public_url(url_for(step), passkey="refused"), 303)
    start_session(officer=found)
    return redirect(url_for("inbox.inbox"), 303)


@blueprint.route("/officer/account/passkeys", methods=["GET", "POST"])
@open_to(Audience.OFFICER)
@with_own_password
def own_passkeys() -> ResponseReturnValue:
    _site_or_404()
    form = PasskeyForm()
    if form.validate_on_submit():
        if is_mine(form.password.data):
            carry(_NAME, form.name.data)
            return redirect(url_for("sign_in.new_passkey"), 303)
        form.refuse(form.password, _("That is not your password"))
    return show_form(
        "sign_in/own_passkeys.html",
        form,
        passkeys=passkeys_of(db(), me().id),
        done=request.args.get("done", ""),
    )


@blueprint.route("/officer/account/passkeys/add", methods=["GET", "POST"])
@open_to(Audience.OFFICER)
@with_own_password
def new_passkey() -> ResponseReturnValue:
    here, name = _site_or_404(), take(_NAME)
    if name is None:
        return redirect(url_for("sign_in.own_passkeys"), 303)
    if request.method == "POST":
        return _add(here, name)
    # Once more: for the form that comes back from this page.
    carry(_NAME, name)
    mine = me()
    challenge = new_challenge(mine.id)
    options = options_to_add(here, service_name(), mine, passkeys_of(db(), mine.id), challenge)
    return pages.render("sign_in/new_passkey.html", name=name, options=options)


def _add(here: Site, name: str) -> ResponseReturnValue:
    mine, challenge = me(), take_challenge()
    if challenge is None or challenge.officer_id != mine.id:
        return _back_to_list("refused")
    try:
        add_passkey(
            db(),
            here,
            mine,
            credential=request.form.get("credential", ""),
            challenge=challenge.value,
            name=name,
            now=clock.now(),
        )
    except PasskeyRefused:
        return _back_to_list("refused")
    return _back_to_list("added")


@blueprint.post("/officer/account/passkeys/<passkey_id>/remove")
@open_to(Audience.OFFICER)
@with_own_password
def remove_own_passkey(passkey_id: str) -> ResponseReturnValue:
    if not remove_passkey(db(), me(), read_id(passkey_id)):
        abort(404)
    return _back_to_list("removed")


def _back_to_list(done: str) -> ResponseReturnValue:
    return redirect(url_for("sign_in.own_passkeys", done=done), 303)


def _site_or_404() -> Site:
    here = site()
    if here is None:
        abort(404)
    return here
