"""Running the demo case system on a port of this machine."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from types import FrameType
from typing import NoReturn

from werkzeug.serving import WSGIRequestHandler, make_server

from app.demo.case_system.application import create_case_system


class QuietHandler(WSGIRequestHandler):
    """Keeps connections open, and references out of the terminal."""

    protocol_version = "HTTP/1.1"
    # Head and body leave as two packets; without this the second waits for the first's receipt.
    disable_nagle_algorithm = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Says nothing: a line for each call would drown what the demo prints."""


def serve(profile: str, port: int, data_dir: Path, token: str) -> None:
    """Answer on 127.0.0.1 until SIGTERM or SIGINT, then exit 0 at once. Call from the main thread.

    Every answered entry and case is on disk already, so there is nothing to finish. Raises what
    `create_case_system` raises; exits 1 when the port is taken.
    """
    system = create_case_system(data_dir, token, profile)
    server = make_server("127.0.0.1", port, system, threaded=True, request_handler=QuietHandler)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    sys.stdout.write(f"Demo case system ({profile}): http://127.0.0.1:{server.port}/demo/\n")
    sys.stdout.flush()
    server.serve_forever(poll_interval=0.1)


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)
