"""Out, at once: "Exit this page", and the same where only the browser knows that it was pressed.

Whoever presses it sees the other page, however the database is. So the cookies go first, and the
answer waits for the database for a moment only. What could not be written down in that moment,
this browser's next request makes good: the cookie for leaving names it until then, by hashes that
open nothing.
"""

from __future__ import annotations

import re
from typing import Final

import structlog
from flask import Flask, Response, current_app, g, request, session

from app import clock
from app.accounts.push import forget_push_of_device
from app.audit.vocabulary import ANONYMOUS, Action
from app.crypto import token_hash
from app.sign_in import device_cookie
from app.sign_in.devices import told_devices
from app.sign_in.requests import TOKEN
from app.sign_in.sessions import end
from app.web.transactions import database

log = structlog.get_logger(__name__)

LEAVING_COOKIE: Final = "leaving"
"""Written by script as the person leaves, since the server may not hear of it; and by the server
while it still has something to end."""

_OWED = re.compile(r"[0-9a-f]{64}")
_OWED_AT_MOST = 4


def init_app(app: Flask) -> None:
    """Register before the access rules."""
    app.before_request(_leave_if_leaving)
    app.after_request(_mark)


def leave_in_a_hurry() -> None:
    """End this browser's session and forget its device, here and on the server. Never raises."""
    if "still_to_end" in g:
        return
    cookies = (session.get(TOKEN), device_cookie.token())
    hashes = _named_by_cookie() | {token_hash(each) for each in cookies if isinstance(each, str)}
    # The session cookie's disappearance also throws kept pages out of the back-forward cache.
    session.clear()
    device_cookie.forget()
    g.still_to_end = set() if not hashes or _is_ended(hashes) else hashes


def _leave_if_leaving() -> None:
    if LEAVING_COOKIE in request.cookies:
        leave_in_a_hurry()


def _named_by_cookie() -> set[bytes]:
    """What an earlier answer could not end."""
    found = _OWED.findall(request.cookies.get(LEAVING_COOKIE, ""))
    return {bytes.fromhex(each) for each in found[:_OWED_AT_MOST]}


def _is_ended(hashes: set[bytes]) -> bool:
    """End the sessions that these are of, and tell the devices that they are of nothing more, also
    where the session had run out before. Whether that is written down now."""
    try:
        with database().writing_at_once() as writing:
            for each in sorted(hashes):
                end(writing, each, Action.LEFT_IN_A_HURRY, clock.now())
                for device_id in told_devices(writing, each):
                    forget_push_of_device(writing, device_id, ANONYMOUS)
    except Exception as error:
        # Whatever it is: a page about it, with our name on it, is what they are leaving.
        log.warning("exit.not-written", error=type(error).__name__)
        return False
    return True


def _mark(response: Response) -> Response:
    # Only when somebody left: a form refused before that must not save the session.
    if "still_to_end" not in g:
        return response
    if g.still_to_end:
        named = ".".join(each.hex() for each in sorted(g.still_to_end))
        secure = bool(current_app.config["HTTPS"])
        response.set_cookie(LEAVING_COOKIE, named, secure=secure, httponly=True, samesite="Lax")
    elif LEAVING_COOKIE in request.cookies:
        response.delete_cookie(LEAVING_COOKIE)
    return response
