"""Answering an invitation: the token leaves the address at once, and looking uses up nothing."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app import clock
from app.accounts.models import Victim
from app.accounts.signed_in import viewer_or_none
from app.accounts.viewers import VictimViewer
from app.cases.enrolment import (
    InvitationIsShut,
    SignInFirst,
    answers_match,
    is_same_person,
    join,
)
from app.cases.invitations import (
    count_wrong_answer,
    invitation_with_token,
    is_answerable,
    lock_invitation,
    refuse,
    waits_until,
)
from app.cases.models import Invitation
from app.cases.queries import facts_of
from app.messages.actions import open_conversation
from app.sign_in import blueprint
from app.sign_in.entering import let_in
from app.sign_in.forms import InvitationForm, NotMeForm
from app.web import language, pages
from app.web.access import Audience, open_to
from app.web.asking_again import is_sent_as_page, show_form
from app.web.limits import per_address
from app.web.transactions import db

_TOKEN = "invitation_token"  # noqa: S105 - its name in the cookie
_ANSWERED = "invitation"
_LONGEST_TOKEN = 100


@blueprint.get("/invitations/<token>")
@open_to(Audience.EVERYBODY)
@per_address
def invitation_link(token: str) -> ResponseReturnValue:
    """Takes the token out of the address before anything is shown: histories are read."""
    # What is longer is no token of ours, and would not fit into a cookie.
    session[_TOKEN] = token[:_LONGEST_TOKEN]
    return pages.go_to("sign_in.invitation")


@blueprint.route("/invitation", methods=["GET", "POST"])
@open_to(Audience.EVERYBODY)
@per_address
def invitation() -> ResponseReturnValue:
    found = _answerable()
    if found is None:
        return _closed()
    _speak_to(found)
    form = InvitationForm()
    if not form.validate_on_submit():
        return _ask(form)
    # From here on one answer after the other: nobody gets more tries by sending them together.
    lock_invitation(db(), found)
    facts = facts_of(found.case)
    if facts is None or not is_answerable(db(), found, clock.now()):
        return _closed()
    if waits_until(db(), found, clock.now()) is not None:
        return _wait(form)
    if not answers_match(facts, form.reference.data or "", form.date_of_birth):
        return _wrong(found, form)
    return _join(found)


def _answerable() -> Invitation | None:
    token = session.get(_TOKEN)
    found = invitation_with_token(db(), token) if isinstance(token, str) else None
    return found if found is not None and is_answerable(db(), found, clock.now()) else None


def _speak_to(found: Invitation) -> None:
    """In the language that the letter was in, unless the address asks for another."""
    facts = facts_of(found.case)
    if facts is not None and facts.victim.language is not None:
        language.speak(facts.victim.language)


def _closed() -> ResponseReturnValue:
    """The same whether it was used, shut, ran out or never was."""
    if is_sent_as_page():
        return pages.go_to("sign_in.invitation")
    return pages.render("sign_in/invitation_closed.html", status=404)


def _ask(form: InvitationForm) -> ResponseReturnValue:
    return show_form("sign_in/invitation.html", form, not_me_url=url_for("sign_in.not_me"))


def _wait(form: InvitationForm) -> ResponseReturnValue:
    form.refuse(
        form.reference,
        _(
            "There were many wrong answers to invitations in a short time, so we take no second"
            " try just now. Try again in an hour, or call 101"
        ),
    )
    return _ask(form)


def _wrong(found: Invitation, form: InvitationForm) -> ResponseReturnValue:
    left = count_wrong_answer(db(), found, clock.now())
    if left == 0:
        return _closed()
    form.refuse(
        form.reference,
        _("The reference number and date of birth do not match. Check both and try again.")
        + " "
        + ngettext("You have %(num)s try left", "You have %(num)s tries left", left),
    )
    return _ask(form)


def _join(found: Invitation) -> ResponseReturnValue:
    viewer = viewer_or_none()
    signed_in = db().get(Victim, viewer.id) if isinstance(viewer, VictimViewer) else None
    try:
        victim = join(db(), found, signed_in, clock.now())
    except InvitationIsShut:
        return _closed()
    except SignInFirst:
        # Rightly answered: after signing in it is not asked again.
        session[_ANSWERED] = str(found.id)
        return pages.go_to("sign_in.sign_in_first")
    open_conversation(db(), found.case, victim.id, clock.now())
    let_in(victim, by="invitation", subject_id=found.id)
    return redirect(url_for("sign_in.safety"), 303)


@blueprint.get("/invitation/sign-in-first")
@open_to(Audience.EVERYBODY)
def sign_in_first() -> ResponseReturnValue:
    return pages.render("sign_in/sign_in_first.html")


def join_pending(invitation_id: object, victim: Victim) -> None:
    """Join the case whose invitation this person answered rightly before signing in."""
    if not isinstance(invitation_id, str):
        return
    found = db().get(Invitation, UUID(invitation_id))
    facts = facts_of(found.case) if found else None
    if found is None or facts is None or not is_same_person(db(), victim, facts.victim):
        return
    try:
        join(db(), found, victim, clock.now())
    except (InvitationIsShut, SignInFirst):
        return
    open_conversation(db(), found.case, victim.id, clock.now())


@blueprint.post("/invitation/not-me")
@open_to(Audience.EVERYBODY)
@per_address
def not_me() -> ResponseReturnValue:
    found = _answerable()
    if found is not None and NotMeForm().validate_on_submit():
        refuse(db(), found, clock.now())
    session.pop(_TOKEN, None)
    return pages.go_to("sign_in.not_me_done")


@blueprint.get("/invitation/not-me")
@open_to(Audience.EVERYBODY)
def not_me_done() -> ResponseReturnValue:
    return pages.render("sign_in/not_me_done.html")
