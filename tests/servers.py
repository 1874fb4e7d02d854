"""Redis, a mail server and a browser for tests: real ones, on this machine only."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import redis
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from playwright.sync_api import Browser, sync_playwright

from tests.ports import free_port

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
# Nothing here may reach for the network, nor needs a screen or a user's settings.
CHROMIUM_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class ProgramIsMissing(Exception):
    """A program that the tests start is not on this machine."""


def program(*names: str) -> str:
    """The path of the first of these programs that is there. Raises ProgramIsMissing."""
    for name in names:
        path = shutil.which(name)
        if path is not None:
            return path
    raise ProgramIsMissing(f"{names[0]} was not found; `make test` says how to get it.")


@contextmanager
def running_redis(folder: Path) -> Iterator[str]:
    """An empty Redis that keeps nothing on disk; its address."""
    port = free_port()
    where = ("--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder))
    keep_nothing = ("--save", "", "--appendonly", "no")
    with (folder / "redis.log").open("w") as log:
        command = [program("redis-server"), *where, *keep_nothing]
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    url = f"redis://127.0.0.1:{port}/0"
    try:
        _wait_for_redis(url)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=10)


def empty_redis(url: str) -> None:
    """Remove every key."""
    with closing(redis.Redis.from_url(url)) as client:
        client.flushall()


def _wait_for_redis(url: str) -> None:
    give_up = time.monotonic() + 10
    with closing(redis.Redis.from_url(url)) as client:
        while True:
            try:
                client.ping()
            except redis.ConnectionError:
                if time.monotonic() > give_up:
                    raise
                time.sleep(0.02)
            else:
                return


class Mailbox:
    """A mail server that takes everything. `messages` holds what came, oldest first; `url` is for
    NOTIFY_URL. While `refuse_with` is set ("451 Try later"), that is the answer to a message; while
    `refuse_address_with` is, to an address."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.refuse_with: str | None = None
        self.refuse_address_with: str | None = None
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port())

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self._controller.port}"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Called by aiosmtpd for each address."""
        if self.refuse_address_with is not None:
            return self.refuse_address_with
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Called by aiosmtpd for each message."""
        if self.refuse_with is not None:
            return self.refuse_with
        assert isinstance(envelope.content, bytes)
        content = envelope.content.replace(b"\r\n", b"\n")
        message = message_from_bytes(content, policy=policy.default)
        self.messages.append(message)
        return "250 OK"

    @contextmanager
    def open(self) -> Iterator[Mailbox]:
        """Listen until the end of the block."""
        self._controller.start()
        try:
            yield self
        finally:
            self._controller.stop()


@contextmanager
def running_chromium(*flags: str) -> Iterator[Browser]:
    """Headless Chromium under Playwright; each test makes its own context (`new_context`)."""
    with sync_playwright() as playwright:
        chromium = program(*CHROMIUM_NAMES)
        browser = playwright.chromium.launch(
            executable_path=chromium, args=[*CHROMIUM_FLAGS, *flags]
        )
        try:
            yield browser
        finally:
            browser.close()
