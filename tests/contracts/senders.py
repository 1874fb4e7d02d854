"""The ways out for notices, as one suite asks all of them to behave."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from app import clock
from app.notifications.chosen import push_sender_for, sender_for
from app.notifications.senders import Letter, Sender
from app.notifications.templates import Text
from tests.notify import API_KEY, EMAIL_TEMPLATE, NotifyStandIn
from tests.ports import free_port
from tests.push import PushService, push_settings
from tests.servers import Mailbox

EMAIL, MOBILE = "sam@mail.example", "+447700900123"


def letter(channel: str = "email", to: str = EMAIL, *, is_tried_again: bool = False) -> Letter:
    text = Text("You have an update" if channel == "email" else "", "Sign in – thank you.\n\nBye.")
    return Letter(uuid4(), clock.now(), channel, to, "update", text, is_tried_again)


class SenderUnderTest(Protocol):
    """A sender, and what stands at its other end."""

    sender: Sender

    def taken(self) -> list[tuple[str, str, str]]:
        """To, subject and body of all that was taken; a mobile by its digits."""

    def is_busy(self) -> None:
        """From now on nothing is taken, and trying again later may help."""

    def refuses_addresses(self) -> None:
        """From now on every address is refused for good."""


class ToFile:
    def __init__(self, folder: Path) -> None:
        self._path = folder / "new" / "notices.jsonl"
        self.sender = sender_for(f"file:{self._path}")

    def taken(self) -> list[tuple[str, str, str]]:
        lines = [json.loads(line) for line in self._path.read_text().splitlines()]
        return [(each["to"].lstrip("+"), each["subject"], each["body"]) for each in lines]

    def is_busy(self) -> None:
        self._path.mkdir(parents=True)


class ToMailServer:
    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self.sender = sender_for(f"{mailbox.url}?from=portal@force.example&sms_domain=sms.example")

    def taken(self) -> list[tuple[str, str, str]]:
        return [
            (
                message["To"].removesuffix("@sms.example"),
                message["Subject"] or "",
                message.get_content().strip(),
            )
            for message in self._mailbox.messages
        ]

    def is_busy(self) -> None:
        self._mailbox.refuse_with = "451 sam@mail.example try later"

    def refuses_addresses(self) -> None:
        self._mailbox.refuse_address_with = "550 sam@mail.example is not here"


class ToNotify:
    def __init__(self, stand_in: NotifyStandIn) -> None:
        self._stand_in = stand_in
        self.sender = sender_for(stand_in.notify_url)

    def taken(self) -> list[tuple[str, str, str]]:
        return [(each.to.lstrip("+"), each.subject, each.body) for each in self._stand_in.taken]

    def is_busy(self) -> None:
        self._stand_in.refuse_with = (429, "RateLimitError")

    def refuses_addresses(self) -> None:
        self._stand_in.refuses_addresses = True


class ToPushService:
    """Its addresses are the push service's, whatever the letter's channel says."""

    def __init__(self, service: PushService) -> None:
        self._service = service
        self.to = f"{service.url}/sam-device"
        self.sender = push_sender_for(push_settings(service.url))

    def taken(self) -> list[tuple[str, str, str]]:
        return [(f"{self._service.url}{path}", "", "") for path in self._service.woken]

    def is_busy(self) -> None:
        self._service.status = 429

    def refuses_addresses(self) -> None:
        self._service.status = 410


def nobody_there(kind: str) -> Sender:
    """A sender whose other end does not listen."""
    port = free_port()
    if kind == "smtp":
        return sender_for(f"smtp://127.0.0.1:{port}?from=portal@force.example")
    return sender_for(notify_url_at(f"http://127.0.0.1:{port}"))


def notify_url_at(url: str, **more: str) -> str:
    """Without a template for text messages, unless `sms` is given."""
    rest = "".join(f"&{name}={value}" for name, value in more.items())
    return f"govuk-notify:{API_KEY}?email={EMAIL_TEMPLATE}{rest}&url={url}"
