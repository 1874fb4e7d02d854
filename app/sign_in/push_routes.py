"""Telling a victim of news on their own device, by its browser's push service.

Offered by script only, since without one no browser can do it; with the force's and the operator's
yes only.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app import clock
from app.accounts.models import PUSH, Victim
from app.accounts.signed_in import victim
from app.accounts.telling import choose_notices, push_of, tell_on_device
from app.cases.queries import open_cases_of
from app.notifications.push import is_push_service, public_key
from app.sign_in import blueprint
from app.sign_in.answers import has_open_case, no_case_open
from app.sign_in.preference_forms import PushForm
from app.sign_in.requests import settings
from app.sign_in.sessions import device_of
from app.web.access import Audience, open_to
from app.web.asking_again import show_form
from app.web.transactions import db


@dataclass(frozen=True, slots=True)
class PushView:
    """What the settings show of it. `was_on`: chosen, and no device is told any more."""

    is_offered: bool
    is_here: bool
    is_elsewhere: bool
    was_on: bool

    @classmethod
    def of(cls, me: Victim) -> PushView:
        device = push_of(db(), me)
        here = device_of(db(), current_user.session_id)
        is_here = device is not None and device.device_id == here
        return cls(
            is_offered=not is_here and here is not None and _is_on(),
            is_here=is_here,
            is_elsewhere=device is not None and not is_here,
            was_on=me.notice_channel == PUSH and device is None,
        )


def _is_on() -> bool:
    """Whether the operator and one of this victim's forces have switched it on."""
    if settings().push is None:
        return False
    cases = open_cases_of(db(), victim(), clock.now())
    return any(case.force.settings.push for case in cases)


@blueprint.route("/preferences/push", methods=["GET", "POST"])
@open_to(Audience.VICTIM)
def tell_on_this_device() -> ResponseReturnValue:
    if request.method == "POST":
        # A hold locks the account too, before it forgets devices: this one comes before or after.
        db().get_one(Victim, victim().id, with_for_update={"key_share": True})
    if not has_open_case():
        return no_case_open("sign_in.tell_on_this_device")
    push = settings().push
    if push is None or not _is_on():
        abort(404)
    form = PushForm()
    if form.validate_on_submit():
        endpoint = (form.endpoint.data or "").strip()
        device_id = device_of(db(), current_user.session_id)
        if device_id is not None and is_push_service(endpoint, push.stand_in):
            me = db().get_one(Victim, victim().id)
            tell_on_device(db(), me, device_id, endpoint, clock.now())
            return redirect(url_for("sign_in.preferences"), 303)
        form.refuse(
            form.only_me, _("We cannot send anything to this browser. Choose another way to hear")
        )
    return show_form("sign_in/push.html", form, key=public_key(push))


@blueprint.post("/preferences/push/stop")
@open_to(Audience.VICTIM)
def stop_telling_on_device() -> ResponseReturnValue:
    """Nothing is to be sent any more, here or to another device of theirs."""
    me = db().get_one(Victim, victim().id)
    if me.notice_channel == PUSH:
        choose_notices(db(), me, None, clock.now())
    return redirect(url_for("sign_in.preferences"), 303)
