"""A victim's ways in and out: code, safety page, signing out, leaving in a hurry."""

from __future__ import annotations

import secrets
from uuid import UUID

from flask import make_response, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import clock
from app.accounts.models import PUSH, Victim
from app.accounts.signed_in import victim, viewer_or_none
from app.accounts.telling import choose_notices, is_to_be_asked_again
from app.accounts.words import has_word
from app.audit import actions as audit
from app.audit.vocabulary import ANONYMOUS, Action
from app.messages import kept
from app.sign_in import blueprint, device_cookie
from app.sign_in.answers import has_open_case, no_case_open, too_many
from app.sign_in.codes import AddressIsNonsense, Outcome, TooManyCodes, ask, try_code
from app.sign_in.entering import is_known_here, let_in
from app.sign_in.exit import leave_in_a_hurry
from app.sign_in.forms import CodeForm, SafetyForm, SignInForm
from app.sign_in.invitations import join_pending
from app.sign_in.requests import end_session, settings
from app.web import pages
from app.web.access import Audience, open_to
from app.web.asking_again import show_form
from app.web.limits import per_address
from app.web.transactions import db
from app.web.waiting import waiting_page

BROWSER = "browser"
CODE = "code"


@blueprint.route("/sign-in", methods=["GET", "POST"])
@open_to(Audience.EVERYBODY)
@per_address
def sign_in() -> ResponseReturnValue:
    form = SignInForm()
    if not form.validate_on_submit():
        return show_form("sign_in/sign_in.html", form)
    browser = session.setdefault(BROWSER, secrets.token_urlsafe(16))
    try:
        session[CODE] = str(
            ask(
                db(),
                form.address.data or "",
                browser,
                clock.now(),
                device=device_cookie.token(),
            )
        )
    except AddressIsNonsense:
        form.refuse(
            form.address,
            _("Enter an email address like name@example.com, or a mobile number"),
        )
        return show_form("sign_in/sign_in.html", form)
    except TooManyCodes as error:
        return too_many(error.retry_at)
    return pages.go_to("sign_in.code")


@blueprint.route("/sign-in/code", methods=["GET", "POST"])
@open_to(Audience.EVERYBODY)
@per_address
def code() -> ResponseReturnValue:
    if CODE not in session:
        return pages.go_to("sign_in.sign_in")
    form = CodeForm()
    if not form.validate_on_submit():
        return show_form("sign_in/code.html", form)
    tried = try_code(
        db(), UUID(session[CODE]), session.get(BROWSER, ""), form.code.data or "", clock.now()
    )
    if tried.outcome is Outcome.RIGHT and tried.victim is not None:
        return _after_the_code(tried.victim, tried.code_id)
    form.refuse(form.code, _say(tried.outcome))
    return show_form("sign_in/code.html", form)


def _after_the_code(found: Victim, code_id: UUID | None) -> ResponseReturnValue:
    """In; or on to the extra word, where the person has one and this device is not known."""
    if has_word(db(), found.id) and not is_known_here(found.id):
        audit.record(db(), Action.WORD_ASKED, ANONYMOUS, subject_id=code_id)
        # Whichever of this browser's codes it was.
        session[CODE] = str(code_id)
        return pages.go_to("sign_in.word")
    return enter(found, by="code", subject_id=code_id)


def enter(found: Victim, *, by: str, subject_id: UUID | None) -> ResponseReturnValue:
    """Sign in, join the case whose invitation was answered before, and on to the case, or to the
    form that this person was in as their session ended."""
    pending, page = session.get("invitation"), waiting_page()
    let_in(found, by=by, subject_id=subject_id)
    join_pending(pending, found)
    are_theirs = page is not None and kept.kept_for(
        db(), found.id, page.case_id, clock.now(), page.form
    )
    return redirect(page.path if page and are_theirs else url_for("portal.cases"), 303)


def _say(outcome: Outcome) -> str:
    if outcome is Outcome.WRONG:
        return str(_("That code is not right. Check it and try again"))
    return str(_("That code no longer works. Ask for a new one"))


@blueprint.route("/safety", methods=["GET", "POST"])
@open_to(Audience.VICTIM)
def safety() -> ResponseReturnValue:
    me = db().get_one(Victim, victim().id)
    if not has_open_case():
        return no_case_open("sign_in.safety")
    form = notices_form(me)
    if not form.validate_on_submit():
        return show_form("sign_in/safety.html", form)
    take_choice(me, form)
    return redirect(url_for("portal.cases"), 303)


def take_choice(me: Victim, form: SafetyForm) -> None:
    """How to be told. Nothing chosen changes nothing for who is told on a device."""
    if form.channel.data or me.notice_channel != PUSH:
        choose_notices(db(), me, form.chosen, clock.now())


def notices_form(me: Victim) -> SafetyForm:
    """As it stands. After 90 days the box has to be ticked anew."""
    chosen = me.notice_channel if me.notice_channel != PUSH else None
    is_confirmed = chosen is not None and not is_to_be_asked_again(db(), me, clock.now())
    form = SafetyForm(channel=chosen or "", only_me=is_confirmed)
    form.offer([address.channel for address in me.addresses])
    return form


@blueprint.post("/sign-out")
@open_to(Audience.EVERYBODY)
def sign_out() -> ResponseReturnValue:
    viewer = viewer_or_none()
    is_officer = viewer is not None and viewer.actor.kind == "officer"
    end_session(Action.SIGNED_OUT)
    endpoint = "sign_in.officer_sign_in" if is_officer else "sign_in.signed_out"
    return pages.go_to(endpoint)


@blueprint.get("/signed-out")
@open_to(Audience.EVERYBODY)
def signed_out() -> ResponseReturnValue:
    return pages.render("sign_in/signed_out.html")


@blueprint.route("/exit", methods=["GET", "POST"])
@open_to(Audience.EVERYBODY)
def leave() -> ResponseReturnValue:
    """Out, at once: the session ends here, whatever else still works on that device.

    Another site's page, or a browser that fetches ahead, ends nothing.
    """
    if not _is_from_elsewhere():
        leave_in_a_hurry()
    if request.method == "POST":
        return make_response("", 204)
    return redirect(settings().safe_exit_url, 303)


def _is_from_elsewhere() -> bool:
    fetched_ahead = any(
        "prefetch" in request.headers.get(name, "").lower()
        for name in ("Sec-Purpose", "Purpose", "X-Moz")
    )
    return fetched_ahead or request.headers.get("Sec-Fetch-Site") == "cross-site"
