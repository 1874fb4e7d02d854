"""A victim stops using the portal."""

from __future__ import annotations

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.accounts.signed_in import victim
from app.audit.vocabulary import Action
from app.cases.leaving import leave_portal
from app.sign_in import blueprint, device_cookie
from app.sign_in.answers import has_open_case, no_case_open
from app.sign_in.preference_forms import LeaveForm
from app.sign_in.requests import end_session, settings
from app.sign_in.sessions import end_of_victim
from app.web import pages
from app.web.access import Audience, open_to
from app.web.asking_again import show_form
from app.web.transactions import db


@blueprint.route("/preferences/leave", methods=["GET", "POST"])
@open_to(Audience.VICTIM)
def stop_using() -> ResponseReturnValue:
    if not has_open_case():
        return no_case_open("sign_in.stop_using")
    form = LeaveForm()
    if not form.validate_on_submit():
        return show_form("sign_in/stop_using.html", form)
    me, now = victim().id, clock.now()
    leave_portal(db(), me, now)
    end_of_victim(db(), settings(), me, now)
    end_session(Action.SIGNED_OUT)
    device_cookie.forget()
    return redirect(url_for("sign_in.stopped_using"), 303)


@blueprint.get("/stopped")
@open_to(Audience.EVERYBODY)
def stopped_using() -> ResponseReturnValue:
    return pages.render("sign_in/stopped_using.html")
