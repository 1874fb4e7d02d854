"""The keyed hashes under which cases and their people are found. None is over a birth date
alone, and every one is bound to its force."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.accounts.addresses import normalise_email, normalise_mobile
from app.cases.facts import CaseFacts, VictimFacts
from app.cases.references import canonical_reference, normalise_name
from app.cases.rules import Channel
from app.crypto import Indexing

REFERENCE = "case-reference"
VICTIM = "case-victim"
PERSON = "case-person"
ADDRESS = "case-address"
IDENTITY = "case-identity"


@dataclass(frozen=True, slots=True)
class Lookup:
    """What a thing is stored under (`first`) and all that a search has to try."""

    first: bytes
    all: tuple[bytes, ...]


class CaseIndexes:
    """Makes the look-ups of one force."""

    def __init__(self, keyring: Indexing, force_id: UUID) -> None:
        self._keyring = keyring
        self._force = str(force_id)

    def reference(self, raw: str) -> Lookup:
        return self._lookup(REFERENCE, canonical_reference(raw))

    def victim(self, victim: VictimFacts) -> Lookup | None:
        return None if victim.id is None else self._lookup(VICTIM, victim.id)

    def person(self, victim: VictimFacts) -> Lookup | None:
        """Same name and date of birth; None where either is unknown."""
        values = name_and_birth_date(victim)
        return None if values is None else self._lookup(PERSON, *values)

    def identity(self, facts: CaseFacts) -> Lookup | None:
        """Victim id, surname and birth date: who a conversation belongs to.

        None where one of them is unknown: that is a doubt, and not another person.
        """
        victim = facts.victim
        # The given name stays out: its spelling changes without the person changing.
        surname = normalise_name("x", victim.family_name or "")
        if victim.id is None or not surname or victim.date_of_birth is None:
            return None
        return self._lookup(IDENTITY, victim.id, surname, victim.date_of_birth.isoformat())

    def addresses(self, victim: VictimFacts) -> dict[Channel, Lookup]:
        """Every address on a case that can be read as one."""
        return {channel: self.address(address) for channel, address in addresses_on(victim).items()}

    def address(self, normalised: str) -> Lookup:
        return self._lookup(ADDRESS, normalised)

    def _lookup(self, purpose: str, *values: str) -> Lookup:
        parts = (self._force, *values)
        return Lookup(self._keyring.index(purpose, *parts), self._keyring.indexes(purpose, *parts))


def name_and_birth_date(victim: VictimFacts) -> tuple[str, str] | None:
    """What tells a person without an id: normalised name and ISO birth date, if both are known."""
    name = normalise_name(victim.given_name or "", victim.family_name or "")
    if not name or victim.date_of_birth is None:
        return None
    return name, victim.date_of_birth.isoformat()


def addresses_on(victim: VictimFacts) -> dict[Channel, str]:
    """The normalised e-mail address and mobile number of a case's victim, where readable."""
    read = {
        Channel.EMAIL: normalise_email(victim.email) if victim.email else None,
        Channel.SMS: normalise_mobile(victim.mobile) if victim.mobile else None,
    }
    return {channel: address for channel, address in read.items() if address is not None}
