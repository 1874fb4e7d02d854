"""Requests as Chromium sends them, byte for byte, made before they are needed."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urlencode
from uuid import uuid4

import httpx

from tests.bench.people import Home
from tests.bench.servers import Place

AS_CHROMIUM = (
    "Connection: keep-alive\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/142.0.0.0 Safari/537.36\r\n"
    "Accept: text/html, */*\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Accept-Language: en-GB,en;q=0.9\r\n"
    "Sec-Fetch-Site: same-origin\r\n"
)
BY_HTMX = "HX-Request: true\r\n"


def get(path: str, cookie: str = "", more: str = "") -> bytes:
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{AS_CHROMIUM}{more}{_cookie(cookie)}\r\n"
    return head.encode("ascii")


def post(path: str, form: dict[str, str], cookie: str = "", more: str = "") -> bytes:
    body = urlencode(form).encode("ascii")
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{AS_CHROMIUM}{more}"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n{_cookie(cookie)}\r\n"
    )
    return head.encode("ascii") + body


def _cookie(cookie: str) -> str:
    return f"Cookie: {cookie}\r\n" if cookie else ""


@dataclass(frozen=True, slots=True)
class OpenPage:
    """A conversation's page as a browser holds it: the cookie it has now and the form's values."""

    home: Home
    cookie: str
    form: dict[str, str]
    html: str

    @property
    def path(self) -> str:
        return f"/cases/{self.home.case_id}"

    @property
    def cursor(self) -> int:
        return int(self.form["after"])

    def polls(self) -> bytes:
        return get(f"{self.path}/messages?after={self.cursor}", self.cookie, BY_HTMX)

    def reloads(self) -> bytes:
        return get(self.path, self.cookie)

    def sends(self, text: str, nth: int) -> bytes:
        """The `nth` message (from 0) that is sent from this page while nothing else happens."""
        told = {
            **self.form,
            "client_id": str(uuid4()),
            "after": str(self.cursor + nth),
            "text": text,
        }
        return post(f"{self.path}/messages", told, self.cookie, BY_HTMX)


def open_page(place: Place, port: int, home: Home) -> OpenPage:
    """Load a conversation's page for its victim."""
    cookie = place.cookie(home.token)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={"Cookie": cookie}) as client:
        answer = client.get(f"/cases/{home.case_id}")
        assert answer.status_code == 200, answer.text
        # The page's first form put its token into the session.
        renewed = answer.cookies.get("session")
    reader = FormReader()
    reader.feed(answer.text)
    return OpenPage(home, f"session={renewed}" if renewed else cookie, reader.values, answer.text)


class FormReader(HTMLParser):
    """The hidden values of the form called `composer`."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._is_inside = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        told = dict(attributes)
        if tag == "form":
            self._is_inside = told.get("id") == "composer"
        elif tag == "input" and self._is_inside and told.get("type") == "hidden":
            self.values[told.get("name") or ""] = told.get("value") or ""
