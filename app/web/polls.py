"""How often the open pages of one session may ask for news.

On a day of too many, `POLL_AFTER` stretches the time between the questions of every open page, or
stops them: each answer to a poll carries it as the header of that name.

Counted before everything else, the glance that answers most polls included, so it has to cost next
to nothing: in this process a number for each session and minute, in Redis where several count.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from functools import partial
from threading import Lock
from typing import Final, Protocol

from flask import Flask, Response, current_app, request, session
from flask_limiter.util import get_remote_address
from limits import RateLimitItemPerMinute
from limits.strategies import FixedWindowRateLimiter
from redis.exceptions import RedisError
from werkzeug.exceptions import TooManyRequests

from app import clock
from app.config import Settings
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


def init_app(app: Flask, settings: Settings) -> None:
    """Register before every other hook. Reads ``app.config``: ``POLLS_PER_MINUTE``."""
    app.config.setdefault("POLLS_PER_MINUTE", settings.polls_per_minute)
    is_shared = settings.rate_limit_url.startswith("redis")
    app.extensions["polls"] = PollsInRedis() if is_shared else PollsHere()
    app.before_request(_count)
    if settings.poll_after is not None:
        app.after_request(partial(_tell_when_to_ask, settings.poll_after))


def _tell_when_to_ask(after: str, response: Response) -> Response:
    if is_poll(current_app.view_functions.get(request.endpoint or "")):
        response.headers["Poll-After"] = after
    return response


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
