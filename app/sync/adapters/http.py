"""Calls over HTTP that end in time, and JSON from a stranger."""

from __future__ import annotations

import json
import math
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import NoReturn, cast
from urllib.parse import quote

import httpx

from app import clock
from app.sync.adapters.punctual import Deadline, punctual_transport
from app.sync.port import LONGEST_RETRY_AFTER, Silence

LARGEST_BODY = 16 * 1024 * 1024
"""Bytes. A longer answer is nonsense: a page of the feed is some hundred kilobytes."""

_SENDING = ("send_request_headers.started", "send_request_body.started")

_CONNECTIONS = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=15)


class Unanswered(Exception):
    """There is no answer to read; `why` says which kind of silence it was."""

    def __init__(self, why: Silence) -> None:
        super().__init__(why.value)
        self.why = why


class ToldNonsense(Exception):
    """The answer came, and is not what was agreed; the message names the place, never the value."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """`body` is empty unless `status` is 200 or 201; `retry_after` is capped, in seconds."""

    status: int
    body: bytes
    retry_after: float | None


class HttpCalls:
    """Calls to one address with one bearer token, over pooled connections; threads may share it."""

    def __init__(self, url: str, token: str, *, call_seconds: float) -> None:
        """Raises ValueError for a token or an address that no request could carry."""
        if not token.isascii() or not token.isprintable():
            raise ValueError("the case system's token holds a character that no header can carry")
        if not url.startswith(("http://", "https://")):
            raise ValueError("the case system's address must begin with http:// or https://")
        self._deadline = Deadline()
        try:
            self._client = httpx.Client(
                base_url=url,
                headers={"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"},
                # The machine's own certificates (a force may have its own authority), and no proxy
                # or password file that happens to be in the environment.
                transport=punctual_transport(
                    ssl.create_default_context(), _CONNECTIONS, self._deadline
                ),
                trust_env=False,
            )
        except httpx.InvalidURL as error:
            raise ValueError("the case system's address is not a web address") from error
        self._seconds = call_seconds

    def call(
        self,
        method: str,
        path: str,
        *,
        content: Mapping[str, object] | None = None,
        query: Mapping[str, str | int] | None = None,
        ends_by: float | None = None,
    ) -> HttpAnswer:
        """One call. Raises Unanswered. Redirects are not followed."""
        now = clock.boot_seconds()
        if ends_by is not None and now >= ends_by:
            raise Unanswered(Silence.NOT_SENT)
        self._deadline.at = deadline = min(now + self._seconds, ends_by or math.inf)
        try:
            with self._client.stream(
                method,
                path,
                params=query,
                # ASCII, so that no text whatever can fail to be encoded.
                content=None if content is None else json.dumps(content).encode("ascii"),
                headers=None if content is None else {"Content-Type": "application/json"},
                extensions=_ending_at(deadline),
            ) as response:
                body = _body(response, deadline) if response.status_code in {200, 201} else b""
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise Unanswered(Silence.UNREACHABLE) from error
        except httpx.TimeoutException as error:
            raise Unanswered(Silence.TIMED_OUT) from error
        except (httpx.NetworkError, httpx.RemoteProtocolError) as error:
            raise Unanswered(Silence.CUT) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unanswered(Silence.NONSENSE) from error
        return HttpAnswer(response.status_code, body, retry_after_of(response.headers))

    def close(self) -> None:
        self._client.close()


def escaped(segment: str) -> str:
    """One segment of a path. Dots alone are escaped too: they would be taken for folders."""
    if segment in {".", ".."}:
        return "%2E" * len(segment)
    return quote(segment, safe="")


def read_json(body: bytes) -> object:
    """The JSON value, its strings fit for a database. Raises ToldNonsense."""
    try:
        text = body.decode("utf-8-sig")
        value = cast("object", json.loads(text, parse_constant=_refuse))
        return _storable(value) if "\\u" in text else value
    except (ValueError, RecursionError) as error:
        raise ToldNonsense("the answer is not JSON") from error


def retry_after_of(headers: Mapping[str, str]) -> float | None:
    """Seconds from `Retry-After`, which holds seconds or a date; 0 to LONGEST_RETRY_AFTER."""
    told = headers.get("Retry-After", "").strip()
    if told.isascii() and told.isdigit():
        return min(float(told[:9]), LONGEST_RETRY_AFTER)
    then = _http_date(told)
    if then is None:
        return None
    # The other side's own clock, where it tells it: the two may differ by minutes.
    now = _http_date(headers.get("Date", ""))
    return min(
        max(0.0, then - (clock.now().timestamp() if now is None else now)), LONGEST_RETRY_AFTER
    )


def _http_date(text: str) -> float | None:
    with suppress(ValueError, OverflowError, TypeError, IndexError):
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return None


def _body(response: httpx.Response, deadline: float) -> bytes:
    """What came is not read for longer than that, nor is more kept than can be an answer."""
    body = bytearray()
    for piece in response.iter_bytes():
        body += piece
        if len(body) > LARGEST_BODY:
            raise Unanswered(Silence.NONSENSE)
        if clock.boot_seconds() > deadline:
            raise Unanswered(Silence.TIMED_OUT)
    return bytes(body)


def _ending_at(deadline: float) -> dict[str, object]:
    """Request extensions that make every step's time-out what is left until the deadline.

    httpx knows time-outs for single steps only; connecting slowly and then answering slowly would
    add up. The trace function runs before each step reads its time-out.
    https://www.encode.io/httpcore/extensions/
    """
    timeouts: dict[str, float] = {}

    def leave_what_is_left(event: str = "", info: Mapping[str, object] | None = None) -> None:
        left = deadline - clock.boot_seconds()
        if left <= 0 and event.endswith(_SENDING):
            # Whoever was paused or asleep since may no longer be the one to send it, and a request
            # of which a piece is missing has no effect.
            raise Unanswered(Silence.NOT_SENT)
        left = max(0.001, left)
        timeouts.update(connect=left, read=left, write=left, pool=left)

    leave_what_is_left()
    return {"timeout": timeouts, "trace": leave_what_is_left}


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _storable(value: object) -> object:
    if isinstance(value, str):
        return (
            value.replace("\0", "\ufffd")
            .encode("utf-16", "surrogatepass")
            .decode("utf-16", "replace")
        )
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {_storable(key): _storable(item) for key, item in value.items()}
    return value
