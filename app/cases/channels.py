"""Which addresses on a case reach its victim and nobody else."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import VictimAddress
from app.accounts.queries import VICTIM_ADDRESS
from app.cases.facts import CaseFacts
from app.cases.indexes import CaseIndexes, Lookup, addresses_on
from app.cases.models import Case, CaseAddress, Enrolment
from app.cases.queries import same_person
from app.cases.rules import Channel, usable_channels
from app.database import keyring_of

NOBODYS: Mapping[Channel, str] = {}


def taken_channels(
    session: Session, case: Case, facts: CaseFacts, in_use: Mapping[Channel, str] = NOBODYS
) -> frozenset[Channel]:
    """Channels whose address stands on a case of another person of the force as well.

    `in_use` are the addresses by which this case's victim signs in: they may be others than the
    feed's by now, and are looked for too.
    """
    indexes = CaseIndexes(keyring_of(session), case.force_id)
    wanted = [*indexes.addresses(facts.victim).items()]
    wanted += [(channel, indexes.address(address)) for channel, address in in_use.items()]
    ours = same_person(case.force_id, indexes.victim(facts.victim), indexes.person(facts.victim))
    return frozenset(
        channel
        for channel, address in dict.fromkeys(wanted)
        if session.scalar(
            select(CaseAddress.id)
            .where(
                CaseAddress.force_id == case.force_id,
                CaseAddress.address_index.in_(address.all),
                CaseAddress.case_id != case.id,
                CaseAddress.case_id.not_in(select(Case.id).where(ours)),
            )
            .limit(1)
        )
    )


def safe_addresses(session: Session, case: Case, facts: CaseFacts) -> dict[Channel, str]:
    """The addresses that may be used, normalised, e-mail first."""
    addresses = addresses_on(facts.victim)
    usable = usable_channels(facts, taken_channels(session, case, facts))
    return {channel: addresses[channel] for channel in usable}


def changed_addresses(
    session: Session, case: Case, addresses: Mapping[Channel, Lookup]
) -> list[bytes]:
    """Hashes of the addresses that came to the case or went from it, given those it has now."""
    stored = session.scalars(
        select(CaseAddress.address_index).where(CaseAddress.case_id == case.id)
    ).all()
    said = {index for lookup in addresses.values() for index in lookup.all}
    gone = [index for index in stored if index not in said]
    new = [lookup.all for lookup in addresses.values() if not set(lookup.all) & set(stored)]
    return [*gone, *(index for each in new for index in each)]


def kept_cases_with(session: Session, force_id: UUID, indexes: list[bytes]) -> list[UUID]:
    """Ids of the cases of a force on which any of these addresses stands and of which facts are
    kept: whether they may use it may have changed."""
    if not indexes:
        return []
    return list(
        session.scalars(
            select(Case.id)
            .join(CaseAddress, CaseAddress.case_id == Case.id)
            .where(
                CaseAddress.force_id == force_id,
                CaseAddress.address_index.in_(indexes),
                Case.wrapped_key.is_not(None),
            )
            .distinct()
        )
    )


def joined_cases_using(session: Session, force_id: UUID, addresses: list[str]) -> list[UUID]:
    """Ids of the cases of a force whose victims sign in with any of these addresses."""
    keyring = keyring_of(session)
    known = [index for each in addresses for index in keyring.indexes(VICTIM_ADDRESS, each)]
    return list(
        session.scalars(
            select(Case.id)
            .join(Enrolment, Enrolment.case_id == Case.id)
            .join(VictimAddress, VictimAddress.victim_id == Enrolment.victim_id)
            .where(
                Case.force_id == force_id,
                Enrolment.ended_at.is_(None),
                VictimAddress.value_index.in_(known),
            )
            .distinct()
        )
    )
