"""How a victim is told of news, and by which addresses they sign in, as the settings show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.accounts.addresses import last_digits, masked_email
from app.accounts.models import Victim, VictimAddress
from app.accounts.rules import is_paused
from app.cases.rules import Channel
from app.web.times import in_london, time_in_words


@dataclass(frozen=True, slots=True)
class TellingView:
    """`quiet` is the quiet hours in words, None without any; `language` its code."""

    quiet: tuple[str, str] | None
    is_paused: bool
    paused_until: datetime | None
    has_bounced: bool
    language: str

    @classmethod
    def of(cls, victim: Victim, now: datetime) -> TellingView:
        return cls(
            quiet=_quiet(victim, now),
            is_paused=is_paused(victim.notices_paused_at, victim.notices_paused_until, now),
            paused_until=victim.notices_paused_until,
            has_bounced=any(
                each.bounced_at is not None and each.channel == victim.notice_channel
                for each in victim.addresses
            ),
            language=victim.speaks,
        )


@dataclass(frozen=True, slots=True)
class AddressView:
    """An address by which somebody can sign in as this victim, masked: others may see the screen.
    One of the two is None."""

    email: str | None
    last_digits: str | None
    added_at: datetime | None
    """None: at joining."""

    @classmethod
    def of(cls, address: VictimAddress) -> AddressView:
        value, is_email = address.value or "", address.channel == Channel.EMAIL
        return cls(
            email=masked_email(value) if is_email else None,
            last_digits=None if is_email else last_digits(value),
            added_at=address.added_at,
        )


def _quiet(victim: Victim, now: datetime) -> tuple[str, str] | None:
    if victim.quiet_from is None or victim.quiet_to is None:
        return None
    midnight = in_london(now).replace(hour=0, minute=0, second=0, microsecond=0)
    start, end = (
        time_in_words(midnight.replace(hour=each // 60, minute=each % 60))
        for each in (victim.quiet_from, victim.quiet_to)
    )
    return start, end
