"""Network streams that keep a call's deadline, however the other side doles its answer out.

httpcore knows time-outs for single reads and writes: somebody who sends a byte of a header every
few seconds, or one "102 Processing" after the other, would keep a call alive for as long as they
like, and what they do in the end could take effect when its fate is long taken for known.
"""

from __future__ import annotations

import math
import ssl
from collections.abc import Iterable
from threading import local
from typing import Any

import httpcore
import httpx

from app import clock

_PIECE = 16 * 1024
"""Bytes written at once: each write within httpcore has the whole time to itself."""


class Deadline(local):
    """When this thread's call ends, by `clock.boot_seconds`."""

    at: float = math.inf

    def left(self, timeout: float | None, late: type[Exception]) -> float | None:
        """The time that a step may take. Raises `late` where there is none left."""
        left = self.at - clock.boot_seconds()
        if left <= 0:
            raise late
        return min(left, timeout if timeout is not None else math.inf)


def punctual_transport(
    verify: ssl.SSLContext, limits: httpx.Limits, deadline: Deadline
) -> httpx.HTTPTransport:
    """httpx's own transport over streams that end with the deadline."""
    transport = httpx.HTTPTransport(trust_env=False)
    # httpx hands on no network backend; httpcore's is public.
    transport._pool.close()
    transport._pool = httpcore.ConnectionPool(
        ssl_context=verify,
        max_connections=limits.max_connections,
        max_keepalive_connections=limits.max_keepalive_connections,
        keepalive_expiry=limits.keepalive_expiry,
        network_backend=_Backend(deadline),
    )
    return transport


class _Backend(httpcore.SyncBackend):
    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        left = self._deadline.left(timeout, httpcore.ConnectTimeout)
        stream = super().connect_tcp(host, port, left, local_address, socket_options)
        return _Stream(stream, self._deadline)


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left = self._deadline.left(timeout, httpcore.ReadTimeout)
        return self._stream.read(max_bytes, left)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _PIECE):
            left = self._deadline.left(timeout, httpcore.WriteTimeout)
            self._stream.write(buffer[start : start + _PIECE], left)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = self._deadline.left(timeout, httpcore.ConnectTimeout)
        encrypted = self._stream.start_tls(ssl_context, server_hostname, left)
        return _Stream(encrypted, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
