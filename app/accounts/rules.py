"""When a victim may be told of news: what they said, read strictly."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

CONFIRMATION_LASTS: Final = timedelta(days=90)
"""How long "Only I can see messages sent there" counts."""
LONGEST_PAUSE_DAYS: Final = 366

_LONDON: Final = ZoneInfo("Europe/London")
_TYPED_TIME: Final = re.compile(r"(\d{1,2})(?:[:. ]?(\d{2}))?(am|pm)?")


def is_confirmed(confirmed_at: datetime | None, now: datetime) -> bool:
    """Whether it was said lately that nobody else sees what is sent."""
    return confirmed_at is not None and now - confirmed_at < CONFIRMATION_LASTS


def quiet_until(quiet_from: int | None, quiet_to: int | None, now: datetime) -> datetime | None:
    """When the quiet hours end that `now` is in; None outside them.

    Both are minutes after midnight by a British clock. Where that clock is put forward or back, the
    hours are those that it shows.
    """
    if quiet_from is None or quiet_to is None or quiet_from == quiet_to:
        return None
    here = now.astimezone(_LONDON)
    minute = here.hour * 60 + here.minute
    if quiet_from < quiet_to:
        is_quiet, ends_tomorrow = quiet_from <= minute < quiet_to, False
    else:
        is_quiet = minute >= quiet_from or minute < quiet_to
        ends_tomorrow = minute >= quiet_from
    if not is_quiet:
        return None
    day = here.date() + timedelta(days=1 if ends_tomorrow else 0)
    ends = datetime.combine(day, time(quiet_to // 60, quiet_to % 60), tzinfo=_LONDON)
    # An hour that the clock shows twice may have begun again.
    return max(ends.astimezone(now.tzinfo), now + timedelta(minutes=1))


def is_paused(paused_at: datetime | None, paused_until: datetime | None, now: datetime) -> bool:
    """Whether the victim wants to hear nothing now."""
    return paused_at is not None and (paused_until is None or now < paused_until)


def pause_ends_at(day: date) -> datetime:
    """The beginning of a day by a British clock."""
    return datetime.combine(day, time.min, tzinfo=_LONDON)


def read_time(typed: str) -> int | None:
    """Minutes after midnight of a time as people type it ("22:00", "10pm", "7.30 am"); None if it
    is no time."""
    plain = re.sub(r"\s*([ap])\.?m\.?$", r"\1m", typed.strip().casefold())
    found = _TYPED_TIME.fullmatch(plain) if plain.isascii() else None
    if found is None:
        return {"midnight": 0, "noon": 12 * 60, "midday": 12 * 60}.get(plain)
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if half is not None:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    return hour * 60 + minute if hour < 24 and minute < 60 else None


def time_as_typed(minutes: int) -> str:
    """ "22:00"."""
    return f"{minutes // 60}:{minutes % 60:02}"
