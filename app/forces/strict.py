"""One table of the forces file, read strictly: what is not expected refuses the file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import NoReturn
from urllib.parse import urlsplit

A_LINE = re.compile(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]{1,200}")


class ForcesFileError(ValueError):
    """The forces file is refused; the message is one line that names the force and the key."""


class Table:
    """One table of the file; every reader refuses what it does not expect, naming the key."""

    def __init__(self, where: str, values: Mapping[str, object], prefix: str = "") -> None:
        self.where = where
        self.values = values
        self.prefix = prefix

    def refuse(self, key: str, why: str) -> NoReturn:
        raise ForcesFileError(f"{self.where}: {self.prefix + key!r} {why}")

    def allow(self, *known: str) -> None:
        for key in self.values:
            if key not in known:
                raise ForcesFileError(f"{self.where}: unknown key {self.prefix + key!r}")

    def maybe_text(self, key: str, pattern: re.Pattern[str], must_be: str) -> str | None:
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or not pattern.fullmatch(value) or not value.strip():
            self.refuse(key, f"must be {must_be}")
        return value.strip()

    def text(
        self, key: str, pattern: re.Pattern[str], must_be: str, default: str | None = None
    ) -> str:
        value = self.maybe_text(key, pattern, must_be)
        if value is not None:
            return value
        return self.refuse(key, "is missing") if default is None else default

    def choice(self, key: str, choices: tuple[str, ...], default: str | None = None) -> str:
        must_be = " or ".join(repr(choice) for choice in choices)
        value = self.text(key, A_LINE, must_be, default)
        return value if value in choices else self.refuse(key, f"must be {must_be}")

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        value = self.values.get(key, default)
        if value is None:
            self.refuse(key, "is missing")
        if not isinstance(value, list | tuple):
            self.refuse(key, "must be a list of texts")
        if not all(isinstance(item, str) and item.strip() for item in value):
            self.refuse(key, "must hold texts only, none of them empty")
        return tuple(item.strip() for item in value)

    def number(self, key: str, default: int) -> int:
        value = self.values.get(key, default)
        if type(value) is not int or not 1 <= value <= 1_000_000:  # True is an int to isinstance
            self.refuse(key, "must be a whole number from 1 to 1000000")
        return value

    def yes_or_no(self, key: str, *, default: bool) -> bool:
        value = self.values.get(key, default)
        return value if isinstance(value, bool) else self.refuse(key, "must be true or false")

    def day(self, key: str) -> date | None:
        value = self.values.get(key)
        if value is not None and type(value) is not date:  # a datetime is a date to isinstance
            self.refuse(key, "must be a date like 2026-01-01, without quotes")
        return value

    def days(self, key: str) -> tuple[date, ...]:
        value = self.values.get(key, ())
        if not isinstance(value, list | tuple) or any(type(item) is not date for item in value):
            self.refuse(key, "must be a list of dates like 1901-01-01, without quotes")
        return tuple(value)

    def moment(self, key: str) -> datetime:
        value = self.values.get(key)
        if value is None:
            self.refuse(key, "is missing")
        if not isinstance(value, datetime) or value.tzinfo is None:
            self.refuse(key, "must be a time with its offset, like 2026-12-01T06:00:00Z")
        try:
            return value.astimezone(UTC)
        except OverflowError:
            self.refuse(key, "must be a time within the calendar")

    def url(self, key: str, *, keep_slash: bool = False) -> str:
        must_be = "an http:// or https:// address without user, query or fragment"
        value = self.text(key, A_LINE, must_be)
        if not _is_web_address(value):
            self.refuse(key, f"must be {must_be}")
        return value if keep_slash else value.rstrip("/")

    def table(self, key: str) -> Table | None:
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, Mapping):
            self.refuse(key, f"must be a table [force.{key}]")
        return Table(self.where, value, f"{self.prefix}{key}.")

    def tables(self, key: str) -> list[Table]:
        """Any number of tables [[force.key]], in the file's order."""
        found = self.values.get(key, ())
        if not isinstance(found, list | tuple) or not all(
            isinstance(each, Mapping) for each in found
        ):
            self.refuse(key, f"must be tables [[force.{key}]]")
        return [Table(self.where, each, f"{self.prefix}{key}.") for each in found]

    def required_table(self, key: str) -> Table:
        return self.table(key) or self.refuse(key, f"is missing: a table [force.{key}]")


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        sound = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return sound and parts.scheme in ("http", "https") and not re.search(r"[\s@?#\\]", text)
