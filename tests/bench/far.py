"""A line to a portal that is far away: every round trip takes its time, those of DNS, TCP and TLS
included, and every byte is counted.

The browser's own throttle leaves connecting out. This is a relay between sockets: what it cannot
imitate is how TCP feels its way up to the line's speed.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Lock, Thread

_PIECE = 1400
"""Bytes: about a packet."""


@dataclass
class Way:
    """One direction, shared by all connections. `rate`: bytes a second, None for any."""

    delay: float
    rate: float | None
    count: int = 0
    _free_at: float = 0.0
    _lock: Lock = field(default_factory=Lock)

    def arrival(self, size: int) -> float:
        """When so many bytes that are given to it now come out."""
        with self._lock:
            self.count += size
            now = time.monotonic()
            begins = max(now, self._free_at)
            self._free_at = begins + (size / self.rate if self.rate else 0.0)
            return self._free_at + self.delay


@dataclass
class FarLine:
    """Leads to `port`. Seconds for a round trip."""

    port: int
    up: Way
    down: Way
    round_trip: float
    own_port: int = 0
    connections: int = 0

    def opening_takes(self) -> float:
        """Before the first byte can leave: the way there and back for TCP, and at first for DNS."""
        self.connections += 1
        return self.round_trip * (2 if self.connections == 1 else 1)


@contextmanager
def far_line(
    port: int, round_trip: float = 0.0, down: float | None = None, up: float | None = None
) -> Iterator[FarLine]:
    """Open a line to a port of this machine. `down`, `up`: bytes a second."""
    line = FarLine(port, Way(round_trip / 2, up), Way(round_trip / 2, down), round_trip)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        line.own_port = listening.getsockname()[1]
        Thread(target=_accept, args=(listening, line), daemon=True).start()
        yield line


def _accept(listening: socket.socket, line: FarLine) -> None:
    with suppress(OSError):  # closed: the end
        while True:
            near, _ = listening.accept()
            far = socket.create_connection(("127.0.0.1", line.port))
            opening = line.opening_takes()
            _relay(near, far, line.up, opening)
            _relay(far, near, line.down, 0.0)


def _relay(source: socket.socket, target: socket.socket, way: Way, opening: float) -> None:
    """Take what comes, and give it away when it has arrived."""
    under_way: SimpleQueue[tuple[float, bytes]] = SimpleQueue()

    def take() -> None:
        late = opening
        with suppress(OSError):
            while piece := source.recv(_PIECE):
                time.sleep(late)
                late = 0.0
                under_way.put((way.arrival(len(piece)), piece))
        under_way.put((time.monotonic() + way.delay, b""))

    def give() -> None:
        with suppress(OSError):
            while True:
                at, piece = under_way.get()
                time.sleep(max(0.0, at - time.monotonic()))
                if not piece:
                    target.shutdown(socket.SHUT_WR)
                    return
                target.sendall(piece)

    for each in (take, give):
        Thread(target=each, daemon=True).start()
