"""What happens when the case system speaks of a case: one report, one transaction.

The case is created or brought up to date, its eligibility decided again, and so is that of every
other case of the same person and of everyone who shares an address with it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.accounts.actions import take_officer
from app.audit import actions as audit
from app.audit.vocabulary import WORKER, Action
from app.cases.eligibility import reassess
from app.cases.enrolment import end_enrolment
from app.cases.facts import CaseFacts, facts_to_json, read_facts
from app.cases.indexes import CaseIndexes, Lookup
from app.cases.models import Case, CaseAddress, CaseReference
from app.cases.queries import (
    case_by_reference,
    cases_of_same_person,
    enrolment_of,
    facts_of,
)
from app.cases.rules import Channel, danger_ends_at, is_danger
from app.cases.status import CLOSED
from app.database import keyring_of
from app.forces.models import Force
from app.forces.settings import AUTOMATIC, ForceSettings

_LONDON = ZoneInfo("Europe/London")

NOT_INVITED = "none"
INVITATION_WANTED = "wanted"
NEVER_BY_ITSELF = "never-by-itself"
"""First seen closed: only an officer may invite."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a report did. `touched` are all cases whose showing or openness may have changed."""

    case: Case
    problems: tuple[str, ...]
    touched: tuple[UUID, ...]


def take_report(
    session: Session,
    force: Force,
    system: str,
    said: Mapping[str, object],
    *,
    may_invite: bool,
    now: datetime,
) -> Report:
    """Apply what the case system said of one case. Repeating a report changes nothing.

    Raises:
        CaseIsNonsense: there is no reference to keep it under.
    """
    facts = read_facts(said)
    indexes = CaseIndexes(keyring_of(session), force.id)
    case, is_new = _find_or_make(session, force, system, facts, indexes, now)
    sharers_before = _same_people(session, case, indexes, facts)

    enrolment = enrolment_of(session, case.id)
    if enrolment is not None and enrolment.identity_index not in indexes.identity(facts).all:
        end_enrolment(session, case, enrolment, now)
    _store(session, case, facts, indexes, force.settings)
    reassess(session, case, facts, now)

    others = {other.id: other for other in sharers_before}
    others.update({other.id: other for other in _same_people(session, case, indexes, facts)})
    for other in others.values():
        other_facts = facts_of(other)
        if other_facts is not None:
            reassess(session, other, other_facts, now)

    if is_new and _is_closed(facts):
        case.invitation_state = NEVER_BY_ITSELF
    if may_invite and _wants_invitation(case, facts, force.settings):
        case.invitation_state = INVITATION_WANTED
    return Report(case, facts.problems, (case.id, *others))


def _find_or_make(
    session: Session,
    force: Force,
    system: str,
    facts: CaseFacts,
    indexes: CaseIndexes,
    now: datetime,
) -> tuple[Case, bool]:
    reference = indexes.reference(facts.reference)
    found = case_by_reference(session, force.id, reference)
    is_new_reference = found is None
    if found is None and facts.previous_reference is not None:
        found = case_by_reference(session, force.id, indexes.reference(facts.previous_reference))
    if found is None:
        case, is_new = Case(force_id=force.id, force=force, seen_at=now), True
        session.add(case)
        session.flush()
    else:
        # The row's lock: a notice about this case is handed over before or after, never during.
        session.refresh(found, with_for_update={"of": Case})
        case, is_new = found, False
        case.seen_at = now
    if is_new_reference:
        session.add(
            CaseReference(
                case_id=case.id, force_id=force.id, system=system, reference_index=reference.first
            )
        )
    audit.record(
        session,
        Action.CASE_COLLECTED if is_new else Action.CASE_ALTERED,
        WORKER,
        force_id=force.id,
        case_id=case.id,
        unreadable=len(facts.problems),
    )
    return case, is_new


def _store(
    session: Session, case: Case, facts: CaseFacts, indexes: CaseIndexes, settings: ForceSettings
) -> None:
    victim, person = indexes.victim(facts.victim), indexes.person(facts.victim)
    case.victim_index = victim.first if victim else None
    case.person_index = person.first if person else None
    case.is_danger = is_danger(facts, settings)
    case.danger_until = danger_ends_at(facts) if case.is_danger else None
    _store_addresses(session, case, indexes.addresses(facts.victim))
    if case.wrapped_key is None:
        case.make_key(session)
    case.facts_text = json.dumps(facts_to_json(facts))
    case.status = facts.status
    case.officer_id = _officer_in_case(session, case.force_id, facts)
    session.flush()


def _store_addresses(session: Session, case: Case, addresses: Mapping[Channel, Lookup]) -> None:
    session.execute(delete(CaseAddress).where(CaseAddress.case_id == case.id))
    for channel, address in addresses.items():
        session.add(
            CaseAddress(
                case_id=case.id,
                force_id=case.force_id,
                channel=channel.value,
                address_index=address.first,
            )
        )
    session.flush()


def _officer_in_case(session: Session, force_id: UUID, facts: CaseFacts) -> UUID | None:
    named = facts.officer_in_case
    if named is None or named.collar is None:
        return None
    officer = take_officer(session, force_id, named.collar, named.name, named.email)
    session.flush()
    return officer.id


def _same_people(
    session: Session, case: Case, indexes: CaseIndexes, facts: CaseFacts
) -> list[Case]:
    """Other cases of this person, by what is stored and by what was said, and those of others
    with an address that stands on this case."""
    found = {
        other.id: other
        for victim, person in (
            (_stored(case.victim_index), _stored(case.person_index)),
            (indexes.victim(facts.victim), indexes.person(facts.victim)),
        )
        for other in cases_of_same_person(session, case.force_id, victim, person, but=case.id)
    }
    stored = session.scalars(
        select(CaseAddress.address_index).where(CaseAddress.case_id == case.id)
    ).all()
    said = [index for lookup in indexes.addresses(facts.victim).values() for index in lookup.all]
    sharing = session.scalars(
        select(Case)
        .join(CaseAddress, CaseAddress.case_id == Case.id)
        .where(
            CaseAddress.force_id == case.force_id,
            CaseAddress.address_index.in_([*stored, *said]),
            Case.id != case.id,
        )
        .order_by(Case.id)
    ).unique()
    found.update({other.id: other for other in sharing})
    return list(found.values())


def _stored(index: bytes | None) -> Lookup | None:
    return None if index is None else Lookup(index, (index,))


def _is_closed(facts: CaseFacts) -> bool:
    return facts.status == CLOSED or facts.closed_at is not None


def _wants_invitation(case: Case, facts: CaseFacts, settings: ForceSettings) -> bool:
    if settings.invitations != AUTOMATIC or settings.invite_reported_from is None:
        return False
    since = datetime.combine(settings.invite_reported_from, time.min, tzinfo=_LONDON)
    return (
        case.reason is None
        and case.held_at is None
        and case.invitation_state == NOT_INVITED
        and not _is_closed(facts)
        and facts.reported_at is not None
        and facts.reported_at >= since
    )
