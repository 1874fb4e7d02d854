"""What the cookie holds so that only the server can read it, for a few minutes."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from app import clock
from app.crypto import CannotOpen, Place
from app.web.transactions import database


def seal(name: str, value: Any, lasts: timedelta) -> list[str]:
    """Something small (of JSON), as it stands in the cookie under this name."""
    row, keyring = uuid4(), database().keyring
    wrapped = keyring.new_data_key(_place(name, row))
    told = {"until": (clock.now() + lasts).timestamp(), "value": value}
    in_short = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    sealed = keyring.data_key(wrapped, _place(name, row)).seal(in_short, _place(name, row))
    return [row.hex, *(urlsafe_b64encode(part).decode() for part in (wrapped, sealed))]


def unseal(name: str, kept: list[str] | None) -> Any:
    """What `seal` was given; None if there is nothing, or it waited too long."""
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
