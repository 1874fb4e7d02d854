"""What happens when the case system speaks of a case: one report, one transaction.

The case is created or brought up to date, its eligibility decided again, and so is that of every
other case of the same person and of everyone who shares an address with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.accounts.actions import take_officer
from app.audit import actions as audit
from app.audit.vocabulary import WORKER, Action
from app.cases.channels import changed_addresses, joined_cases_using, kept_cases_with
from app.cases.eligibility import note_danger, reassess
from app.cases.enrolment import end_enrolment
from app.cases.facts import CaseFacts, read_facts
from app.cases.indexes import CaseIndexes, Lookup, addresses_on
from app.cases.models import Case, CaseAddress, CaseReference, InvitationState
from app.cases.moves import case_that_moved, note_told_of_old, supersede_previous
from app.cases.queries import (
    enrolment_of,
    facts_of,
    locked_cases,
    reference_known_as,
    same_person,
)
from app.cases.rules import Channel
from app.cases.status import CLOSED
from app.database import keyring_of
from app.forces.models import Force
from app.forces.settings import AUTOMATIC, ForceSettings

_LONDON = ZoneInfo("Europe/London")


@dataclass(frozen=True, slots=True)
class Report:
    """What a report did. `touched` are all cases whose showing or openness may have changed."""

    case: Case
    problems: tuple[str, ...]
    touched: tuple[UUID, ...]
    is_new: bool


def take_report(
    session: Session,
    force: Force,
    system: str,
    said: Mapping[str, object],
    *,
    may_invite: bool,
    now: datetime,
    only_if_newest: bool = False,
) -> Report:
    """Apply what the case system said of one case. Repeating a report changes nothing.

    `only_if_newest`: it was asked for a while ago, and is passed over if something newer is known.

    Raises:
        CaseIsNonsense: there is no reference to keep it under.
    """
    facts = read_facts(said)
    indexes = CaseIndexes(keyring_of(session), force.id)
    case, reference, is_new = _find_or_make(session, force, system, facts, indexes, now)
    affected = _affected_by(session, case, facts, indexes)
    # Together and in everybody's order, before anything is decided from them.
    locked = locked_cases(session, {case.id, *affected})
    session.refresh(reference)
    if reference.superseded_at is not None:
        return _take_old_report(session, case, reference, facts, locked, now)
    if only_if_newest and _is_older(facts, facts_of(case), now):
        return Report(case, facts.problems, (), is_new)

    before = _what_is_kept(case)
    case.seen_at = now
    supersede_previous(session, case, system, facts, indexes, now)
    enrolment = enrolment_of(session, case.id)
    identity = indexes.identity(facts)
    if enrolment and identity and enrolment.identity_index not in identity.all:
        end_enrolment(session, case, enrolment, now)
    _note_hashes(session, case, facts, indexes, force.settings)
    officer_id = _officer_in_case(session, force.id, facts)
    reassess(session, case, facts, now)
    case.officer_id = officer_id if case.wrapped_key is not None else None
    session.flush()
    _reassess(session, [other for other in locked if other.id != case.id], now)

    _decide_invitation(case, facts, force.settings, is_new=is_new, may_invite=may_invite)
    if is_new or _what_is_kept(case) != before:
        _record(session, case, facts, is_new=is_new)
    return Report(case, facts.problems, tuple(each.id for each in locked), is_new)


def _take_old_report(
    session: Session,
    case: Case,
    reference: CaseReference,
    facts: CaseFacts,
    locked: Sequence[Case],
    now: datetime,
) -> Report:
    """What is told under a reference that the case no longer has only ever adds danger."""
    if not note_told_of_old(reference, facts, case.force.settings, now):
        return Report(case, facts.problems, (), is_new=False)
    session.flush()
    _reassess(session, locked, now)
    _record(session, case, facts, is_new=False)
    return Report(case, facts.problems, tuple(each.id for each in locked), is_new=False)


def _reassess(session: Session, cases: Iterable[Case], now: datetime) -> None:
    for case in cases:
        facts = facts_of(case)
        if facts is not None:
            reassess(session, case, facts, now)


def _is_older(facts: CaseFacts, known: CaseFacts | None, now: datetime) -> bool:
    newest = known.updated_at if known else None
    if newest is None or facts.updated_at is None:
        return False
    # What was once dated ahead (a wrong clock) must not outdo all that is told until that day.
    return facts.updated_at < newest <= now


def _find_or_make(
    session: Session,
    force: Force,
    system: str,
    facts: CaseFacts,
    indexes: CaseIndexes,
    now: datetime,
) -> tuple[Case, CaseReference, bool]:
    """The case, the reference under which it is told, and whether it is a new case."""
    index = indexes.reference(facts.reference)
    reference = reference_known_as(session, force.id, index)
    if reference is not None:
        return session.get_one(Case, reference.case_id), reference, False
    moved = case_that_moved(session, force.id, facts, indexes)
    if moved is None:
        case = Case(force_id=force.id, force=force, seen_at=now)
        session.add(case)
        session.flush()
    else:
        case = session.get_one(Case, moved)
    reference = CaseReference(
        case_id=case.id, force_id=force.id, system=system, reference_index=index.first
    )
    session.add(reference)
    session.flush()
    return case, reference, moved is None


def _affected_by(session: Session, case: Case, facts: CaseFacts, indexes: CaseIndexes) -> set[UUID]:
    """Ids of the other cases that a report may open or close: those of this person, by what is
    stored and by what is said, and those that share an address with which something changed."""
    victim, person = indexes.victim(facts.victim), indexes.person(facts.victim)
    affected: set[UUID] = set()
    for same in (
        same_person(case.force_id, _stored(case.victim_index), _stored(case.person_index)),
        same_person(case.force_id, victim, person),
    ):
        affected.update(session.scalars(select(Case.id).where(same, Case.wrapped_key.is_not(None))))
    addresses = indexes.addresses(facts.victim)
    changed = changed_addresses(session, case, addresses)
    if _is_somebody_else(case, victim, person):
        changed += [index for lookup in addresses.values() for index in lookup.all]
    affected.update(kept_cases_with(session, case.force_id, changed))
    if changed:
        said = list(addresses_on(facts.victim).values())
        affected.update(joined_cases_using(session, case.force_id, said))
    return affected - {case.id}


def _is_somebody_else(case: Case, victim: Lookup | None, person: Lookup | None) -> bool:
    return case.victim_index not in (victim.all if victim else (None,)) or (
        case.person_index not in (person.all if person else (None,))
    )


def _stored(index: bytes | None) -> Lookup | None:
    return None if index is None else Lookup(index, (index,))


def _what_is_kept(case: Case) -> tuple[object, ...]:
    return (
        case.facts_text if case.wrapped_key is not None else None,
        case.victim_index,
        case.person_index,
        case.reason,
        case.is_danger,
        case.danger_until,
        case.officer_id,
    )


def _record(session: Session, case: Case, facts: CaseFacts, *, is_new: bool) -> None:
    audit.record(
        session,
        Action.CASE_COLLECTED if is_new else Action.CASE_ALTERED,
        WORKER,
        force_id=case.force_id,
        case_id=case.id,
        unreadable=len(facts.problems),
    )


def _note_hashes(
    session: Session, case: Case, facts: CaseFacts, indexes: CaseIndexes, settings: ForceSettings
) -> None:
    victim, person = indexes.victim(facts.victim), indexes.person(facts.victim)
    case.victim_index = _same_or_new(case.victim_index, victim)
    case.person_index = _same_or_new(case.person_index, person)
    note_danger(case, facts, settings)
    addresses = indexes.addresses(facts.victim)
    if changed_addresses(session, case, addresses):
        _store_addresses(session, case, addresses)
    session.flush()


def _same_or_new(stored: bytes | None, said: Lookup | None) -> bytes | None:
    """What to store of what is said: a hash of the same value under an older key stays."""
    if said is None:
        return None
    return stored if stored in said.all else said.first


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


def _decide_invitation(
    case: Case, facts: CaseFacts, settings: ForceSettings, *, is_new: bool, may_invite: bool
) -> None:
    """Whether an automatic invitation is wanted; a want that is out of date is dropped."""
    if is_new and _is_closed(facts):
        case.invitation_state = InvitationState.NEVER_BY_ITSELF.value
    wants = _wants_invitation(case, facts, settings)
    if case.invitation_state == InvitationState.NONE and may_invite and wants:
        case.invitation_state = InvitationState.WANTED.value
    elif case.invitation_state == InvitationState.WANTED and not wants:
        case.invitation_state = InvitationState.NONE.value


def _wants_invitation(case: Case, facts: CaseFacts, settings: ForceSettings) -> bool:
    if settings.invitations != AUTOMATIC or settings.invite_reported_from is None:
        return False
    since = datetime.combine(settings.invite_reported_from, time.min, tzinfo=_LONDON)
    return (
        case.reason is None
        and case.held_at is None
        and not _is_closed(facts)
        and facts.reported_at is not None
        and facts.reported_at >= since
    )


def _is_closed(facts: CaseFacts) -> bool:
    return facts.status == CLOSED or facts.closed_at is not None
