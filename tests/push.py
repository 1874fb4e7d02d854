"""A stand-in for a browser's push service, on this machine: it checks who asks (VAPID), and that
nothing is in the call."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt
from joserfc.jwk import ECKey

from app.config import PushSettings, Settings
from tests.stand_ins import StandIn

CONTACT = "mailto:portal@force.example"
PRIVATE_KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE"
ENDPOINT = "https://fcm.googleapis.com/fcm/send/a-made-up-device"


def push_environment(stand_in: str | None = None) -> dict[str, Any]:
    """The settings with which devices can be told."""
    found = {"PUSH_PRIVATE_KEY": PRIVATE_KEY, "PUSH_CONTACT": CONTACT}
    return {**found, "PUSH_STAND_IN": stand_in} if stand_in else found


def push_settings(stand_in: str | None = None) -> PushSettings:
    from_environment = Settings.from_environment(
        {
            "SECRET_KEY": "x" * 32,
            "ENCRYPTION_KEYS": urlsafe_b64encode(b"x" * 32).decode(),
            **push_environment(stand_in),
        }
    )
    assert from_environment.push is not None
    return from_environment.push


class PushService(StandIn):
    """`woken` holds the devices' paths, oldest first; `status` is what every call is answered."""

    def __init__(self) -> None:
        self.woken: list[str] = []
        self.headers: list[Mapping[str, str]] = []
        self.status = 201
        self.connections = 0
        super().__init__()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                service.connections += 1
                super().setup()

            def do_POST(self) -> None:
                status = service.asked(self.path, dict(self.headers.items()))
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", f"{service.url}/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_args: object) -> None:
                """Silence."""

        return Handler

    def asked(self, path: str, headers: Mapping[str, str]) -> int:
        named = {name.lower(): value for name, value in headers.items()}
        if named["content-length"] != "0" or "topic" in named or int(named["ttl"]) <= 0:
            return 400
        if not self._is_signed(named["authorization"]):
            return 403
        if 200 <= self.status < 300:
            self.woken.append(path)
            self.headers.append(named)
        return self.status

    def _is_signed(self, authorization: str) -> bool:
        """Whether the key that is named has signed that this is for us."""
        token, key = authorization.removeprefix("vapid t=").split(", k=")
        point = urlsafe_b64decode(key + "=" * (-len(key) % 4))
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        claims = jwt.decode(token, ECKey.import_key(_pem(public)), algorithms=["ES256"]).claims
        return claims["aud"] == self.url and claims["sub"] == CONTACT and "exp" in claims


def _pem(public: ec.EllipticCurvePublicKey) -> str:
    return public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()
