"""The link to the same page in the other language.

Before sign-in it asks for the language in the address. After sign-in it leads to the account's own
choice, and is there only where a force of this person's owes Welsh.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Flask, current_app, request, url_for

from app.accounts.signed_in import viewer_or_none
from app.accounts.viewers import VictimViewer
from app.cases.queries import forces_of
from app.web import language
from app.web.access import is_private
from app.web.transactions import db


@dataclass(frozen=True, slots=True)
class LanguageLink:
    """`name` is what the language calls itself."""

    code: str
    name: str
    url: str


def init_app(app: Flask) -> None:
    app.context_processor(lambda: {"language_link": language_link})


def language_link() -> LanguageLink | None:
    """None where there is no other language to choose."""
    here = language.current()
    others = [code for code in language.available_here() if code != here]
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None or not others:
        return None
    code = others[0]
    if not is_private(view):
        # Only the question mark and what follows: an address that somebody made up stays here.
        return _link(code, f"?{urlencode({**request.args, 'lang': code})}")
    viewer = viewer_or_none()
    if not isinstance(viewer, VictimViewer):
        return None
    spoken = {each for force in forces_of(db(), viewer) for each in force.settings.languages}
    if not {code, here} <= spoken:
        return None
    return _link(code, url_for("sign_in.choose_language"))


def _link(code: str, url: str) -> LanguageLink:
    return LanguageLink(code, language.OWN_NAMES.get(code, code), url)
