"""Loose limits by network address; what guards an account or a case is counted in the database.

Phones share their carriers' addresses, so these only stop floods.
"""

from __future__ import annotations

from flask import Flask, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

PER_ADDRESS = "3000 per hour"

limiter = Limiter(get_remote_address, strategy="moving-window", headers_enabled=False)


def _is_get() -> bool:
    return request.method in {"GET", "HEAD", "OPTIONS"}


per_address = limiter.shared_limit(PER_ADDRESS, scope="doors", exempt_when=_is_get)
"""For every form that somebody who is not signed in can send."""


def init_app(app: Flask, storage_url: str) -> None:
    app.config["RATELIMIT_STORAGE_URI"] = storage_url
    # Without its store the limiter lets people in: the database's own counts still hold.
    app.config["RATELIMIT_SWALLOW_ERRORS"] = True
    limiter.init_app(app)
