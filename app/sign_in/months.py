"""A month as people write it: 3, 03, March, mar, Mar."""

from __future__ import annotations

from functools import cache

from babel import Locale

_ENGLISH = "en"


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
