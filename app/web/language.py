"""Which language a page speaks, and links that keep to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from babel import Locale, UnknownLocaleError
from flask import Flask, current_app, g, has_app_context, has_request_context, request
from flask_babel import Babel, get_locale, get_translations, refresh

ENGLISH = "en"
OWN_NAMES = {ENGLISH: "English", "cy": "Cymraeg"}
"""What a language calls itself: on the link to it, and so never translated."""
OFFICERS = "/officer"
DEFAULT_FOLDER = Path(__file__).resolve().parents[1] / "translations"


def init_app(app: Flask) -> None:
    """Start Flask-Babel and tell templates which language they are in."""
    app.config.setdefault("TRANSLATIONS_DIR", str(DEFAULT_FOLDER))
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(app.config["TRANSLATIONS_DIR"])
    # Our catalogues leave officers' pages out (babel.cfg): half a page would be worse than none.
    app.config.setdefault("OFFICERS_LANGUAGES", (ENGLISH,))
    app.config.setdefault("BABEL_DEFAULT_TIMEZONE", "Europe/London")
    app.extensions["languages"] = _find_languages(Path(app.config["TRANSLATIONS_DIR"]))
    Babel(app, default_locale=ENGLISH, locale_selector=choose)
    app.jinja_env.globals["public_url"] = public_url
    # Flask-Babel's own look the catalogue up for each of a page's hundred texts.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda text: _catalogue().ugettext(text),
        ngettext=lambda one, more, count: _catalogue().ungettext(one, more, count),
        newstyle=True,
        pgettext=lambda context, text: _catalogue().upgettext(context, text),
        npgettext=lambda context, one, more, count: _catalogue().unpgettext(
            context, one, more, count
        ),
    )
    app.context_processor(_describe)


def _catalogue() -> Any:
    """The texts of this request's language, found once for each language it speaks."""
    if "catalogue" not in g:
        g.catalogue = get_translations()
    return g.catalogue


def _find_languages(folder: Path) -> tuple[str, ...]:
    found = {path.parent.parent.name for path in folder.glob("*/LC_MESSAGES/*.mo")}
    return (ENGLISH, *sorted(code for code in found - {ENGLISH} if _is_known(code)))


def _is_known(code: str) -> bool:
    try:
        Locale.parse(code)
    except (UnknownLocaleError, ValueError):
        return False
    return True


def available() -> tuple[str, ...]:
    """Return the codes of the languages that pages can speak, English first."""
    languages: tuple[str, ...] = current_app.extensions["languages"]
    return languages


def choose() -> str:
    """Return this request's language: asked for in the address, else the person's, else English."""
    asked = asked_for()
    if asked is not None:
        return asked
    known = g.get("language") if has_app_context() else None
    return known if known in available_here() else ENGLISH


def asked_for() -> str | None:
    """Return the language that ``?lang=`` names, if there is a catalogue for it."""
    if not has_request_context():
        return None
    asked = request.args.get("lang", "")
    return asked if asked in available_here() else None


def available_here() -> tuple[str, ...]:
    """Return the codes of the languages that the page of this request can speak."""
    if has_request_context() and request.path.startswith(OFFICERS):
        spoken: tuple[str, ...] = current_app.config["OFFICERS_LANGUAGES"]
        return spoken
    return available()


def speak(code: str | None) -> None:
    """Use a person's own language for the rest of this request (``?lang=`` goes first)."""
    g.language = code
    g.pop("catalogue", None)
    refresh()


def public_url(path: str, **query: str) -> str:
    """Return a link to a page of ours that keeps the language of this one.

    ``path`` starts with a slash; ``query`` is added to it.
    """
    # A person's own language too: a public page does not look who is there. English if asked for:
    # the next page may know of a person who has another.
    spoken = asked_for() or current()
    if spoken != ENGLISH or asked_for():
        query.setdefault("lang", spoken)
    return f"{path}?{urlencode(query)}" if query else path


def current() -> str:
    """Return the code of the language in use, as ``<html lang>`` writes it."""
    return str(get_locale() or ENGLISH).replace("_", "-")


def _describe() -> dict[str, str]:
    locale = get_locale() or Locale.parse(ENGLISH)
    return {"lang": current(), "text_direction": str(locale.text_direction)}
