"""Seconds until a conversation can be read in a real browser on a bad line, nothing cached."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page

from tests.bench.people import Home
from tests.bench.servers import Place

DOWN, UP = 250_000 / 8, 50_000 / 8
"""Bytes a second."""
LATENCY = 800
"""Milliseconds, there and back."""
GOAL = 2.4

# The first picture that shows words, and when the last message's text is laid out and visible.
READABLE = """() => {
  const texts = document.querySelectorAll('[data-body]')
  const paint = performance.getEntriesByName('first-contentful-paint')[0]
  const last = texts[texts.length - 1]
  return paint && last && last.checkVisibility() ? performance.now() : 0
}"""


def seconds_to_readable(browser: Browser, place: Place, web: int, home: Home) -> float:
    """From asking for the address until the conversation's text stands on the screen."""
    name, _, value = place.cookie(home.token).partition("=")
    address = f"http://127.0.0.1:{web}"
    with _on_a_bad_line(browser) as page:
        page.context.add_cookies([{"name": name, "value": value, "url": address}])
        page.goto(f"{address}/cases/{home.case_id}", wait_until="commit")
        found = page.wait_for_function(READABLE, polling="raf", timeout=60_000)
        milliseconds = found.json_value()
    assert isinstance(milliseconds, int | float)
    return milliseconds / 1000


@contextmanager
def _on_a_bad_line(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    page = context.new_page()
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    line.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": LATENCY,
            "downloadThroughput": DOWN,
            "uploadThroughput": UP,
        },
    )
    try:
        yield page
    finally:
        context.close()
