"""The rows of officers, victims and their cases."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from app.accounts.models import ExtraWord, Officer, Victim, VictimAddress
from app.accounts.queries import PERSON, VICTIM_ADDRESS
from app.cases.facts import CaseFacts, facts_to_json, read_facts
from app.cases.indexes import CaseIndexes, addresses_on, name_and_birth_date
from app.cases.models import (
    Case,
    CaseAddress,
    CaseReference,
    Enrolment,
    GivenReason,
    Invitation,
    Task,
    TaskKind,
)
from app.cases.rules import RISK_ASSESSMENT_LASTS, Channel
from app.crypto import Keyring, Place, token_hash
from app.database import Base
from app.messages.models import KeptText
from app.sign_in.models import KnownDevice, SignInCode, SignInSession
from tests.bench.rows import Row, row
from tests.factories.facts import case_json

OPEN_TASK = 20
"""One case in so many has a task that nobody has done yet."""

Made = Iterator[tuple[type[Base], Row]]


@dataclass(frozen=True, slots=True)
class Home:
    """One conversation, and the sign-in of its victim."""

    number: int
    case_id: UUID
    conversation_id: UUID
    victim_id: UUID
    token: str


@dataclass(frozen=True, slots=True)
class Desk:
    """An officer, and their sign-in."""

    officer_id: UUID
    collar: str
    token: str


class Sealing:
    """Seals what stands in one row, under a data key of the row's own."""

    def __init__(self, keyring: Keyring, table: str, row_id: UUID) -> None:
        place = Place(table, "wrapped_key", row_id)
        self.wrapped_key = keyring.new_data_key(place)
        self.key = keyring.data_key(self.wrapped_key, place)
        self._table = table
        self._row_id = row_id

    def seal(self, column: str, text: str | None) -> bytes | None:
        if text is None:
            return None
        return self.key.seal(text, Place(self._table, column, self._row_id))


@dataclass(frozen=True, slots=True)
class Register:
    """Makes the rows of one force."""

    keyring: Keyring
    force_id: UUID
    now: datetime

    def officer(self, desk: Desk) -> Made:
        sealing = Sealing(self.keyring, "officers", desk.officer_id)
        yield (
            Officer,
            row(
                Officer,
                id=desk.officer_id,
                wrapped_key=sealing.wrapped_key,
                force_id=self.force_id,
                collar=desk.collar,
                name_sealed=sealing.seal("name", "PC Sam Okafor"),
                work_email_sealed=sealing.seal("work_email", f"{desk.collar}@northshire.example"),
                roles=["officer"],
                last_signed_in_at=self.now,
            ),
        )
        yield self.session(desk.token, officer_id=desk.officer_id)

    def joined_case(self, home: Home, desk: Desk) -> tuple[dict[str, Any], CaseFacts, Made]:
        """A case that its victim has joined: as the case system tells of it, read, and its rows."""
        officer = {"collar": desk.collar, "name": "PC Sam Okafor", "email": None}
        said = case_json(officerInCase=officer)
        facts = read_facts(said)
        return said, facts, self._joined_case(home, desk, facts)

    def _joined_case(self, home: Home, desk: Desk, facts: CaseFacts) -> Made:
        yield from self._victim(home, facts)
        yield Case, self._case(home, desk, facts)
        yield from self._found_by(home, facts)
        # What is over stays in its tables too.
        for old in range(2):
            yield self.session(f"{home.token}-{old}", victim_id=home.victim_id, ended_at=self.now)
            yield SignInCode, self._used_code(home)
        yield KeptText, self._kept_text(home)
        yield KnownDevice, self._device(home)
        yield ExtraWord, row(ExtraWord, id=uuid4(), victim_id=home.victim_id)
        yield Task, self._task(home, done_at=None if home.number % OPEN_TASK == 0 else self.now)
        yield GivenReason, self._reason(home, desk)
        yield self.session(home.token, victim_id=home.victim_id)

    def _victim(self, home: Home, facts: CaseFacts) -> Made:
        told = facts.victim
        sealing = Sealing(self.keyring, "victims", home.victim_id)
        name = name_and_birth_date(told)
        assert name is not None
        yield (
            Victim,
            row(
                Victim,
                id=home.victim_id,
                wrapped_key=sealing.wrapped_key,
                given_name_sealed=sealing.seal("given_name", told.given_name),
                family_name_sealed=sealing.seal("family_name", told.family_name),
                person_index=self.keyring.index(PERSON, *name),
                joined_at=self.now,
                notice_channel="email",
                notices_confirmed_at=self.now,
            ),
        )
        address_id, address = uuid4(), addresses_on(told)[Channel.EMAIL]
        sealing = Sealing(self.keyring, "victim_addresses", address_id)
        yield (
            VictimAddress,
            row(
                VictimAddress,
                id=address_id,
                wrapped_key=sealing.wrapped_key,
                victim_id=home.victim_id,
                channel="email",
                value_index=self.keyring.index(VICTIM_ADDRESS, address),
                value_sealed=sealing.seal("value", address),
            ),
        )

    def _case(self, home: Home, desk: Desk, facts: CaseFacts) -> Row:
        sealing = Sealing(self.keyring, "cases", home.case_id)
        indexes = CaseIndexes(self.keyring, self.force_id)
        victim, person = indexes.victim(facts.victim), indexes.person(facts.victim)
        assert victim is not None
        assert person is not None
        assert facts.risk_assessed_at is not None
        return row(
            Case,
            id=home.case_id,
            wrapped_key=sealing.wrapped_key,
            force_id=self.force_id,
            victim_index=victim.first,
            person_index=person.first,
            open_until=facts.risk_assessed_at + RISK_ASSESSMENT_LASTS,
            facts_text_sealed=sealing.seal("facts_text", json.dumps(facts_to_json(facts))),
            status=facts.status,
            officer_id=desk.officer_id,
            invitation_state="joined",
            seen_at=self.now,
        )

    def _found_by(self, home: Home, facts: CaseFacts) -> Made:
        """What a case is found by, and who joined it."""
        indexes = CaseIndexes(self.keyring, self.force_id)
        identity = indexes.identity(facts)
        assert identity is not None
        case = {"id": uuid4(), "case_id": home.case_id}
        of_force = {**case, "force_id": self.force_id}
        reference = indexes.reference(facts.reference).first
        yield (
            CaseReference,
            row(CaseReference, **of_force, system="niche", reference_index=reference),
        )
        for channel, lookup in indexes.addresses(facts.victim).items():
            told = {**of_force, "id": uuid4(), "address_index": lookup.first}
            yield CaseAddress, row(CaseAddress, **told, channel=channel.value)
        joined = {"victim_id": home.victim_id, "identity_index": identity.first}
        yield Enrolment, row(Enrolment, **case, **joined, joined_at=self.now)
        yield (
            Invitation,
            row(
                Invitation,
                **of_force,
                token_hash=os.urandom(32),
                address_index=os.urandom(36),
                made_at=self.now - timedelta(days=31),
                expires_at=self.now - timedelta(days=24),
                used_at=self.now - timedelta(days=30),
            ),
        )

    def other_case(self) -> tuple[type[Base], Row]:
        """One that is not eligible: hashes only."""
        return Case, row(
            Case,
            id=uuid4(),
            force_id=self.force_id,
            victim_index=os.urandom(36),
            person_index=os.urandom(36),
            reason="offence-not-eligible",
            seen_at=self.now,
        )

    def session(self, token: str, **whose: Any) -> tuple[type[Base], Row]:
        return SignInSession, row(
            SignInSession,
            id=uuid4(),
            token_hash=token_hash(token),
            started_at=self.now,
            seen_at=self.now,
            ends_at=self.now + timedelta(hours=12),
            **whose,
        )

    def _device(self, home: Home) -> Row:
        return row(
            KnownDevice,
            id=uuid4(),
            victim_id=home.victim_id,
            token_hash=os.urandom(32),
            made_at=self.now,
            told_up_to=self.now,
        )

    def _task(self, home: Home, *, done_at: datetime | None) -> Row:
        return row(
            Task,
            id=uuid4(),
            case_id=home.case_id,
            force_id=self.force_id,
            kind=TaskKind.ADDRESS_CHANGED.value,
            made_at=self.now,
            due_at=self.now + timedelta(days=2),
            done_at=done_at,
        )

    def _reason(self, home: Home, desk: Desk) -> Row:
        return row(
            GivenReason,
            id=uuid4(),
            case_id=home.case_id,
            force_id=self.force_id,
            officer_id=desk.officer_id,
            given_for="opening",
            given_at=self.now - timedelta(days=2),
            lasts_until=self.now - timedelta(days=1),
        )

    def _kept_text(self, home: Home) -> Row:
        """Words that somebody else has not come back for yet."""
        return row(
            KeptText,
            id=uuid4(),
            author_id=uuid4(),
            case_id=home.case_id,
            client_id="",
            expires_at=self.now + timedelta(minutes=30),
        )

    def _used_code(self, home: Home) -> Row:
        yesterday = self.now - timedelta(days=1)
        return row(
            SignInCode,
            id=uuid4(),
            address_index=self.keyring.index("made-up", str(home.victim_id)),
            victim_id=home.victim_id,
            browser_hash=os.urandom(32),
            code_hash=os.urandom(32),
            asked_at=yesterday,
            expires_at=yesterday,
            used_at=yesterday,
        )
