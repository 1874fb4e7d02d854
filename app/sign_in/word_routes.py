"""The extra word: asked for at the door, chosen and taken away in the settings."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import clock
from app.accounts.models import Victim
from app.accounts.signed_in import victim
from app.accounts.words import close_offer, has_word, remove_word, set_word
from app.sign_in import blueprint
from app.sign_in.answers import has_open_case, no_case_open
from app.sign_in.forms import ChooseWordForm, WordForm
from app.sign_in.routes import BROWSER, CODE, enter
from app.sign_in.words import (
    SHORTEST,
    WordIsPoor,
    WordOutcome,
    check_word,
    hash_word,
    is_shut,
    is_word_due,
)
from app.web import pages
from app.web.access import Audience, open_to
from app.web.asking_again import show_form
from app.web.limits import per_address
from app.web.transactions import database, db


@blueprint.get("/sign-in/word")
@open_to(Audience.EVERYBODY)
def word() -> ResponseReturnValue:
    who = _code(), session.get(BROWSER, ""), clock.now()
    if not is_word_due(db(), *who):
        return pages.go_to("sign_in.sign_in")
    if is_shut(db(), *who):
        return pages.render("sign_in/word_shut.html")
    return show_form("sign_in/word.html", WordForm())


@blueprint.post("/sign-in/word")
@open_to(Audience.EVERYBODY)
@per_address
def give_word() -> ResponseReturnValue:
    code, browser, now = _code(), session.get(BROWSER, ""), clock.now()
    form = WordForm()
    if code is None:
        return pages.go_to("sign_in.sign_in")
    if not form.validate_on_submit():
        return show_form("sign_in/word.html", form)
    outcome, victim_id = check_word(database(), code, browser, form.word.data or "", now)
    found = db().get(Victim, victim_id) if victim_id else None
    if outcome is WordOutcome.RIGHT and found is not None and found.closed_at is None:
        return enter(found, by="code-and-word", subject_id=code)
    if outcome is WordOutcome.WRONG:
        form.refuse(form.word, _("That is not your extra word. Check it and try again"))
        return show_form("sign_in/word.html", form)
    # Shut, or too late: the page of this address says which.
    return pages.go_to("sign_in.word")


def _code() -> UUID | None:
    return UUID(session[CODE]) if CODE in session else None


@blueprint.route("/preferences/word", methods=["GET", "POST"])
@open_to(Audience.VICTIM)
def choose_word() -> ResponseReturnValue:
    if not has_open_case():
        return no_case_open("sign_in.choose_word")
    form = ChooseWordForm()
    me = db().get_one(Victim, victim().id)
    if not form.validate_on_submit():
        return show_form("sign_in/choose_word.html", form, has_word=has_word(db(), me.id))
    # Hashing is slow, and on SQLite a transaction keeps every other writer waiting.
    db().commit()
    try:
        word_hash = hash_word(form.word.data or "", me)
    except WordIsPoor as poor:
        form.refuse(form.word, _say(poor.why))
        return show_form("sign_in/choose_word.html", form, has_word=has_word(db(), me.id))
    set_word(db(), me.id, word_hash, clock.now())
    return redirect(url_for("sign_in.preferences", _anchor="word"), 303)


def _say(why: str) -> str:
    if why == "length":
        return str(_("Use %(count)s letters or more", count=SHORTEST))
    return str(_("Choose a word that is not your name, and that nobody would guess first"))


@blueprint.post("/preferences/word/remove")
@open_to(Audience.VICTIM)
def take_word_away() -> ResponseReturnValue:
    remove_word(db(), victim().id)
    return redirect(url_for("sign_in.preferences", _anchor="word"), 303)


@blueprint.post("/preferences/word/not-now")
@open_to(Audience.VICTIM)
def word_not_now() -> ResponseReturnValue:
    close_offer(db(), victim().id, clock.now())
    return redirect(url_for("portal.cases"), 303)
