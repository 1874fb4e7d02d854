"""A stand-in for GOV.UK Notify's HTTP interface, on this machine: it checks who asks, wants what
the real one wants, and can refuse, hang, or take a notice and lose the answer.

https://docs.notifications.service.gov.uk/rest-api.html
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import jwt

from tests.stand_ins import StandIn

SERVICE = "11111111-1111-4111-8111-111111111111"
SECRET = "22222222-2222-4222-8222-222222222222"
EMAIL_TEMPLATE = "33333333-3333-4333-8333-333333333333"
SMS_TEMPLATE = "44444444-4444-4444-8444-444444444444"
API_KEY = f"made_up-{SERVICE}-{SECRET}"
WANTED = {EMAIL_TEMPLATE: {"subject", "body"}, SMS_TEMPLATE: {"body"}}
INVALID = {"email": "email_address Not a valid email address", "sms": "phone_number Not a number"}


@dataclass
class Taken:
    """One notification that Notify has."""

    channel: str
    to: str
    subject: str
    body: str
    reference: str
    created_at: str
    status: str = "sending"


class NotifyStandIn(StandIn):
    """`taken` holds what came, oldest first. `refuse_with` is a status and the errors of the next
    answers; with `loses_answers` it takes a notice and hangs up; `refuses_addresses` calls every
    address invalid."""

    def __init__(self) -> None:
        self.taken: list[Taken] = []
        self.refuse_with: tuple[int, str] | None = None
        self.refuses_addresses = False
        self.loses_answers = False
        self.keys_are_known = True
        super().__init__()

    @property
    def notify_url(self) -> str:
        """For NOTIFY_URL."""
        templates = f"email={EMAIL_TEMPLATE}&sms={SMS_TEMPLATE}"
        return f"govuk-notify:{API_KEY}?{templates}&url={self.url}"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._answer(*stand_in.asked(self.headers["Authorization"], self.path))

            def do_POST(self) -> None:
                said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                answer = stand_in.told(self.headers["Authorization"], self.path, said)
                if stand_in.loses_answers:
                    self.close_connection = True
                    return
                self._answer(*answer)

            def _answer(self, status: int, body: dict[str, Any]) -> None:
                text = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_args: object) -> None:
                """Silence."""

        return Handler

    def asked(self, authorization: str, path: str) -> tuple[int, dict[str, Any]]:
        if (refusal := self._refusal(authorization)) is not None:
            return refusal
        [reference] = parse_qs(urlsplit(path).query)["reference"]
        found = [
            {"reference": each.reference, "status": each.status, "created_at": each.created_at}
            for each in reversed(self.taken)
            if each.reference == reference
        ]
        return 200, {"notifications": found, "links": {}}

    def told(self, authorization: str, path: str, said: Any) -> tuple[int, dict[str, Any]]:
        if (refusal := self._refusal(authorization)) is not None:
            return refusal
        channel = path.rpartition("/")[2]
        wanted = WANTED.get(said["template_id"])
        if wanted is None or wanted != set(said["personalisation"]):
            return _errors(400, "BadRequestError", "Template not found, or not filled in")
        to = said["email_address" if channel == "email" else "phone_number"]
        is_address = re.fullmatch(r"[^@ ]+@[^@ ]+" if channel == "email" else r"\+\d+", to)
        if self.refuses_addresses or not is_address:
            return _errors(400, "ValidationError", INVALID[channel])
        words = said["personalisation"]
        self.taken.append(
            Taken(
                channel,
                to,
                words.get("subject", ""),
                words["body"],
                said["reference"],
                datetime.now(UTC).isoformat(),
            )
        )
        return 201, {"id": str(uuid4()), "reference": said["reference"]}

    def _refusal(self, authorization: str) -> tuple[int, dict[str, Any]] | None:
        token = jwt.decode(
            authorization.removeprefix("Bearer "),
            SECRET,
            algorithms=["HS256"],
            # The tests' clock may stand elsewhere.
            options={"verify_iat": False},
        )
        if token["iss"] != SERVICE or not self.keys_are_known:
            return _errors(403, "AuthError", "Invalid token: service not found")
        if self.refuse_with is not None:
            return _errors(self.refuse_with[0], self.refuse_with[1], "sam@mail.example: no")
        return None


def _errors(status: int, error: str, message: str) -> tuple[int, dict[str, Any]]:
    return status, {"status_code": status, "errors": [{"error": error, "message": message}]}
