"""The portal over HTTP/2 with TLS, as people reach it, and a browser on a line to it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from playwright.sync_api import Browser, Page

from tests.bench.far import FarLine
from tests.bench.people import Home
from tests.bench.servers import Place, running
from tests.browser.programs import until
from tests.certificates import certificate_for
from tests.ports import free_port

TAKES_ANY_CERTIFICATE = "--ignore-certificate-errors"
"""For Chromium. (Playwright's own option for it lets every first connection fail.)"""


@contextmanager
def serving_https(place: Place) -> Iterator[int]:
    """The same portal by a server of its own; its port."""
    port = free_port()
    key, certificate = certificate_for(place.folder)
    command = (
        f"granian --interface wsgi --host 127.0.0.1 --port {port} --blocking-threads 8 --no-ws"
        f" --log-level warning --ssl-keyfile {key} --ssl-certificate {certificate} wsgi:app"
    )
    settings = {"PUBLIC_URL": f"https://127.0.0.1:{port}", "NOTIFY_URL": "smtp://127.0.0.1:25"}
    with running(command, {**place.environ, **settings}, place.folder / "https.txt"):
        until(lambda: _answers(port), "the portal over HTTPS", 30)
        yield port


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


@contextmanager
def somebody_on(browser: Browser, place: Place, line: FarLine, home: Home) -> Iterator[Page]:
    """A browser in which this victim is signed in, nothing cached, at the near end of the line."""
    address = f"https://127.0.0.1:{line.own_port}"
    context = browser.new_context(base_url=address)
    _, _, value = place.cookie(home.token).partition("=")
    cookie = {"name": "__Host-session", "value": value, "url": address, "secure": True}
    context.add_cookies([cookie])  # type: ignore[list-item]
    try:
        yield context.new_page()
    finally:
        context.close()


def is_http2(page: Page) -> bool:
    asked = "performance.getEntriesByType('navigation')[0].nextHopProtocol"
    return bool(page.evaluate(asked) == "h2")
