"""Loose limits by network address; what guards an account or a case is counted in the database.

Phones share their carriers' addresses, so these only stop floods.
"""

from __future__ import annotations

from math import ceil

from flask import Flask, Response, current_app, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import parse
from redis.exceptions import RedisError

from app import clock

PER_ADDRESS = "3000 per hour"

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


_WORDS_FOR_ANYBODY = parse("60 per hour")


def may_keep_words_for_anybody() -> bool:
    """Whether to store words for somebody who is not known; counted by address."""
    try:
        return limiter.limiter.hit(_WORDS_FOR_ANYBODY, "words", get_remote_address())
    except RedisError:
        return False


def init_app(app: Flask, storage_url: str) -> None:
    """Count in this store. Reads ``app.config``: ``PER_ADDRESS``, a limit in words."""
    app.config.setdefault("PER_ADDRESS", PER_ADDRESS)
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


def _say_when_to_come_back(response: Response) -> Response:
    limit = limiter.current_limit
    if response.status_code == _TOO_MANY and limit is not None and limit.breached:
        seconds = ceil(limit.reset_at - clock.now().timestamp())
        response.headers.setdefault("Retry-After", str(max(1, seconds)))
    return response
