"""Ports on this machine for the servers that tests start."""

from __future__ import annotations

import random
import socket

# Below the range from which Linux and macOS take ports for outgoing connections: one of those
# could otherwise take a port between our finding it free and a server's listening on it.
PORTS = range(15_000, 32_000)

# Not the shared generator: Hypothesis seeds it, alike in every process.
_any = random.SystemRandom()


def free_port(count: int = 1) -> int:
    """A TCP port on 127.0.0.1 that nothing uses now; the first of `count` in a row."""
    for _ in range(1000):
        first = _any.choice(PORTS)
        if all(_is_free(port) for port in range(first, first + count)):
            return first
    raise RuntimeError("No free port was found on 127.0.0.1.")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
