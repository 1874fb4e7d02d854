"""Limits against floods: by session or account where there is one, loosely by network address.

What guards an account, an invitation or a case against guessing is counted in the database.
Phones share their carriers' addresses, so a limit by address only stops floods.
"""

from __future__ import annotations

from datetime import UTC, datetime
from math import ceil

from flask import Flask, Response, current_app, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import current_user
from limits import parse
from redis.exceptions import RedisError

from app import clock

PER_ADDRESS = "3000 per hour"
PER_ACCOUNT = "600 per hour"
"""Forms of somebody who is signed in. Words have limits of their own, far below this."""

_TOO_MANY = 429
_REDIS_ANSWERS_WITHIN = 1.0
"""Seconds. One that does not is as good as gone, and people are let in."""

limiter = Limiter(get_remote_address, strategy="moving-window", headers_enabled=False)


def _is_get() -> bool:
    return request.method in {"GET", "HEAD", "OPTIONS"}


def _limit() -> str:
    return str(current_app.config["PER_ADDRESS"])


per_address = limiter.shared_limit(_limit, scope="doors", exempt_when=_is_get)
"""For every form that somebody who is not signed in can send."""


def _account_or_address() -> str:
    """Whose account this is, whatever browser they use; the address of who has none."""
    if not current_user.is_authenticated:
        return str(get_remote_address())
    return str(current_user.viewer.id)


def _account_limit() -> str:
    return str(current_app.config["PER_ACCOUNT"])


per_account = limiter.shared_limit(
    _account_limit, scope="forms", key_func=_account_or_address, exempt_when=_is_get
)
"""For every form that somebody who is signed in can send."""

_WORDS_FOR_ANYBODY = parse("60 per hour")


def may_keep_words_for_anybody() -> bool:
    """Whether to store words for somebody who is not known; counted by address."""
    try:
        return limiter.limiter.hit(_WORDS_FOR_ANYBODY, "words", get_remote_address())
    except RedisError:
        return False


def init_app(app: Flask, storage_url: str) -> None:
    """Count in this store. Reads ``app.config``: ``PER_ADDRESS`` and ``PER_ACCOUNT``,
    limits in words."""
    app.config.setdefault("PER_ADDRESS", PER_ADDRESS)
    app.config.setdefault("PER_ACCOUNT", PER_ACCOUNT)
    app.config["RATELIMIT_STORAGE_URI"] = storage_url
    if storage_url.startswith("redis"):
        app.config["RATELIMIT_STORAGE_OPTIONS"] = {
            "socket_connect_timeout": _REDIS_ANSWERS_WITHIN,
            "socket_timeout": _REDIS_ANSWERS_WITHIN,
        }
    # Without its store the limiter lets people in: the database's own counts still hold.
    app.config["RATELIMIT_SWALLOW_ERRORS"] = True
    limiter.init_app(app)
    app.after_request(_say_when_to_come_back)


def come_back_at() -> datetime | None:
    """When somebody who asked too often may ask again; None where no limit here was met."""
    limit = limiter.current_limit
    if limit is None or not limit.breached:
        return None
    return datetime.fromtimestamp(ceil(limit.reset_at), UTC)


def _say_when_to_come_back(response: Response) -> Response:
    when = come_back_at()
    if response.status_code == _TOO_MANY and when is not None:
        seconds = ceil((when - clock.now()).total_seconds())
        response.headers.setdefault("Retry-After", str(max(1, seconds)))
    return response
