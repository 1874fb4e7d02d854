"""The provider as a process, and a browser's way through it."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.databases import ROOT
from tests.ports import free_port
from tests.servers import program

CLIENT = "portal"
SECRET = "made-up-client-secret"
SECRET_ENV = "NORTHSHIRE_CLIENT_SECRET"
STARTS_WITHIN = 20.0


@dataclass
class RunningProvider:
    """`person` and `fault` are what the next sign-in is."""

    port: int

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def force(self, **more: Any) -> dict[str, Any]:
        """A force's `officer_sign_in` for this provider."""
        return {
            "issuer": self.issuer,
            "client_id": CLIENT,
            "client_secret_env": SECRET_ENV,
            **more,
        }

    def set(self, **wanted: Any) -> None:
        """Change whom it signs in (`person`: claims, None cancels), and how it lies (`fault`)."""
        httpx.put(f"{self.issuer}/control", json=wanted).raise_for_status()

    def passes(self, address: str, back: str) -> str:
        """Where a browser that was sent to this address comes out: an address below `back`."""
        with httpx.Client() as browser:
            while not address.startswith(back):
                answer = browser.get(address)
                assert answer.is_redirect, (answer.status_code, answer.text[:500])
                assert answer.next_request is not None
                address = str(answer.next_request.url)
        return address


@contextmanager
def running_provider(folder: Path, redirect_uri: str) -> Iterator[RunningProvider]:
    provider = RunningProvider(free_port())
    command = [program("node"), "tests/openid/provider.mjs", str(provider.port), redirect_uri]
    with (folder / "provider.log").open("w") as log:
        server = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        _wait_for(provider, server, folder / "provider.log")
        yield provider
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=10)


def _wait_for(provider: RunningProvider, server: subprocess.Popen[bytes], log: Path) -> None:
    give_up = time.monotonic() + STARTS_WITHIN
    while not _answers(provider.issuer):
        assert server.poll() is None, log.read_text()
        assert time.monotonic() < give_up, "the provider did not start"
        time.sleep(0.05)


def _answers(issuer: str) -> bool:
    try:
        return httpx.get(f"{issuer}/.well-known/openid-configuration").is_success
    except httpx.TransportError:
        return False
