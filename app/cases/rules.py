"""Who may be in: pure rules that fail closed.

A case is open online only if everything below is known and good; null, absent and unreadable all
bar it. Danger comes first in the order of reasons, because the first reason is what officers are
told and what is kept of a case that stays out.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import MAXYEAR, date, datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from app.accounts.addresses import normalise_email, normalise_mobile
from app.cases.facts import CaseFacts
from app.cases.references import normalise_name
from app.forces.settings import ForceSettings

KNOWN_STATUSES: Final = (
    "reported",
    "under-investigation",
    "suspect-identified",
    "awaiting-charge-decision",
    "charged",
    "at-court",
    "closed",
)
"""Another status bars nobody by itself, but operators are told of it."""

RISK_ASSESSMENT_LASTS: Final = timedelta(days=90)
CLOCKS_MAY_DIFFER: Final = timedelta(days=1)
ADULT_AT: Final = 18
OLDEST: Final = 110
"""Years."""
DANGER_LASTS_MONTHS: Final = 24

_LONDON: Final = ZoneInfo("Europe/London")
_PLACEHOLDER_BIRTH_DATE: Final = date(1900, 1, 1)


class Channel(StrEnum):
    """A way to reach a victim."""

    EMAIL = "email"
    SMS = "sms"


class Reason(StrEnum):
    """Why a case is not open online, in the order in which `reason_against` finds them."""

    # Danger that is known, of this case and then of the person's others.
    DOMESTIC_ABUSE = "domestic-abuse"
    LINKED_TO_SUSPECT = "linked-to-suspect"
    FLAGGED = "flagged"
    DANGER_ELSEWHERE = "danger-elsewhere"
    NOT_SAFE_TO_CONTACT = "not-safe-to-contact"
    # Danger that nobody has ruled out.
    DOMESTIC_ABUSE_UNKNOWN = "domestic-abuse-unknown"
    LINKED_TO_SUSPECT_UNKNOWN = "linked-to-suspect-unknown"
    FLAGS_UNKNOWN = "flags-unknown"
    SAFE_TO_CONTACT_UNKNOWN = "safe-to-contact-unknown"
    RISK_ASSESSMENT_UNKNOWN = "risk-assessment-unknown"
    RISK_ASSESSMENT_TOO_OLD = "risk-assessment-too-old"
    # Who the victim is.
    VICTIM_ID_UNKNOWN = "victim-id-unknown"
    NAME_UNKNOWN = "name-unknown"
    BIRTH_DATE_UNKNOWN = "birth-date-unknown"
    BIRTH_DATE_IMPLAUSIBLE = "birth-date-implausible"
    UNDER_18 = "under-18"
    # What the case is.
    OFFENCE_UNKNOWN = "offence-unknown"
    OFFENCE_NOT_ELIGIBLE = "offence-not-eligible"
    STATUS_UNKNOWN = "status-unknown"
    REPORTED_AT_UNKNOWN = "reported-at-unknown"
    # How the victim is reached.
    USED_CHANNEL_NOT_SAFE = "used-channel-not-safe"
    NO_USABLE_CHANNEL = "no-usable-channel"


def reason_against(
    facts: CaseFacts,
    force: ForceSettings,
    *,
    danger_elsewhere: bool,
    taken: frozenset[Channel],
    used: frozenset[Channel] = frozenset(),
    now: datetime,
) -> Reason | None:
    """The first reason to keep the case offline; None only if everything is known and good.

    `danger_elsewhere`: another case of this person in this force is a danger (`is_danger`) that
    has not ended (`danger_ends_at`). `taken`: channels whose address is another victim's in this
    force too. `used`: channels this victim signs in with, every one of which must be usable;
    empty for one not yet in, who needs one usable channel. A stale feed is not among the reasons:
    see `feed_is_fresh`.
    """
    return (
        _danger(facts, force, danger_elsewhere=danger_elsewhere)
        or _danger_not_ruled_out(facts, now)
        or _doubt_about_the_person(facts, force, now)
        or _doubt_about_the_case(facts, force)
        or _doubt_about_the_channel(usable_channels(facts, taken), used)
    )


def usable_channels(facts: CaseFacts, taken: frozenset[Channel]) -> tuple[Channel, ...]:
    """The channels that reach this victim and nobody else, e-mail first.

    Usable: well-formed, said to be not shared with others on the case, and not `taken`.
    """
    victim = facts.victim
    channels = []
    if victim.email_shared is False and normalise_email(victim.email or ""):
        channels.append(Channel.EMAIL)
    if victim.mobile_shared is False and normalise_mobile(victim.mobile or ""):
        channels.append(Channel.SMS)
    return tuple(channel for channel in channels if channel not in taken)


def is_danger(facts: CaseFacts, force: ForceSettings) -> bool:
    """Whether this case bars the person's other cases too: danger belongs to a person.

    A flag or an answer that was given but cannot be read counts as danger; null does not.
    """
    return _danger(facts, force, danger_elsewhere=False) in _DANGER_TO_THE_PERSON or any(
        key in _DANGER_KEYS for key in facts.problems
    )


def danger_ends_at(facts: CaseFacts) -> datetime | None:
    """When a danger stops barring the person's other cases; None while no end is known.

    24 months after the latest of the closing, the report and the last change. An open case, or
    one of which any of the three is unknown, has no end yet.
    """
    if facts.status != "closed":
        return None
    if facts.closed_at is None or facts.reported_at is None or facts.updated_at is None:
        return None
    return _months_later(max(facts.closed_at, facts.reported_at, facts.updated_at))


def feed_is_fresh(
    last_complete_read_started_at: datetime | None, hours: int, now: datetime
) -> bool:
    """Whether the last read that reached the feed's end began within `hours`.

    Not if there was none, nor if it is said to have begun in another day's future.
    """
    if last_complete_read_started_at is None:
        return False
    age = now - last_complete_read_started_at
    return -CLOCKS_MAY_DIFFER <= age <= timedelta(hours=hours)


_DANGER_TO_THE_PERSON: Final = (Reason.DOMESTIC_ABUSE, Reason.LINKED_TO_SUSPECT, Reason.FLAGGED)
_DANGER_KEYS: Final = ("domesticAbuse", "victim.linkedToSuspect", "flags")


def _danger(facts: CaseFacts, force: ForceSettings, *, danger_elsewhere: bool) -> Reason | None:
    if facts.domestic_abuse is True:
        return Reason.DOMESTIC_ABUSE
    if facts.victim.linked_to_suspect is True:
        return Reason.LINKED_TO_SUSPECT
    if any(flag not in force.harmless_flags for flag in facts.flags or ()):
        return Reason.FLAGGED
    if danger_elsewhere:
        return Reason.DANGER_ELSEWHERE
    if facts.victim.safe_to_contact is False:
        return Reason.NOT_SAFE_TO_CONTACT
    return None


def _danger_not_ruled_out(facts: CaseFacts, now: datetime) -> Reason | None:
    if facts.domestic_abuse is not False:
        return Reason.DOMESTIC_ABUSE_UNKNOWN
    if facts.victim.linked_to_suspect is not False:
        return Reason.LINKED_TO_SUSPECT_UNKNOWN
    if facts.flags is None:
        return Reason.FLAGS_UNKNOWN
    if facts.victim.safe_to_contact is not True:
        return Reason.SAFE_TO_CONTACT_UNKNOWN
    # An assessment from days ahead is a mistake, and would otherwise last longer than 90 days.
    if facts.risk_assessed_at is None or facts.risk_assessed_at - now > CLOCKS_MAY_DIFFER:
        return Reason.RISK_ASSESSMENT_UNKNOWN
    if now - facts.risk_assessed_at > RISK_ASSESSMENT_LASTS:
        return Reason.RISK_ASSESSMENT_TOO_OLD
    return None


def _doubt_about_the_person(facts: CaseFacts, force: ForceSettings, now: datetime) -> Reason | None:
    victim = facts.victim
    if victim.id is None:
        return Reason.VICTIM_ID_UNKNOWN
    if not normalise_name(victim.given_name or "", victim.family_name or ""):
        return Reason.NAME_UNKNOWN
    born = victim.date_of_birth
    if born is None:
        return Reason.BIRTH_DATE_UNKNOWN
    today = now.astimezone(_LONDON).date()
    if born == _PLACEHOLDER_BIRTH_DATE or born in force.placeholder_birth_dates or born > today:
        return Reason.BIRTH_DATE_IMPLAUSIBLE
    years, has_birthday = _age(born, today)
    if years > OLDEST or (years == OLDEST and not has_birthday):
        return Reason.BIRTH_DATE_IMPLAUSIBLE
    return Reason.UNDER_18 if years < ADULT_AT else None


def _doubt_about_the_case(facts: CaseFacts, force: ForceSettings) -> Reason | None:
    if facts.offence_code is None:
        return Reason.OFFENCE_UNKNOWN
    if facts.offence_code not in force.eligible_offences:
        return Reason.OFFENCE_NOT_ELIGIBLE
    if facts.status is None:
        return Reason.STATUS_UNKNOWN
    return Reason.REPORTED_AT_UNKNOWN if facts.reported_at is None else None


def _doubt_about_the_channel(
    usable: tuple[Channel, ...], used: frozenset[Channel]
) -> Reason | None:
    if not used <= set(usable):
        return Reason.USED_CHANNEL_NOT_SAFE
    return None if usable else Reason.NO_USABLE_CHANNEL


def _age(born: date, today: date) -> tuple[int, bool]:
    """Full years, and whether today is the birthday. 29 February counts as 1 March otherwise."""
    before_birthday = (today.month, today.day) < (born.month, born.day)
    is_birthday = (today.month, today.day) == (born.month, born.day)
    return today.year - born.year - before_birthday, is_birthday


def _months_later(moment: datetime) -> datetime | None:
    years, month = divmod(moment.month - 1 + DANGER_LASTS_MONTHS, 12)
    year = moment.year + years
    if year > MAXYEAR:
        return None
    day = min(moment.day, monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)
