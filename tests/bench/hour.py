"""What an hour costs in which a conversation stands open and nothing happens: every byte that the
page's own polls move, both ways, over HTTP/2 with TLS. The page's clock is wound on; the server's
stands, so that the session lasts as long."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from playwright.sync_api import Browser, Page

from tests.bench.far import FarLine, far_line
from tests.bench.https import TAKES_ANY_CERTIFICATE, is_http2, serving_https, somebody_on
from tests.bench.people import Home
from tests.bench.reading_time import READABLE
from tests.bench.servers import Place
from tests.browser.programs import until
from tests.servers import running_chromium

GOAL = 60_000
FAR_GOAL = 5.5
ROUND_TRIP = 0.8
"""Seconds."""
DOWN, UP = 250_000 / 8, 50_000 / 8
"""Bytes a second."""

_SETTLES = 4_000
_TCP_AND_IP = 4 * 40
"""Heads of a question's and an answer's packets, and of what acknowledges them, IPv4."""


@dataclass(frozen=True, slots=True)
class Hour:
    """Bytes as TCP carries them, TLS included."""

    polls: int
    up: int
    down: int
    opening_up: int
    opening_down: int
    connecting_up: int
    connecting_down: int

    @property
    def total(self) -> int:
        return self.up + self.down

    @property
    def with_heads(self) -> int:
        """With what TCP and IP add."""
        return self.total + self.polls * _TCP_AND_IP

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"total": self.total, "with_tcp_ip": self.with_heads}


def measure_https(place: Place, home: Home, readings: int) -> dict[str, Any]:
    """The hour, and seconds until a far conversation can be read."""
    with serving_https(place) as port, running_chromium(TAKES_ANY_CERTIFICATE) as browser:
        return {
            "hour": idle_hour(browser, place, port, home),
            "far": [seconds_from_afar(browser, place, port, home) for _ in range(readings)],
        }


def idle_hour(browser: Browser, place: Place, port: int, home: Home) -> Hour:
    with far_line(port) as line, somebody_on(browser, place, line, home) as page:
        page.goto("/healthz")
        assert is_http2(page)
        connecting = line.up.count, line.down.count
        page.clock.install()
        polls = _Polls(page)
        page.goto(f"/cases/{home.case_id}")
        # Until everything that comes once has come, the worker included.
        page.wait_for_timeout(_SETTLES)
        page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 1)
        polls.settle()
        opening = line.up.count - connecting[0], line.down.count - connecting[1]
        before = _counts(line)
        asked = polls.asked
        # By the second: a page that asks at its session's end waits five for the answer.
        for _ in range(60 * 60):
            page.clock.run_for(1000)
            polls.settle()
        up, down = (now - then for now, then in zip(_counts(line), before, strict=True))
    return Hour(polls.asked - asked, up, down, *opening, *connecting)


def _counts(line: FarLine) -> tuple[int, int]:
    return line.up.count, line.down.count


class _Polls:
    """Counts what a page asks by itself."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.asked = self._ended = 0
        page.on("request", lambda request: self._count("asked", request.url))
        page.on("requestfinished", lambda request: self._count("_ended", request.url))

    def _count(self, what: str, url: str) -> None:
        if "/messages?after=" in url:
            setattr(self, what, getattr(self, what) + 1)

    def settle(self) -> None:
        until(lambda: self._page.evaluate("1") and self.asked == self._ended, "an answer")
        self._page.evaluate("new Promise(done => Promise.resolve().then(done))")


def seconds_from_afar(browser: Browser, place: Place, port: int, home: Home) -> float:
    """From asking for the address, nothing known or cached, until the words can be read."""
    with (
        far_line(port, ROUND_TRIP, DOWN, UP) as line,
        somebody_on(browser, place, line, home) as page,
    ):
        page.goto(f"/cases/{home.case_id}", wait_until="commit")
        found = page.wait_for_function(READABLE, polling="raf", timeout=60_000)
        milliseconds = found.json_value()
        assert is_http2(page)
    assert isinstance(milliseconds, int | float)
    return milliseconds / 1000
