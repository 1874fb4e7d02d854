"""Programs that tests start and end, each with everything that it started itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TypeVar
from urllib.error import URLError
from urllib.request import urlopen

from tests.databases import ROOT

STARTS_WITHIN = 30.0
ENDS_WITHIN = 10.0
"""Seconds."""

Found = TypeVar("Found")


def until(look: Callable[[], Found], what: str, seconds: float = 15.0) -> Found:
    """What `look` finds as soon as it is something. Raises AssertionError that names `what`."""
    give_up = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < give_up, f"waited {seconds:.0f} s in vain for {what}"
        time.sleep(0.02)


class Program:
    """`python -m ARGUMENTS`, in a process group of its own."""

    def __init__(self, arguments: list[str], environ: Mapping[str, str], log: Path) -> None:
        self._log = log
        self._name = arguments[0]
        with log.open("ab") as file:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                cwd=ROOT,
                env=dict(environ),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_for(self, url: str) -> None:
        """Until this address answers 200."""
        until(partial(self._answers, url), f"{self._name} at {url}", STARTS_WITHIN)

    def _answers(self, url: str) -> bool:
        assert self._process.poll() is None, f"{self._name} ended:\n{self._log.read_text()}"
        try:
            with urlopen(url, timeout=2):
                return True
        except (URLError, OSError):
            return False

    def end(self) -> None:
        """Ask the group to end; kill what has not by then."""
        self._signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(ENDS_WITHIN)
        self._signal(signal.SIGKILL)
        self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)


@contextmanager
def somewhere_else(port: int) -> Iterator[str]:
    """A page of another site, on this machine, where "Exit this page" leads; its address."""
    server = ThreadingHTTPServer(("127.0.0.1", port), _Weather)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        # By another name than the portal's, so that it is another site to the browser too.
        yield f"http://localhost:{port}/weather"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Weather(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        page = b"<!doctype html><html lang=en><title>Weather</title><h1>Sunny spells</h1>"
        self.send_response(200 if self.path == "/weather" else 204)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page) if self.path == "/weather" else 0))
        self.end_headers()
        if self.path == "/weather":
            self.wfile.write(page)

    def log_message(self, *_: object) -> None:
        """Says nothing."""
