"""A date as people write it in three fields; its month is 3, 03, March, mar, Mar."""

from __future__ import annotations

from datetime import date
from functools import cache

from babel import Locale

_ENGLISH = "en"


def read_date(day: str | None, month: str | None, year: str | None, locale: str) -> date | None:
    """The date that the three name, or None if there is no such day."""
    parts = [year or "", month_number(month or "", locale), day or ""]
    if not all(part.isascii() and part.isdigit() and len(part) <= 4 for part in parts):
        return None
    try:
        return date(*(int(part) for part in parts))
    except ValueError:
        return None


def month_number(typed: str, locale: str) -> str:
    """The number of the month that was typed as a number or by its name, whole or short, in this
    language or in English; what was typed where it is neither."""
    return _names(locale).get(_plain(typed), typed)


@cache
def _names(locale: str) -> dict[str, str]:
    return {
        _plain(name): str(number)
        for language in (locale, _ENGLISH)
        for width in ("wide", "abbreviated")
        for number, name in Locale.parse(language).months["format"][width].items()
    } | {"sept": "9"}


def _plain(name: str) -> str:
    return name.strip().rstrip(".").casefold()
