"""Which addresses on a case reach its victim and nobody else."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.cases.facts import CaseFacts
from app.cases.indexes import CaseIndexes, addresses_on
from app.cases.models import Case, CaseAddress
from app.cases.rules import Channel, usable_channels
from app.database import keyring_of


def taken_channels(session: Session, case: Case, facts: CaseFacts) -> frozenset[Channel]:
    """Channels whose address stands on a case of another victim of the force as well."""
    indexes = CaseIndexes(keyring_of(session), case.force_id)
    victim = indexes.victim(facts.victim)
    taken = set()
    for channel, address in indexes.addresses(facts.victim).items():
        others = (
            select(CaseAddress.id)
            .join(Case, Case.id == CaseAddress.case_id)
            .where(
                CaseAddress.force_id == case.force_id,
                CaseAddress.address_index.in_(address.all),
                CaseAddress.case_id != case.id,
                or_(
                    Case.victim_index.is_(None),
                    Case.victim_index.not_in(victim.all if victim else ()),
                ),
            )
            .limit(1)
        )
        if session.scalar(others) is not None:
            taken.add(channel)
    return frozenset(taken)


def safe_addresses(session: Session, case: Case, facts: CaseFacts) -> dict[Channel, str]:
    """The addresses that may be used, normalised, e-mail first."""
    addresses = addresses_on(facts.victim)
    usable = usable_channels(facts, taken_channels(session, case, facts))
    return {channel: addresses[channel] for channel in usable}
