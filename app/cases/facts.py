"""What the case system said of a case: read strictly, and never guessed.

Null, absent and unreadable are all None, which means unknown. Nothing here decides anything; see
`app.cases.rules`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Final, TypeVar

from app.cases.references import normalise_reference

LONGEST_REFERENCE: Final = 200
LONGEST_TEXT: Final = 500
"""Code points. A longer value is taken for nonsense: names and addresses are shorter."""

_TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(\.\d+)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NOT_IN_A_LINE: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})

T = TypeVar("T")


class CaseIsNonsense(ValueError):
    """The case has no reference under which it could be kept."""


@dataclass(frozen=True, slots=True)
class OfficerFacts:
    """The officer in the case, as the case system names them."""

    collar: str | None
    name: str | None
    email: str | None


@dataclass(frozen=True, slots=True)
class VictimFacts:
    """The victim. Addresses are as the case system gave them, not normalised."""

    id: str | None
    given_name: str | None
    family_name: str | None
    date_of_birth: date | None
    email: str | None
    mobile: str | None
    language: str | None
    safe_to_contact: bool | None
    linked_to_suspect: bool | None
    email_shared: bool | None
    mobile_shared: bool | None


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """One case as last said. Times are aware, in UTC. None is unknown, never "no".

    For `previous_reference` and `closed_at` null is an ordinary answer: no older reference, and
    not closed. `flags` are trimmed and case-folded; an empty tuple means none.
    """

    reference: str
    """Exactly as the case system writes it, blanks included: it is the case's address there."""
    status: str | None
    reported_at: datetime | None
    offence_code: str | None
    offence_title: str | None
    domestic_abuse: bool | None
    flags: tuple[str, ...] | None
    risk_assessed_at: datetime | None
    officer_in_case: OfficerFacts | None
    victim: VictimFacts
    previous_reference: str | None
    updated_at: datetime | None
    closed_at: datetime | None
    problems: tuple[str, ...] = ()
    """Keys that held something unreadable, such as "victim.dateOfBirth"; never their values."""


def read_facts(case: Mapping[str, object]) -> CaseFacts:
    """The facts in a Case object. Unknown keys are passed over; what cannot be read is a problem.

    Raises CaseIsNonsense without a reference: a text with a letter or digit in it, at most
    LONGEST_REFERENCE code points.
    """
    said = _Said(case, problems=[])
    reference = said.reference("reference")
    if reference is None:
        raise CaseIsNonsense("the case has no usable reference")
    offence = said.inner("offence")
    return CaseFacts(
        reference=reference,
        status=said.text("status"),
        reported_at=said.time("reportedAt"),
        offence_code=offence.text("code"),
        offence_title=offence.text("title"),
        domestic_abuse=said.yes_or_no("domesticAbuse"),
        flags=said.flags("flags"),
        risk_assessed_at=said.time("riskAssessedAt"),
        officer_in_case=_read_officer(said.inner("officerInCase")),
        victim=_read_victim(said.inner("victim")),
        previous_reference=said.reference("previousReference"),
        updated_at=said.time("updatedAt"),
        closed_at=said.time("closedAt"),
        problems=tuple(said.problems),
    )


def facts_to_json(facts: CaseFacts) -> dict[str, object]:
    """The facts as a JSON object in the case system's own shape, with `problems` added."""
    officer, victim = facts.officer_in_case, facts.victim
    return {
        "reference": facts.reference,
        "status": facts.status,
        "reportedAt": _iso(facts.reported_at),
        "offence": {"code": facts.offence_code, "title": facts.offence_title},
        "domesticAbuse": facts.domestic_abuse,
        "flags": None if facts.flags is None else list(facts.flags),
        "riskAssessedAt": _iso(facts.risk_assessed_at),
        "officerInCase": officer
        and {"collar": officer.collar, "name": officer.name, "email": officer.email},
        "victim": {
            "id": victim.id,
            "givenName": victim.given_name,
            "familyName": victim.family_name,
            "dateOfBirth": _iso(victim.date_of_birth),
            "email": victim.email,
            "mobile": victim.mobile,
            "language": victim.language,
            "safeToContact": victim.safe_to_contact,
            "linkedToSuspect": victim.linked_to_suspect,
            "contactShared": {"email": victim.email_shared, "mobile": victim.mobile_shared},
        },
        "previousReference": facts.previous_reference,
        "updatedAt": _iso(facts.updated_at),
        "closedAt": _iso(facts.closed_at),
        "problems": list(facts.problems),
    }


def facts_from_json(stored: Mapping[str, object]) -> CaseFacts:
    """What `facts_to_json` gave. As strict as `read_facts`: a damaged value is unknown."""
    facts = read_facts(stored)
    problems = stored.get("problems")
    kept = [key for key in problems if isinstance(key, str)] if isinstance(problems, list) else []
    return replace(facts, problems=(*kept, *facts.problems))


def _read_officer(said: _Said) -> OfficerFacts | None:
    if said.is_unknown:
        return None
    return OfficerFacts(said.text("collar"), said.text("name"), said.text("email"))


def _read_victim(said: _Said) -> VictimFacts:
    shared = said.inner("contactShared")
    return VictimFacts(
        id=said.text("id"),
        given_name=said.text("givenName"),
        family_name=said.text("familyName"),
        date_of_birth=said.date("dateOfBirth"),
        email=said.text("email"),
        mobile=said.text("mobile"),
        language=said.text("language"),
        safe_to_contact=said.yes_or_no("safeToContact"),
        linked_to_suspect=said.yes_or_no("linkedToSuspect"),
        email_shared=shared.yes_or_no("email"),
        mobile_shared=shared.yes_or_no("mobile"),
    )


class _Said:
    """One JSON object, read key by key; unreadable keys are added to `problems`."""

    def __init__(
        self, values: Mapping[str, object] | None, problems: list[str], prefix: str = ""
    ) -> None:
        self.is_unknown = values is None
        self.values = values or {}
        self.problems = problems
        self.prefix = prefix

    def inner(self, key: str) -> _Said:
        return _Said(self._read(key, _an_object), self.problems, f"{self.prefix}{key}.")

    def yes_or_no(self, key: str) -> bool | None:
        return self._read(key, _a_yes_or_no)

    def text(self, key: str) -> str | None:
        """Trimmed; a blank text is how some systems say that they do not know."""
        return self._read(key, _a_line) or None

    def reference(self, key: str) -> str | None:
        return self._read(key, _a_reference)

    def flags(self, key: str) -> tuple[str, ...] | None:
        return self._read(key, _flags)

    def time(self, key: str) -> datetime | None:
        return self._read(key, _a_time)

    def date(self, key: str) -> date | None:
        return self._read(key, _a_date)

    def _read(self, key: str, reader: Callable[[object], T]) -> T | None:
        value = self.values.get(key)
        if value is None:
            return None
        try:
            return reader(value)
        except (ValueError, OverflowError):
            self.problems.append(self.prefix + key)
            return None


def _an_object(value: object) -> Mapping[str, object]:
    if isinstance(value, Mapping):
        return value
    raise ValueError("not an object")


def _a_yes_or_no(value: object) -> bool:
    if isinstance(value, bool):  # neither 1 nor "true" is an answer
        return value
    raise ValueError("neither true nor false")


def _a_line(value: object, longest: int = LONGEST_TEXT) -> str:
    """Trimmed text that can be shown in one line and written as UTF-8."""
    if not isinstance(value, str) or len(value) > longest:
        raise ValueError("not a text, or too long")
    if any(unicodedata.category(character) in _NOT_IN_A_LINE for character in value):
        raise ValueError("not a line")
    return value.strip()


def _a_reference(value: object) -> str:
    if isinstance(value, str) and normalise_reference(_a_line(value, LONGEST_REFERENCE)):
        return value
    raise ValueError("not a reference")


def _flags(value: object) -> tuple[str, ...]:
    """One flag that is no text leaves all unknown. A blank one stays: nobody called it harmless."""
    if isinstance(value, list | tuple):
        return tuple(_a_line(flag).casefold() for flag in value)
    raise ValueError("not a list")


def _a_time(value: object) -> datetime:
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("not a time with its offset")
    day, clock, fraction, offset = match.groups()
    microseconds = (fraction or ".")[1:7].ljust(6, "0")
    offset = "+00:00" if offset in "Zz" else offset
    return datetime.fromisoformat(f"{day}T{clock}.{microseconds}{offset}").astimezone(UTC)


def _a_date(value: object) -> date:
    if isinstance(value, str) and _DATE.fullmatch(value):
        return date.fromisoformat(value)
    raise ValueError("not a date")


def _iso(moment: date | None) -> str | None:
    return None if moment is None else moment.isoformat()
