"""What a form leads to may show once: carried sealed in the cookie to the page behind the redirect,
because no form is answered with a page (see `asking_again`)."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from flask import session

from app import clock
from app.crypto import CannotOpen, Place
from app.web.transactions import database

_FOR = timedelta(minutes=5)


def carry(name: str, value: Any) -> None:
    """Keep something small (of JSON) for the next page of this browser that takes it."""
    until = (clock.now() + _FOR).timestamp()
    row, keyring = uuid4(), database().keyring
    wrapped = keyring.new_data_key(_place(name, row))
    text = json.dumps({"until": until, "value": value})
    sealed = keyring.data_key(wrapped, _place(name, row)).seal(text, _place(name, row))
    session[name] = [row.hex, *(urlsafe_b64encode(part).decode() for part in (wrapped, sealed))]


def take(name: str) -> Any:
    """What was kept under this name, once; None if there is nothing, or it waited too long."""
    kept = session.pop(name, None)
    if kept is None:
        return None
    row, wrapped, sealed = UUID(kept[0]), *map(urlsafe_b64decode, kept[1:])
    try:
        key = database().keyring.data_key(wrapped, _place(name, row))
        told = json.loads(key.open(sealed, _place(name, row)))
    except CannotOpen:  # the keys have changed since
        return None
    return told["value"] if clock.now().timestamp() <= told["until"] else None


def _place(name: str, row: UUID) -> Place:
    return Place("cookie", name, row)
