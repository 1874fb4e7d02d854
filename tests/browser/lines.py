"""A line between a browser and the portal on which requests get lost, and answers too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from threading import Event, Thread

from tests.ports import free_port


class Fate(Enum):
    """What becomes of a request."""

    ARRIVES = "answered"
    LOST_BEFORE = "lost before it took effect"
    LOST_AFTER = "took effect, answer lost"
    HANGS = "took effect, no answer ever comes"


Fates = Callable[[str, str], Fate]
"""By method and path."""

_ONE_HOP = {"connection", "keep-alive", "transfer-encoding"}


def all_arrives(_method: str, _path: str) -> Fate:
    return Fate.ARRIVES


def drops(before: float, after: float, seed: int) -> Fates:
    """Loses these shares of all that has to do with messages, by chance."""
    chance = Random(seed)

    def decide(_method: str, path: str) -> Fate:
        if "/messages" not in path:
            return Fate.ARRIVES
        drawn = chance.random()
        if drawn < before:
            return Fate.LOST_BEFORE
        return Fate.LOST_AFTER if drawn < before + after else Fate.ARRIVES

    return decide


class Line:
    """Leads to a portal. `fates` may be changed at any time; `seen` counts, by method and fate."""

    def __init__(self, port: int, to_port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.to_port = to_port
        self.fates: Fates = all_arrives
        self.seen: Counter[tuple[str, Fate]] = Counter()
        self.is_closed = Event()

    def count(self, *fates: Fate) -> int:
        """How many messages were on their way with one of these fates."""
        return sum(self.seen["POST", fate] for fate in fates)


@contextmanager
def line_to(to_port: int) -> Iterator[Line]:
    """Open a line to the portal at this port."""
    line = Line(free_port(), to_port)

    class Passing(_Passing):
        def __init__(self, *arguments: object) -> None:
            self.line = line
            super().__init__(*arguments)  # type: ignore[arg-type]

    server = ThreadingHTTPServer(("127.0.0.1", int(line.url.rpartition(":")[2])), Passing)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield line
    finally:
        line.is_closed.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Passing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    line: Line

    def do_GET(self) -> None:
        self._pass_on()

    def do_POST(self) -> None:
        self._pass_on()

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        fate = self.line.fates(self.command, self.path)
        self.line.seen[self.command, fate] += 1
        answer = None if fate is Fate.LOST_BEFORE else self._ask(body)
        if fate is Fate.HANGS:
            self.line.is_closed.wait()
        if fate is Fate.ARRIVES and answer is not None:
            with suppress(ConnectionError):
                self._answer(*answer)
        else:
            self.close_connection = True

    def _ask(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = HTTPConnection("127.0.0.1", self.line.to_port, timeout=30)
        told = {name: value for name, value in self.headers.items() if _goes_on(name)}
        connection.request(self.command, self.path, body or None, told)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        headers = [(name, value) for name, value in answer.getheaders() if _goes_on(name)]
        return answer.status, headers, content

    def _answer(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() != "content-length":
                self.send_header(name, value)
        if status not in {204, 304}:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def _goes_on(name: str) -> bool:
    return name.lower() not in _ONE_HOP
