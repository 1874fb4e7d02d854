"""What holds for every page that any test opens: nothing blocked, broken, or left behind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response, WebError

# Chromium's own line for every answer of 400 and more; those are judged by their status.
_BY_STATUS = "Failed to load resource"
# htmx's line for every request without an answer; those are judged by how they failed.
_BY_FAILURE = "htmx: htmx:error: Failed to fetch"
# Chromium's for a service worker that it could not ask for anew; the page needs none.
_BY_WORKER = "An unknown error occurred when fetching the script."
# What the browser breaks off because the person goes to another page.
_MAY_BE_BROKEN_OFF = {"fetch", "xhr", "ping", "document", "other"}

_LEFT_BEHIND = """async () => [
  ...Object.entries(localStorage), ...Object.entries(sessionStorage),
  ...(await indexedDB.databases()),
]"""
# The page for when there is no connection, and the files that it names; see static/js/worker.js.
_KEPT = """async () => (await Promise.all((await caches.keys()).map(async name =>
  (await (await caches.open(name)).keys()).map(({ url }) => url)))).flat()"""
_MAY_BE_KEPT = re.compile(r"/offline(\?lang=\w+)?|/static/(app|icon)-[0-9A-F]{8}\.(css|js|svg)")


class Watch:
    """Notes what goes wrong in one person's browser."""

    def __init__(self, context: BrowserContext, home: str) -> None:
        self._context = context
        self._home = home
        self._expected: set[int] = set()
        self._told: tuple[str, ...] = (_BY_STATUS, _BY_FAILURE, _BY_WORKER)
        self._is_off_line = False
        self.wrong: list[str] = []
        context.on("console", self._hear)
        context.on("weberror", self._hear_error)
        context.on("response", self._see)
        context.on("requestfailed", self._see_failure)

    def expect(self, *statuses: int) -> None:
        """From now on these answers are part of the story."""
        self._expected.update(statuses)

    def tells(self, beginning: str) -> None:
        """From now on a line in the console that begins so is part of the story."""
        self._told = (*self._told, beginning)

    @contextmanager
    def off_line(self) -> Iterator[None]:
        """No line to anywhere."""
        self._is_off_line = True
        self._context.set_offline(True)
        yield
        self._context.set_offline(False)
        self._is_off_line = False

    @contextmanager
    def broken_line(self) -> Iterator[None]:
        """Requests may fail in this block, by whatever the test does."""
        self._is_off_line = True
        yield
        # What failed meanwhile is only heard of while the browser is asked something.
        self._context.cookies()
        self._is_off_line = False

    def check(self) -> None:
        """Call before the browser is closed, and wherever a page is about to be left for good."""
        for page in self._context.pages:
            self.check_storage(page)
        assert not self._context.storage_state(indexed_db=True)["origins"]
        assert not self.wrong, self.wrong

    def check_storage(self, page: Page) -> None:
        """Nothing is kept in the browser but cookies and what shows without a connection."""
        if page.url.startswith(self._home):
            left = page.evaluate(_LEFT_BEHIND)
            assert left == [], (page.url, left)
            kept = [url.removeprefix(self._home) for url in page.evaluate(_KEPT)]
            assert all(map(_MAY_BE_KEPT.fullmatch, kept)), (page.url, kept)

    def _hear(self, message: ConsoleMessage) -> None:
        is_told_otherwise = message.text.startswith(self._told)
        if message.type in {"error", "warning"} and not is_told_otherwise:
            self.wrong.append(f"console: {message.text}")

    def _hear_error(self, error: WebError) -> None:
        self.wrong.append(f"script: {error.error}")

    def _see(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self._expected:
            self.wrong.append(f"{response.status}: {response.request.method} {response.url}")

    def _see_failure(self, request: Request) -> None:
        was_broken_off = (
            request.failure == "net::ERR_ABORTED" and request.resource_type in _MAY_BE_BROKEN_OFF
        )
        if not was_broken_off and not self._is_off_line:
            self.wrong.append(f"{request.failure}: {request.method} {request.url}")
