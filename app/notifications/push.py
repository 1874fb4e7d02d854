"""Waking a victim's device by its browser's push service (RFC 8030), with nothing in the call.

Without content there is nothing to encrypt; what is left of Web Push is one signed header (VAPID,
RFC 8292). See docs/decisions/0021-push-without-content.md.
"""

from __future__ import annotations

import ssl
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey

from app import clock
from app.config import PushSettings
from app.notifications.senders import CannotSend, Letter

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

_SECONDS = httpx.Timeout(5.0, connect=3.0)
"""The case's lock is held meanwhile."""
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
        if not is_push_service(letter.to, self._settings.stand_in):
            raise CannotSend("push: not a push service", for_good=True, is_bounce=True)
        headers = {
            "TTL": str(int(KEPT_FOR.total_seconds())),
            "Urgency": "normal",
            "Authorization": self._authorization(letter.to),
        }
        try:
            with httpx.Client(
                timeout=_SECONDS, verify=self._trusted, follow_redirects=False
            ) as client:
                status = client.post(letter.to, headers=headers).status_code
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise CannotSend(f"push: {type(error).__name__}", for_good=False) from None
        if status in _GONE:
            raise CannotSend(f"push: {status}", for_good=True, is_bounce=True)
        if not 200 <= status < 300:
            raise CannotSend(f"push: {status}", for_good=False)

    def _authorization(self, endpoint: str) -> str:
        parts = urlsplit(endpoint)
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": int((clock.now() + _CLAIM_LASTS).timestamp()),
            "sub": self._settings.contact,
        }
        token = jwt.encode({"alg": "ES256", "typ": "JWT"}, claims, self._key)
        return f"vapid t={token}, k={public_key(self._settings)}"


class NoPush:
    """Where the operator has set no key."""

    def send(self, _letter: Letter) -> None:
        raise CannotSend("push: not set up", for_good=True)


def public_key(settings: PushSettings) -> str:
    """What browsers are told of us: the key's public half, as they want it."""
    return urlsafe_b64encode(settings.public_point).rstrip(b"=").decode()
