"""Waking a victim's device by its browser's push service (RFC 8030), with nothing in the call.

Without content there is nothing to encrypt; what is left of Web Push is one signed header (VAPID,
RFC 8292). See docs/decisions/0021-push-without-content.md.
"""

from __future__ import annotations

import re
import ssl
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Final
from urllib.parse import urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey

from app import clock
from app.config import PushSettings
from app.notifications.senders import CannotSend, Letter, Sender

SERVICES: Final = (
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    "*.push.apple.com",
    "*.notify.windows.com",
)
"""Whose addresses browsers give: nothing else is ever called."""
LONGEST_ENDPOINT: Final = 1_000
KEPT_FOR: Final = timedelta(hours=1)
"""How long a push service may try. Later might be in the quiet hours, or after a hold."""

_CONNECT_SECONDS = 2.0
_ANSWER_SECONDS = 5.0
"""The case's lock is held meanwhile."""
_LONGEST_HOST = 253
_LABEL = re.compile(r"(?!xn--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
"""Of a host's name (RFC 1123). Anything else stops whoever looks the name up."""
_CLAIM_LASTS = timedelta(hours=1)
_GONE = frozenset({404, 410})


def is_push_service(endpoint: str, stand_in: str | None = None) -> bool:
    """Whether this is an https address at a known push service (or at the `stand_in`)."""
    if len(endpoint) > LONGEST_ENDPOINT or not endpoint.isascii() or not endpoint.isprintable():
        return False
    try:
        parts = urlsplit(endpoint)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if any(each in endpoint for each in " \\@#"):
        return False
    if stand_in is not None and f"{parts.scheme}://{parts.netloc}" == stand_in:
        return True
    if len(host) > _LONGEST_HOST or not all(map(_LABEL.fullmatch, host.split("."))):
        return False
    is_known = any(
        host.endswith(each[1:]) and len(host) > len(each) - 1 if each[0] == "*" else host == each
        for each in SERVICES
    )
    return parts.scheme == "https" and port in {None, 443} and is_known


class PushSender:
    """Asks push services to wake devices. Of a notice it uses the address only."""

    def __init__(self, settings: PushSettings) -> None:
        self._settings = settings
        self._key = ECKey.import_key(settings.private_pem.decode())
        self._trusted = ssl.create_default_context()

    def send(self, letter: Letter) -> None:
        with self.connected(letter.to) as ready:
            ready.send(letter)

    @contextmanager
    def connected(self, to: str) -> Iterator[Sender]:
        """A line to the device's push service; what is left is the call itself."""
        if not is_push_service(to, self._settings.stand_in):
            yield _NoPushService()
            return
        line = self._line(to)
        try:
            with _failures_told():
                line.connect()
                line.sock.settimeout(_ANSWER_SECONDS)
            yield _PushLine(line, to, self._authorization(to))
        finally:
            line.close()

    def _line(self, endpoint: str) -> HTTPConnection:
        parts = urlsplit(endpoint)
        host, port = parts.hostname or "", parts.port
        if parts.scheme == "https":
            return HTTPSConnection(host, port, timeout=_CONNECT_SECONDS, context=self._trusted)
        return HTTPConnection(host, port, timeout=_CONNECT_SECONDS)

    def _authorization(self, endpoint: str) -> str:
        parts = urlsplit(endpoint)
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": int((clock.now() + _CLAIM_LASTS).timestamp()),
            "sub": self._settings.contact,
        }
        token = jwt.encode({"alg": "ES256", "typ": "JWT"}, claims, self._key)
        return f"vapid t={token}, k={public_key(self._settings)}"


@dataclass(frozen=True, slots=True)
class _PushLine:
    """A push service that listens. It is called for this device and for no other."""

    line: HTTPConnection
    to: str
    authorization: str

    def send(self, letter: Letter) -> None:
        if letter.to != self.to:
            raise CannotSend("push: another device", for_good=False)
        parts = urlsplit(self.to)
        headers = {
            "TTL": str(int(KEPT_FOR.total_seconds())),
            "Urgency": "normal",
            "Authorization": self.authorization,
            "Content-Length": "0",
        }
        path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        with _failures_told():
            self.line.request("POST", path, headers=headers)
            status = self.line.getresponse().status
        if status in _GONE:
            raise CannotSend(f"push: {status}", for_good=True, is_bounce=True)
        if not 200 <= status < 300:
            raise CannotSend(f"push: {status}", for_good=False)


class _NoPushService:
    """What an address leads to that is none of a push service. Said as a bounce is said: when the
    notice is looked at, under the case's lock."""

    def send(self, _letter: Letter) -> None:
        raise CannotSend("push: not a push service", for_good=True, is_bounce=True)


@contextmanager
def _failures_told() -> Iterator[None]:
    """What the push service or the network says, as CannotSend; never an address in it."""
    try:
        yield
    except (OSError, HTTPException, ValueError) as error:
        raise CannotSend(f"push: {type(error).__name__}", for_good=False) from None


class NoPush:
    """Where the operator has set no key."""

    def send(self, _letter: Letter) -> None:
        raise CannotSend("push: not set up", for_good=True)


def public_key(settings: PushSettings) -> str:
    """What browsers are told of us: the key's public half, as they want it."""
    return urlsafe_b64encode(settings.public_point).rstrip(b"=").decode()
