"""When and in which language a victim is told of news, and whether they still want to be."""

from __future__ import annotations

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.accounts import telling
from app.accounts.models import Victim
from app.accounts.rules import is_paused, pause_ends_at, time_as_typed
from app.accounts.signed_in import victim
from app.cases.queries import open_cases_of
from app.sign_in import blueprint
from app.sign_in.answers import has_open_case, no_case_open
from app.sign_in.preference_forms import (
    ON,
    UNTIL_DATE,
    UNTIL_SWITCHED_ON,
    LanguageForm,
    PauseForm,
    QuietHoursForm,
)
from app.web import language as languages
from app.web.access import Audience, open_to
from app.web.asking_again import show_form
from app.web.times import in_london
from app.web.transactions import db


@blueprint.route("/preferences/quiet-hours", methods=["GET", "POST"])
@open_to(Audience.VICTIM)
def quiet_hours() -> ResponseReturnValue:
    if not has_open_case():
        return no_case_open("sign_in.quiet_hours")
    me = db().get_one(Victim, victim().id)
    form = QuietHoursForm(start=_typed(me.quiet_from), end=_typed(me.quiet_to))
    if not form.validate_on_submit():
        return show_form("sign_in/quiet_hours.html", form)
    telling.choose_quiet_hours(db(), me, *form.times)
    return redirect(url_for("sign_in.preferences", _anchor="when"), 303)


def _typed(minutes: int | None) -> str:
    return "" if minutes is None else time_as_typed(minutes)


@blueprint.route("/preferences/pause", methods=["GET", "POST"])
@open_to(Audience.VICTIM)
def pause_notices() -> ResponseReturnValue:
    if not has_open_case():
        return no_case_open("sign_in.pause_notices")
    me, now = db().get_one(Victim, victim().id), clock.now()
    form = _pause_form(me)
    form.today = in_london(now).date()
    if not form.validate_on_submit():
        return show_form("sign_in/pause_notices.html", form)
    if form.pause.data == ON:
        telling.resume_notices(db(), me, now)
    else:
        is_dated = form.pause.data == UNTIL_DATE and form.until is not None
        until = pause_ends_at(form.until) if is_dated and form.until else None
        telling.pause_notices(db(), me, until, now)
    return redirect(url_for("sign_in.preferences", _anchor="when"), 303)


def _pause_form(me: Victim) -> PauseForm:
    """As it stands now."""
    if not is_paused(me.notices_paused_at, me.notices_paused_until, clock.now()):
        return PauseForm(pause=ON)
    if me.notices_paused_until is None:
        return PauseForm(pause=UNTIL_SWITCHED_ON)
    until = in_london(me.notices_paused_until)
    return PauseForm(
        pause=UNTIL_DATE, day=str(until.day), month=str(until.month), year=str(until.year)
    )


@blueprint.route("/preferences/language", methods=["GET", "POST"])
@open_to(Audience.VICTIM)
def choose_language() -> ResponseReturnValue:
    if not has_open_case():
        return no_case_open("sign_in.choose_language")
    me = db().get_one(Victim, victim().id)
    form = LanguageForm(language=me.speaks)
    form.offer(offered_languages(me))
    if not form.validate_on_submit():
        return show_form("sign_in/choose_language.html", form)
    telling.choose_language(db(), me, form.language.data)
    return redirect(url_for("sign_in.preferences", _anchor="language"), 303)


def offered_languages(me: Victim) -> tuple[str, ...]:
    """What the forces of this victim's cases speak, as far as pages can; and what they have."""
    forces = {case.force for case in open_cases_of(db(), victim(), clock.now())}
    spoken = {me.speaks, *(code for force in forces for code in force.settings.languages)}
    return tuple(code for code in languages.available() if code in spoken)


@blueprint.post("/preferences/notices/still")
@open_to(Audience.VICTIM)
def still_only_me() -> ResponseReturnValue:
    """Asked again after 90 days: still only they see what is sent."""
    telling.confirm_notices(db(), db().get_one(Victim, victim().id), clock.now())
    return redirect(url_for("portal.cases"), 303)


@blueprint.post("/preferences/notices/stop")
@open_to(Audience.VICTIM)
def stop_notices() -> ResponseReturnValue:
    """Asked again after 90 days: nothing is to be sent any more."""
    telling.choose_notices(db(), db().get_one(Victim, victim().id), None, clock.now())
    return redirect(url_for("portal.cases"), 303)
