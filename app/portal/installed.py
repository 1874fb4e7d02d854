"""What a phone keeps of the site: its name and icon on a home screen, and one page for when there
is no connection. Neutral, the same for everybody, and nothing of a person or a case.
"""

from __future__ import annotations

import hashlib
import json

from flask import Response, current_app, render_template, request
from flask_babel import get_locale
from flask_babel import gettext as _

from app.portal import blueprint
from app.web import pages
from app.web.access import Audience, open_to
from app.web.assets import asset, source
from app.web.language import current, public_url
from app.web.templates import service_name

_A_DAY = 24 * 60 * 60
_GROUND = "#14524f"
_OFFLINE = "portal/offline.html"
_PICTURES = {"icon-192.png": "192x192", "icon-512.png": "512x512"}


@blueprint.get("/manifest.webmanifest")
@open_to(Audience.EVERYBODY)
def manifest() -> Response:
    """How the site calls itself on a home screen."""
    pictures = [
        {"src": asset(name), "type": "image/png", "sizes": sizes}
        for name, sizes in _PICTURES.items()
    ]
    told = {
        "id": "/",
        "name": service_name(),
        "short_name": service_name(),
        "lang": current(),
        "dir": str(get_locale().text_direction),
        "start_url": public_url("/cases"),
        "scope": "/",
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": _GROUND,
        "icons": [
            {"src": asset("icon.svg"), "type": "image/svg+xml", "sizes": "any"},
            *pictures,
            *({**picture, "purpose": "maskable"} for picture in pictures),
        ],
    }
    answer = Response(json.dumps(told, ensure_ascii=False), mimetype="application/manifest+json")
    answer.headers["Cache-Control"] = f"max-age={_A_DAY}"
    return answer


@blueprint.get("/sw.js")
@open_to(Audience.EVERYBODY)
def worker() -> Response:
    """The service worker (`static/js/worker.js`), told which page it keeps, and what it shows
    where somebody wants to be told of news.

    It is another one, and so the browser renews what it keeps, as soon as that page or a file that
    it names is.
    """
    code = source("worker.js")
    told = {"title": service_name(), "body": _("You have an update"), "lang": current()}
    told["icon"] = asset("icon-192.png")
    kept = f"{code}{_offline_page()}{json.dumps(told)}"
    version = hashlib.sha256(kept.encode()).hexdigest()[:8]
    shell = json.dumps({"version": version, "offline": public_url("/offline"), "told": told})
    answer = Response(f"const SHELL = {shell}\n{code}", mimetype="text/javascript")
    # Asked for at every visit, so that no browser stays with an old one; mostly 304.
    answer.headers["Cache-Control"] = "no-cache"
    answer.headers["Service-Worker-Allowed"] = "/"
    answer.set_etag(version)
    answer.make_conditional(request)
    return answer


def _offline_page() -> str:
    """The page in this request's language, made once."""
    kept: dict[str, str] = current_app.extensions.setdefault("offline-pages", {})
    asked = public_url("/offline")
    if asked not in kept:
        kept[asked] = render_template(_OFFLINE)
    return kept[asked]


@blueprint.get("/offline")
@open_to(Audience.EVERYBODY)
def offline() -> Response:
    """What shows when there is no connection. Browsers keep it; see `static/js/worker.js`."""
    return pages.render(_OFFLINE)
