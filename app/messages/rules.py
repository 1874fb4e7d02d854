"""When a victim's words go to the contact bureau instead of the officer; what a message may be
marked as, and who sees which marks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

LONGEST_PAUSE: Final = timedelta(days=7)


def sending_is_paused(paused_until: datetime | None, now: datetime) -> bool:
    """A pause ends by the clock, whether or not a worker has noted it."""
    return paused_until is not None and now < paused_until


class MarkKind(StrEnum):
    """What somebody of the force can say that a victim's message is."""

    DISCLOSURE = "disclosure"
    """It tells of another crime, or of harm."""
    WITHDRAWAL = "withdrawal"
    """The victim may want to withdraw. Coercion is possible."""
    COMPLAINT = "complaint"
    """About the officer or the police."""


Marks = frozenset[MarkKind]

URGENT: Final[Marks] = frozenset({MarkKind.DISCLOSURE, MarkKind.WITHDRAWAL})
"""What goes onto the case record with high priority."""


@dataclass(frozen=True, slots=True)
class Marking:
    """One act of marking: all that the message is marked as from then on, and whose act it was."""

    marks: Marks
    by: UUID


def marks_now(history: Sequence[Marking]) -> Marks:
    """What a message is marked as, by its markings in order."""
    return history[-1].marks if history else frozenset()


def marks_shown(history: Iterable[Marking], viewer_id: UUID, *, is_in_charge: bool) -> list[Marks]:
    """What each marking shows to somebody who may read the message.

    Whoever is in charge of the case may be the one complained about: they see a complaint only if
    they put that mark there themselves.
    """
    shown, complaint_by = [], None
    for each in history:
        if MarkKind.COMPLAINT not in each.marks:
            complaint_by = None
        elif complaint_by is None:
            complaint_by = each.by
        hidden = is_in_charge and complaint_by != viewer_id
        shown.append(each.marks - {MarkKind.COMPLAINT} if hidden else each.marks)
    return shown


def marks_after(stand: Marks, chosen: Marks, *, is_in_charge: bool) -> Marks:
    """What a message is marked as after somebody chose. Whoever is in charge of the case can mark
    a complaint and never take one off."""
    return chosen | (stand & {MarkKind.COMPLAINT}) if is_in_charge else chosen
