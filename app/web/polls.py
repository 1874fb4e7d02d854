"""How often the open pages of one session may ask for news.

Counted before everything else, the glance that answers most polls included, so it has to cost next
to nothing: in this process a number for each session and minute, in Redis where several count.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from threading import Lock
from typing import Final, Protocol

from flask import Flask, current_app, request, session
from flask_limiter.util import get_remote_address
from limits import RateLimitItemPerMinute
from limits.strategies import FixedWindowRateLimiter
from redis.exceptions import RedisError
from werkzeug.exceptions import TooManyRequests

from app import clock
from app.crypto import token_hash
from app.web.access import is_poll
from app.web.limits import limiter

_MINUTE: Final = 60


class Polls(Protocol):
    """Counts questions."""

    def is_one_too_many(self, who: str, most: int, now: datetime) -> bool: ...


class PollsHere:
    """Counts in this process, minute by minute."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._minute = 0
        self._asked: Counter[str] = Counter()

    def is_one_too_many(self, who: str, most: int, now: datetime) -> bool:
        minute = int(now.timestamp()) // _MINUTE
        with self._lock:
            if minute != self._minute:
                self._minute, self._asked = minute, Counter()
            self._asked[who] += 1
            return self._asked[who] > most


class PollsInRedis:
    """Counts where all processes do; without its store people are let in."""

    def is_one_too_many(self, who: str, most: int, now: datetime) -> bool:
        minute = str(int(now.timestamp()) // _MINUTE)
        windows = FixedWindowRateLimiter(limiter.storage)
        try:
            return not windows.hit(RateLimitItemPerMinute(most), "polls", who, minute)
        except RedisError:
            return False


def init_app(app: Flask, polls_per_minute: int, storage_url: str) -> None:
    """Register before every other hook. Reads ``app.config``: ``POLLS_PER_MINUTE``."""
    app.config.setdefault("POLLS_PER_MINUTE", polls_per_minute)
    app.extensions["polls"] = PollsInRedis() if storage_url.startswith("redis") else PollsHere()
    app.before_request(_count)


def _count() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    if not is_poll(view):
        return
    polls: Polls = current_app.extensions["polls"]
    now = clock.now()
    if polls.is_one_too_many(_who(), current_app.config["POLLS_PER_MINUTE"], now):
        next_minute = (int(now.timestamp()) // _MINUTE + 1) * _MINUTE
        raise TooManyRequests(retry_after=datetime.fromtimestamp(next_minute, UTC))


def _who() -> str:
    """Whose session this is (a hash of its token), or the address of who has none."""
    token = session.get("_user_id")
    return token_hash(token).hex() if isinstance(token, str) else get_remote_address()
