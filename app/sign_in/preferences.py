"""A victim's own settings: how to be told of news, and the devices that are signed in."""

from __future__ import annotations

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app import clock
from app.accounts.models import Victim
from app.accounts.signed_in import victim
from app.accounts.words import has_word
from app.sign_in import blueprint
from app.sign_in.answers import has_open_case, no_case_open
from app.sign_in.devices import note_told
from app.sign_in.push_routes import PushView
from app.sign_in.requests import settings
from app.sign_in.routes import notices_form, take_choice
from app.sign_in.sessions import devices_signed_in, end_of_victim
from app.sign_in.telling_view import AddressView, TellingView
from app.sign_in.told_routes import offered_languages
from app.web.access import Audience, open_to
from app.web.asking_again import show_form
from app.web.transactions import db
from app.web.values import read_id


@blueprint.route("/preferences", methods=["GET", "POST"])
@open_to(Audience.VICTIM)
def preferences() -> ResponseReturnValue:
    if not has_open_case():
        return no_case_open("sign_in.preferences")
    me, now = db().get_one(Victim, victim().id), clock.now()
    form = notices_form(me)
    if form.validate_on_submit():
        take_choice(me, form)
        return redirect(url_for("sign_in.preferences"), 303)
    return show_form(
        "sign_in/preferences.html",
        form,
        told=TellingView.of(me, now),
        push=PushView.of(me),
        languages=offered_languages(me),
        has_word=has_word(db(), me.id),
        addresses=[AddressView.of(each) for each in me.addresses],
        devices=devices_signed_in(db(), settings(), me.id, current_user.session_id, now),
    )


@blueprint.post("/preferences/devices/<session_id>/sign-out")
@open_to(Audience.VICTIM)
def sign_out_device(session_id: str) -> ResponseReturnValue:
    """One device, which may be any but this: for this one there is "Sign out"."""
    if read_id(session_id) != current_user.session_id:
        end_of_victim(db(), settings(), victim().id, clock.now(), only=read_id(session_id))
    return redirect(url_for("sign_in.preferences", _anchor="devices"), 303)


@blueprint.post("/preferences/devices/others")
@open_to(Audience.VICTIM)
def sign_out_others() -> ResponseReturnValue:
    """Everywhere but here; the devices there have to give the extra word again, if there is one."""
    now, here = clock.now(), current_user.session_id
    end_of_victim(db(), settings(), victim().id, now, but=here)
    note_told(db(), here, now)
    return redirect(url_for("sign_in.preferences", _anchor="devices"), 303)


@blueprint.post("/preferences/devices/seen")
@open_to(Audience.VICTIM)
def news_is_seen() -> ResponseReturnValue:
    """ "It was me": this device does not tell of those sign-ins again."""
    note_told(db(), current_user.session_id, clock.now())
    return redirect(url_for("portal.cases"), 303)
