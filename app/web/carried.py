"""What a form leads to may show once: carried sealed in the cookie to the page behind the redirect,
because no form is answered with a page (see `asking_again`)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import session

from app.web.cookie_seal import seal, unseal

_FOR = timedelta(minutes=5)


def carry(name: str, value: Any) -> None:
    """Keep something small (of JSON) for the next page of this browser that takes it."""
    session[name] = seal(name, value, _FOR)


def take(name: str) -> Any:
    """What was kept under this name, once; None if there is nothing, or it waited too long."""
    return unseal(name, session.pop(name, None))
