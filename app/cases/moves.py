"""A case that gets another reference: from then on the old one no longer speaks for it.

Both records may go on in the case system, and the old one may be changed once more, or told again
with the whole feed. What is told under it must not take the case and its conversation back, nor
say that a danger is over; a danger told there counts like one of another case of the person.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from app.cases.facts import CaseFacts
from app.cases.indexes import CaseIndexes
from app.cases.models import Case, CaseReference
from app.cases.queries import reference_known_as
from app.cases.rules import danger_ends_at, is_danger
from app.forces.settings import ForceSettings

log = structlog.get_logger(__name__)


def case_that_moved(
    session: Session, force_id: UUID, facts: CaseFacts, indexes: CaseIndexes
) -> UUID | None:
    """Id of the case that an unknown reference goes on with; None: it is a new case.

    One that has moved on already is not taken a second time: two records that name the same older
    one (a constant where a system knows none, a case split in two) may be of two people.
    """
    if facts.previous_reference is None:
        return None
    previous = reference_known_as(session, force_id, indexes.reference(facts.previous_reference))
    if previous is None:
        return None
    if previous.superseded_at is not None:
        log.warning("case goes on under two references", case_id=str(previous.case_id))
        return None
    return previous.case_id


def supersede_previous(
    session: Session,
    case: Case,
    system: str,
    facts: CaseFacts,
    indexes: CaseIndexes,
    now: datetime,
) -> None:
    """Mark the older reference that a report names, known or not. The case's row is locked."""
    if facts.previous_reference is None:
        return
    older = indexes.reference(facts.previous_reference)
    if older.first in indexes.reference(facts.reference).all:
        return
    previous = reference_known_as(session, case.force_id, older)
    if previous is None:
        # It may be told yet, and must not become a case of its own.
        previous = CaseReference(
            case_id=case.id, force_id=case.force_id, system=system, reference_index=older.first
        )
        session.add(previous)
    if previous.superseded_at is not None:
        return
    if previous.case_id == case.id:
        previous.superseded_at = now
    else:
        # Told as a case of its own before anybody said that it is the same one.
        log.warning("case is known twice", case_id=str(previous.case_id), other_id=str(case.id))


def note_told_of_old(
    reference: CaseReference, facts: CaseFacts, settings: ForceSettings, now: datetime
) -> bool:
    """Take what is told under a superseded reference for the danger in it; whether that is news.

    Only what was told there can be taken back there, and only by clear words.
    """
    before = (reference.danger_told_at, reference.danger_until)
    if is_danger(facts, settings):
        reference.danger_told_at = reference.danger_told_at or now
        reference.danger_until = danger_ends_at(facts)
    elif _rules_danger_out(facts):
        reference.danger_told_at = reference.danger_until = None
    return before != (reference.danger_told_at, reference.danger_until)


def _rules_danger_out(facts: CaseFacts) -> bool:
    return (
        facts.domestic_abuse is False
        and facts.victim.linked_to_suspect is False
        and facts.flags is not None
    )
