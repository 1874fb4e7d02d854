"""Load on a server: requests whose bytes are made beforehand, over connections that stay open,
each with one request under way. Runs in a process of its own.
"""

from __future__ import annotations

import pickle
import selectors
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle

from tests.databases import ROOT

_HEAD_END = b"\r\n\r\n"
_LENGTH = b"content-length:"
_STUCK_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Load:
    """What to send: for each connection its requests, in order; again and again for so many
    `seconds` (after `warm` seconds that do not count), or once each where `seconds` is None."""

    port: int
    requests: list[list[bytes]]
    expected: int
    seconds: float | None
    warm: float = 0.3


@dataclass(slots=True)
class Measured:
    """Answers a second, and how long each took in milliseconds, shortest first."""

    rate: float
    milliseconds: list[float]

    def percentile(self, share: float) -> float:
        return self.milliseconds[int(share * (len(self.milliseconds) - 1))]


class WrongAnswers(Exception):
    """The server answered something else: a number for each status."""


def put_load(load: Load) -> Measured:
    """Have another process do it. Raises WrongAnswers."""
    done = subprocess.run(
        [sys.executable, "-c", "from tests.bench.load import main; main()"],
        cwd=ROOT,
        input=pickle.dumps(load),
        stdout=subprocess.PIPE,
        check=True,
        timeout=300,
    )
    found: Measured | dict[int, int] = pickle.loads(done.stdout)
    if isinstance(found, Measured):
        return found
    raise WrongAnswers(found)


@dataclass(slots=True)
class _Line:
    """One connection. `received` is what came of the answer under way."""

    requests: Iterator[bytes]
    connection: socket.socket
    asked_at: float = 0.0
    received: bytearray = field(default_factory=bytearray)

    def ask(self) -> bool:
        """Send the next request; False: there is none."""
        request = next(self.requests, None)
        if request is None:
            return False
        self.received.clear()
        self.asked_at = time.perf_counter()
        self.connection.sendall(request)
        return True

    def hear(self) -> int | None:
        """The status, once the answer is whole."""
        more = self.connection.recv(1 << 18)
        if not more:
            raise ConnectionError("the server closed the connection")
        self.received += more
        head_end = self.received.find(_HEAD_END)
        if head_end < 0:
            return None
        head = bytes(self.received[:head_end]).lower()
        at = head.find(_LENGTH)
        length = int(head[at + len(_LENGTH) :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self.received) < head_end + len(_HEAD_END) + length:
            return None
        return int(head[9:12])


def run(load: Load) -> Measured | dict[int, int]:
    """Put the load on from this process; the wrong statuses if there were any."""
    lines = [
        _Line(
            iter(each) if load.seconds is None else cycle(each),
            socket.create_connection(("127.0.0.1", load.port)),
        )
        for each in load.requests
    ]
    for line in lines:
        line.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if load.seconds is not None:
        _ask_for(lines, load.warm, load.expected)
    took, seconds, wrong = _ask_for(lines, load.seconds, load.expected)
    for line in lines:
        line.connection.close()
    if wrong:
        return dict(wrong)
    return Measured(len(took) / seconds, sorted(each * 1000 for each in took))


def _ask_for(
    lines: list[_Line], seconds: float | None, expected: int
) -> tuple[list[float], float, Counter[int]]:
    took: list[float] = []
    wrong: Counter[int] = Counter()
    begun = time.perf_counter()
    ends = begun + seconds if seconds is not None else float("inf")
    last = begun
    with selectors.DefaultSelector() as selector:
        busy = 0
        for line in lines:
            if line.ask():
                selector.register(line.connection, selectors.EVENT_READ, line)
                busy += 1
        while busy:
            ready = selector.select(_STUCK_SECONDS)
            if not ready:
                raise TimeoutError("the server does not answer")
            for key, _ in ready:
                line = key.data
                status = line.hear()
                if status is None:
                    continue
                last = time.perf_counter()
                took.append(last - line.asked_at)
                if status != expected:
                    wrong[status] += 1
                if last >= ends or not line.ask():
                    selector.unregister(line.connection)
                    busy -= 1
    return took, last - begun, wrong


def main() -> None:
    """The other process: told what to do on standard input, answers on standard output."""
    sys.stdout.buffer.write(pickle.dumps(run(pickle.load(sys.stdin.buffer))))
