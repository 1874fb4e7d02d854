"""The ways a notice leaves: a file to try things out with, or a mail server. (GOV.UK Notify has a
module of its own.)"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol, runtime_checkable
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID

from app.notifications.templates import Text

_SMTP_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice as a sender gets it. `to` is an address, or a mobile number as E.164."""

    id: UUID
    created_at: datetime
    channel: str
    to: str
    template: str
    text: Text
    is_tried_again: bool = False
    """An earlier try failed; whether the other side has it all the same may be unknown."""


class CannotSend(Exception):
    """The sender did not take the notice; `for_good` when trying again cannot help, `is_bounce`
    when that is because of the address."""

    def __init__(self, why: str, *, for_good: bool, is_bounce: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.for_good = for_good
        self.is_bounce = is_bounce


class Fate(StrEnum):
    """What became of a notice after it was handed over."""

    UNDER_WAY = "under-way"
    ARRIVED = "arrived"
    BOUNCED = "bounced"
    """The address takes nothing, and never will."""
    LOST = "lost"


class Sender(Protocol):
    """Takes a notice over. Raises CannotSend."""

    def send(self, letter: Letter) -> None: ...


@runtime_checkable
class ConnectsFirst(Sender, Protocol):
    """A sender whose slow part comes before the notice: done while no lock is held.

    On SQLite a notice's transaction keeps every other writer waiting.
    """

    def connected(self, to: str) -> AbstractContextManager[Sender]:
        """A sender that is ready to take notices to this address. Raises CannotSend, also later
        on."""


@runtime_checkable
class TellsFates(Sender, Protocol):
    """A sender that can be asked later what became of a notice. Raises CannotSend."""

    def fate(self, notice_id: UUID) -> Fate: ...


def way_out(sender: Sender, to: str) -> AbstractContextManager[Sender]:
    """The sender, connected for a notice to this address."""
    return sender.connected(to) if isinstance(sender, ConnectsFirst) else nullcontext(sender)


class FileSender:
    """Appends one JSON object a line; on disk before it returns. For trying things out."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def send(self, letter: Letter) -> None:
        line = json.dumps(
            {
                "id": str(letter.id),
                "created_at": letter.created_at.isoformat(),
                "channel": letter.channel,
                "to": letter.to,
                "template": letter.template,
                "subject": letter.text.subject,
                "body": letter.text.body,
            },
            ensure_ascii=False,
        )
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                _append_line(handle, line.encode() + b"\n")
            finally:
                os.close(handle)
        except OSError as error:
            raise CannotSend(f"file: {error.strerror}", for_good=False) from error


def _append_line(handle: int, line: bytes) -> None:
    """One write of one line: readers never see half of it, and a full disk leaves none of it."""
    fcntl.flock(handle, fcntl.LOCK_EX)
    before = os.fstat(handle).st_size
    try:
        if os.write(handle, line) != len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(handle)
    except OSError:
        os.ftruncate(handle, before)
        raise


class SmtpSender:
    """Hands e-mail to one mail server.

    `smtp://USER:PASSWORD@HOST:PORT?from=ADDRESS&starttls=1&sms_domain=DOMAIN`. Text messages go
    to NUMBER@DOMAIN where the mail provider turns those into texts; without `sms_domain` there
    are none.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        query = parse_qs(parts.query)
        self._host = parts.hostname or "localhost"
        self._port = parts.port or 25
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")
        self._from = query.get("from", [f"no-reply@{self._host}"])[0]
        self._starttls = query.get("starttls", ["0"])[0] not in {"0", "", "no", "false"}
        self._sms_domain = query.get("sms_domain", [""])[0]

    def send(self, letter: Letter) -> None:
        with self.connected(letter.to) as ready:
            ready.send(letter)

    @contextmanager
    def connected(self, _to: str) -> Iterator[Sender]:
        """Greeted, encrypted and signed in; what is left is the letter itself."""
        with _failures_told():
            server = smtplib.SMTP(self._host, self._port, timeout=_SMTP_SECONDS)
        try:
            with _failures_told():
                if self._starttls:
                    server.starttls(context=ssl.create_default_context())
                if self._user:
                    server.login(self._user, self._password)
            yield _SmtpLine(server, self._message)
        finally:
            _hang_up(server)

    def _message(self, letter: Letter) -> EmailMessage:
        to = letter.to
        if letter.channel == "sms":
            if not self._sms_domain:
                raise CannotSend("smtp: no way to send text messages", for_good=True)
            to = f"{letter.to.removeprefix('+')}@{self._sms_domain}"
        message = EmailMessage()
        message["From"] = self._from
        message["To"] = to
        message["Subject"] = letter.text.subject
        message["Date"] = format_datetime(letter.created_at)
        # The notice's own id: a repeat after a crash is recognised by the mail server's readers.
        message["Message-ID"] = f"<{letter.id}@{self._from.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text.body)
        return message


@dataclass(frozen=True, slots=True)
class _SmtpLine:
    """A mail server that listens."""

    server: smtplib.SMTP
    message: Callable[[Letter], EmailMessage]

    def send(self, letter: Letter) -> None:
        message = self.message(letter)
        with _failures_told():
            self.server.send_message(message)


@contextmanager
def _failures_told() -> Iterator[None]:
    """What the mail server or the network says, as CannotSend; never an address in it."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        is_bounce = min(codes) >= 500
        raise CannotSend(
            f"smtp: refused {codes}", for_good=is_bounce, is_bounce=is_bounce
        ) from error
    except smtplib.SMTPResponseException as error:
        raise CannotSend(f"smtp: {error.smtp_code}", for_good=False) from error
    except (OSError, smtplib.SMTPException) as error:
        raise CannotSend(f"smtp: {type(error).__name__}", for_good=False) from error


def _hang_up(server: smtplib.SMTP) -> None:
    """The letter is taken or not by now: how the line ends changes nothing."""
    with suppress(OSError, smtplib.SMTPException):
        server.quit()
    server.close()
