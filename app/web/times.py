"""Times as people say them: in words, in UK time, in the page's language."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from flask_babel import get_locale
from flask_babel import gettext as _
from markupsafe import Markup

LONDON = ZoneInfo("Europe/London")
NOON = time(12)


class TimeHasNoZone(ValueError):
    """A time without a zone cannot be shown: nobody knows which moment it means."""


def in_london(moment: datetime) -> datetime:
    """Return the same moment by the clock on a British wall."""
    if moment.tzinfo is None:
        raise TimeHasNoZone(moment.isoformat())
    return moment.astimezone(LONDON)


def date_in_words(moment: datetime) -> str:
    """Return ``Tuesday 4 August 2026``."""
    return _write(moment, "EEEE d MMMM y")


def day_in_words(day: date) -> str:
    """Return ``Tuesday 4 August 2026`` for a day of the calendar in London."""
    return date_in_words(datetime.combine(day, NOON, LONDON))


def time_in_words(moment: datetime) -> str:
    """Return ``3:05pm``."""
    return _write(moment, "h:mma").lower().replace(" ", "")


def in_words(moment: datetime) -> str:
    """Return ``Tuesday 4 August 2026 at 3:05pm``."""
    return str(_("%(date)s at %(time)s", date=date_in_words(moment), time=time_in_words(moment)))


def time_tag(moment: datetime) -> Markup:
    """Return a ``<time>`` element: words for people, the exact moment (UTC) for machines."""
    return Markup('<time datetime="{}">{}</time>').format(_exact(moment), in_words(moment))


def hour_tag(moment: datetime) -> Markup:
    """Return a ``<time>`` element with the hour only."""
    tag = Markup('<time datetime="{}">{}</time>')
    return tag.format(_exact(moment), time_in_words(moment))


def clock_tag(moment: datetime) -> Markup:
    """Return a ``<time>`` element with the hour only, which scripts may move on."""
    tag = Markup('<time datetime="{}" data-session-ends>{}</time>')
    return tag.format(_exact(moment), time_in_words(moment))


def _exact(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _write(moment: datetime, pattern: str) -> str:
    return _written(
        in_london(moment).replace(second=0, microsecond=0), pattern, str(get_locale() or "en")
    )


@lru_cache(maxsize=4096)
def _written(minute: datetime, pattern: str, locale: str) -> str:
    """A page names the same day and hour again and again, and working it out is slow."""
    return str(format_datetime(minute, pattern, tzinfo=LONDON, locale=locale))
