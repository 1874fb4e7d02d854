"""Working days of England and Wales: what a task's due time is counted in.

The holidays are those that the package `govuk-bank-holidays` carries; nothing is asked of the
network. The list ends about two years ahead. Beyond its end a bank holiday counts as a working
day, so operators are told in time to update the package.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from govuk_bank_holidays.bank_holidays import BankHolidays

log = structlog.get_logger(__name__)

WARN_AHEAD: Final = timedelta(days=183)
"""Half a year: how long before the known holidays end operators are told."""

_LONDON: Final = ZoneInfo("Europe/London")
_LAST_SECOND: Final = time(23, 59, 59)


def end_of_working_day(number: int, after: datetime) -> datetime:
    """The last second, in London, of the `number`-th working day (from 1) after the day of `after`.

    The day of the event itself is day 0, whatever its hour.
    """
    days = _holidays().work_days_after(
        division=BankHolidays.ENGLAND_AND_WALES, date=after.astimezone(_LONDON).date()
    )
    day = next(islice(days, number - 1, None))
    return datetime.combine(day, _LAST_SECOND, _LONDON).astimezone(UTC)


def known_until() -> date:
    """The last bank holiday that is known."""
    known = _holidays().get_holidays(division=BankHolidays.ENGLAND_AND_WALES)
    last: date = known[-1]["date"]
    return last


def warn_if_ending(now: datetime) -> bool:
    """Tell operators when the known holidays end within half a year; whether it did."""
    last = known_until()
    if last - now.astimezone(_LONDON).date() >= WARN_AHEAD:
        return False
    log.warning("bank holidays run out", known_until=last.isoformat(), update="govuk-bank-holidays")
    return True


@lru_cache(maxsize=1)
def _holidays() -> BankHolidays:
    return BankHolidays(use_cached_holidays=True)
