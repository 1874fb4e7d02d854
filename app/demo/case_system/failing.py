"""Meeting the faults that are switched on, alike in both profiles."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from threading import Timer

from flask import Response, g, jsonify, request

from app.demo.case_system.faults import CUT_AFTER, CUT_BEFORE, HANG, LATE, NONSENSE, SLOW
from app.demo.case_system.holdings import holdings
from app.demo.case_system.references import readable


def fail_as_told(*, is_feed: bool) -> Response | None:
    """Answers in place of the call when a fault strikes; a cut after the effect waits for it."""
    fault = holdings().faults.strike(readable(request.path), feed=is_feed)
    if fault is None:
        return None
    if fault.status is not None:
        answer = jsonify(error="told to fail")
        answer.status_code = fault.status
        if fault.retry_after is not None:
            answer.headers["Retry-After"] = fault.retry_after
        return answer
    if fault.fault in {HANG, SLOW}:
        time.sleep(fault.hang_seconds)
    if fault.fault in {HANG, CUT_BEFORE} or (fault.fault == LATE and request.method == "GET"):
        _drop_connection()
        return Response(status=500)
    if fault.fault == NONSENSE:
        return Response("<!doctype html><title>Welcome to the gateway</title>", status=200)
    g.is_cut_after = fault.fault == CUT_AFTER
    g.seconds_late = fault.hang_seconds if fault.fault == LATE else None
    return None


def lets_in_later(effect: Callable[[], object]) -> bool:
    """Whether this call's answer is lost and its effect comes later; if so, sees to both."""
    seconds: float | None = g.get("seconds_late")
    if seconds is None:
        return False
    later = Timer(seconds, effect)
    later.daemon = True
    later.start()
    _drop_connection()
    return True


def cut_after_effect(answer: Response) -> Response:
    if g.get("is_cut_after", False):
        _drop_connection()
    return answer


def _drop_connection() -> None:
    """Whatever is answered after this, nobody receives it."""
    line = request.environ.get("werkzeug.socket")
    if isinstance(line, socket.socket):
        line.shutdown(socket.SHUT_RDWR)
