"""The case system as the portal sees it: one protocol, its entries and its answers.

Every adapter keeps these promises, whatever the other side sends: `record` never raises, the
reads raise nothing but `CaseSystemFailed`, and no string that they hand out holds a NUL or a lone
surrogate (a database could not store it). Adapters may be used by several threads at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol

CALL_SECONDS = 10.0
"""How long one call may take, from its start to the last byte of its answer."""

LONGEST_RETRY_AFTER = 3600.0
"""Seconds. A case system that asks for a longer pause gets this one."""


class EntryKind(StrEnum):
    """What an entry on the case record is."""

    VICTIM_MESSAGE = "victim-message"
    OFFICER_MESSAGE = "officer-message"
    NOTE = "note"
    CONTACT_REQUEST = "contact-request"
    MARKING = "marking"
    WITHDRAWAL = "withdrawal"


class Priority(StrEnum):
    """How soon a person at the force should see an entry."""

    NORMAL = "normal"
    HIGH = "high"


class EntryIsNonsense(ValueError):
    """This JSON is no entry of ours; the message names the key and never its value."""


class CaseSystemFailed(Exception):
    """A read got no usable answer. `status` is the HTTP status, None when there was none;
    `retry_after` the seconds that the case system asked us to wait, if it did."""

    def __init__(self, status: int | None, why: str, retry_after: float | None = None) -> None:
        super().__init__(f"the case system failed ({status or 'no answer'}): {why}")
        self.status = status
        self.why = why
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote an entry: `id` for a victim, `collar` for an officer; the other one is None."""

    kind: str
    name: str | None
    id: str | None = None
    collar: str | None = None

    def to_json(self) -> dict[str, object]:
        """Leaves out whichever of `id` and `collar` is None."""
        named: dict[str, object] = {"kind": self.kind, "name": self.name}
        if self.id is not None:
            named["id"] = self.id
        if self.collar is not None:
            named["collar"] = self.collar
        return named

    @classmethod
    def from_json(cls, value: object) -> Author:
        """Raises EntryIsNonsense."""
        told = _object(value, "author")
        return cls(
            kind=_text(told, "kind"),
            name=_text_or_none(told, "name"),
            id=_text_or_none(told, "id"),
            collar=_text_or_none(told, "collar"),
        )


@dataclass(frozen=True, slots=True)
class Part:
    """Part `n` of `of`, both from 1."""

    n: int = 1
    of: int = 1

    def to_json(self) -> dict[str, object]:
        return {"n": self.n, "of": self.of}

    @classmethod
    def from_json(cls, value: object) -> Part:
        """Raises EntryIsNonsense."""
        told = _object(value, "part")
        return cls(n=_count(told, "n"), of=_count(told, "of"))


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it goes onto a case record. Equal entries have equal JSON, to the byte.

    `sent_at` is aware; `sha256` is the hex digest of the whole text's UTF-8, also where `text` is
    only one part of it; `sequence` is the message's number in its conversation, None for what has
    none; `about` is the external id that a `marking` speaks of.
    """

    external_id: str
    kind: EntryKind
    author: Author
    sent_at: datetime
    text: str
    sha256: str
    sequence: int | None = None
    part: Part = Part()
    about: str | None = None
    priority: Priority = Priority.NORMAL
    disclosure: bool = False

    def to_json(self) -> dict[str, object]:
        return {
            "externalId": self.external_id,
            "kind": self.kind.value,
            "about": self.about,
            "author": self.author.to_json(),
            "sentAt": rfc3339(self.sent_at),
            "text": self.text,
            "sequence": self.sequence,
            "part": self.part.to_json(),
            "sha256": self.sha256,
            "priority": self.priority.value,
            "disclosure": self.disclosure,
        }

    @classmethod
    def from_json(cls, value: object) -> Entry:
        """Ignores unknown keys; raises EntryIsNonsense."""
        told = _object(value, "entry")
        try:
            kind, priority = EntryKind(_text(told, "kind")), Priority(_text(told, "priority"))
        except ValueError as error:
            raise EntryIsNonsense("kind or priority is unknown") from error
        disclosure = told.get("disclosure")
        if not isinstance(disclosure, bool):
            raise EntryIsNonsense("disclosure is not true or false")
        return cls(
            external_id=_text(told, "externalId"),
            kind=kind,
            author=Author.from_json(told.get("author")),
            sent_at=_time(told, "sentAt"),
            text=_text(told, "text"),
            sha256=_text(told, "sha256"),
            sequence=None if told.get("sequence") is None else _count(told, "sequence"),
            part=Part.from_json(told.get("part")),
            about=_text_or_none(told, "about"),
            priority=priority,
            disclosure=disclosure,
        )


@dataclass(frozen=True, slots=True)
class Recorded:
    """The receipt: the entry stands on the case record, now or since an earlier try."""

    entry_id: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Refused:
    """An HTTP answer that is no receipt. `retry_after` in seconds, 0 to LONGEST_RETRY_AFTER."""

    status: int
    retry_after: float | None = None


class Silence(StrEnum):
    """Why there was no answer. Only after `UNREACHABLE` and `NOT_SENT` is it sure that nothing took
    effect."""

    UNREACHABLE = "unreachable"
    NOT_SENT = "not-sent"
    """This machine was paused or asleep for so long that the call was given up unsent."""
    CUT = "cut"
    TIMED_OUT = "timed-out"
    NONSENSE = "nonsense"


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """No answer, or one that made no sense: the entry may or may not stand on the case record."""

    why: Silence


Answer = Recorded | Refused | NoAnswer
Case = dict[str, object]


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """Cases as told, oldest change first. `next` is the cursor to go on from, also when the end is
    reached (`more` is False): keep it and ask again later."""

    cases: tuple[Case, ...]
    next: str
    more: bool


@dataclass(frozen=True, slots=True)
class HeldEntry:
    """An entry that stands on the case record, with the case system's own id for it.

    `recorded_at` is None where the case system does not tell it again.
    """

    entry_id: str
    entry: Entry
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EntriesPage:
    """The case system's order; `unreadable` counts the entries on the page that are not ours."""

    entries: tuple[HeldEntry, ...]
    next: str
    more: bool
    unreadable: int = 0


class CaseSystem(Protocol):
    """A force's case system, whatever its make."""

    @property
    def text_limit(self) -> int:
        """The longest text of one entry, in code points."""

    @property
    def is_idempotent(self) -> bool:
        """Whether `record` may simply be repeated when its answer was lost. If not, the fate of the
        call must be settled with `entry` first: two calls make two entries."""

    @property
    def settle_seconds(self) -> float:
        """For how long a call whose answer was lost may still take effect, where it matters."""

    def record(self, reference: str, entry: Entry, ends_by: float | None = None) -> Answer:
        """Put an entry onto a case record. Never raises.

        Nothing is sent after `ends_by` (by `clock.boot_seconds`), whatever this process slept.
        """

    def changes(self, cursor: str | None, limit: int) -> ChangesPage:
        """The change feed after `cursor` (None: from the start), at most `limit` cases.

        A page says `more` only with a cursor that went forward. Raises CaseSystemFailed.
        """

    def case(self, reference: str) -> Case | None:
        """The case as it stands, None if there is none. Raises CaseSystemFailed."""

    def entry(self, reference: str, external_id: str) -> HeldEntry | None:
        """The entry with our id, None if the case does not hold it. Raises CaseSystemFailed.

        None is a promise that it is not there: any doubt about the look-up is a failure.
        """

    def entries(self, reference: str, cursor: str | None, limit: int) -> EntriesPage:
        """The case's entries after `cursor`. Raises CaseSystemFailed, 404 for an unknown case."""

    def close(self) -> None:
        """Give the connections back; nothing may be called afterwards."""


def rfc3339(moment: datetime) -> str:
    """An aware datetime as RFC 3339 in UTC, with a Z. Raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone cannot go to a case system")
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def from_rfc3339(text: str) -> datetime:
    """An aware datetime in UTC. Raises ValueError, also for a time without a zone."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("a time outside the calendar") from error


def _object(value: object, key: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise EntryIsNonsense(f"{key} is not an object")
    return value


def _text(told: Mapping[str, object], key: str) -> str:
    value = told.get(key)
    if not isinstance(value, str):
        raise EntryIsNonsense(f"{key} is not a text")
    return value


def _text_or_none(told: Mapping[str, object], key: str) -> str | None:
    return None if told.get(key) is None else _text(told, key)


def _count(told: Mapping[str, object], key: str) -> int:
    value = told.get(key)
    if type(value) is not int or value < 1:  # a bool is an int too
        raise EntryIsNonsense(f"{key} is not a number from 1")
    return value


def _time(told: Mapping[str, object], key: str) -> datetime:
    try:
        return from_rfc3339(_text(told, key))
    except EntryIsNonsense:
        raise
    except ValueError as error:
        raise EntryIsNonsense(f"{key} is not a time") from error
