"""What goes over the line, to the byte, heads included: a page cold and warm, a send, a poll."""

from __future__ import annotations

import re
import socket
from dataclasses import asdict, dataclass
from typing import Any

from tests.bench.asking import get, open_page
from tests.bench.people import Home
from tests.bench.servers import Place
from tests.bench.talk import words

_FILES = re.compile(r'(?:href|src|content)="(/static/[^"]+\.(css|js|svg))"')


@dataclass(frozen=True, slots=True)
class Bytes:
    """One line of the table. `goal` is for `down`, where there is one."""

    name: str
    up: int
    down: int
    goal: int | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def weigh(place: Place, web: int, home: Home) -> list[Bytes]:
    """The table for one person's conversation, as Chromium asks for it."""
    page = open_page(place, web, home)
    with _Line(web) as line:
        html = line.ask("HTML", page.reloads())
        files: dict[str, list[Bytes]] = {"css": [], "js": [], "svg": []}
        # Set once: the same file can be named twice.
        for path, kind in dict.fromkeys(_FILES.findall(page.html)):
            files[kind].append(line.ask(kind, get(path, page.cookie)))
        poll = line.ask("idle poll", page.polls(), goal=260)
        send = line.ask("one send", page.sends(words(200, 3), 0))
    css, js, icon = (_sum(kind, files[kind]) for kind in ("css", "js", "svg"))
    return [
        html,
        Bytes("CSS", css.up, css.down),
        Bytes("JS", js.up, js.down),
        Bytes("icon", icon.up, icon.down),
        _sum("HTML + CSS", [html, css], goal=14_600),
        _sum("cold page: all with scripts", [html, css, js, icon], goal=36_000),
        # A year's cache: nothing but the page itself is asked for again.
        Bytes("warm page", html.up, html.down),
        send,
        poll,
    ]


def _sum(name: str, parts: list[Bytes], goal: int | None = None) -> Bytes:
    return Bytes(name, sum(p.up for p in parts), sum(p.down for p in parts), goal)


class _Line:
    """One connection on which every byte is counted."""

    def __init__(self, port: int) -> None:
        self._connection = socket.create_connection(("127.0.0.1", port), timeout=30)

    def __enter__(self) -> _Line:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def ask(self, name: str, request: bytes, goal: int | None = None) -> Bytes:
        self._connection.sendall(request)
        return Bytes(name, len(request), len(self._answer()), goal)

    def _answer(self) -> bytes:
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more()
        head, _, body = received.partition(b"\r\n\r\n")
        assert head[9:12] in {b"200", b"204"}, head.decode()
        found = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        wanted = int(found[1]) if found else 0
        while len(body) < wanted:
            more = self._more()
            received, body = received + more, body + more
        return received

    def _more(self) -> bytes:
        more = self._connection.recv(1 << 16)
        assert more, "the server closed the connection"
        return more
