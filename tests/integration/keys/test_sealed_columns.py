"""Nothing that is sealed opens anywhere but where it was sealed: every table, every column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from sqlalchemy import LargeBinary, select, update
from sqlalchemy.orm import Session

from app.crypto import CannotOpen
from app.database import Base, SealedRow, sealed
from app.keys.columns import WRAPPED_KEY, is_index
from app.messages.models import Conversation, Message
from app.messages.queries import newest
from tests.factories.facts import case_json
from tests.integration.keys.steps import OLD, listed
from tests.portal import Portal, open_portal

NOT_KEYED = {
    # Hashes of long random values, hashes under a data key, and what is no secret.
    "sign_in_sessions.token_hash",
    "invitations.token_hash",
    "sign_in_codes.browser_hash",
    "messages.fingerprint",
    "call_requests.fingerprint",
    "conversations.case_shown",
    "lookup_keys.number",
    "used_tokens.token_hash",
    "known_devices.token_hash",
    "officer_recovery_codes.code_hash",
    "officer_passkeys.credential_id",
    "officer_passkeys.public_key",
    "audit_keys.made_under",
    "audit_seals.seal",
}


@dataclass(frozen=True)
class Sealed:
    """One sealed attribute of one model."""

    model: type[SealedRow]
    name: str

    def __str__(self) -> str:
        return f"{self.model.__tablename__}.{self.name}"


# In one order, since every test process has to find the same tests.
SEALED = sorted(
    (
        Sealed(mapper.class_, name)
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, SealedRow)
        for name, value in vars(mapper.class_).items()
        if isinstance(value, sealed)
    ),
    key=str,
)


def make(model: type[SealedRow]) -> SealedRow:
    """A row in memory; only what sealing needs of it is there."""
    return model(id=uuid4())


@pytest.fixture
def session(sqlite_url: str) -> Iterator[Session]:
    """A session in which rows are made and nothing is ever stored."""
    portal = open_portal(sqlite_url, ENCRYPTION_KEYS=listed(OLD))
    with portal.database.new_session(writes=False) as session, session.no_autoflush:
        yield session
        session.expunge_all()
    portal.database.engine.dispose()


def put(session: Session, *rows: SealedRow) -> None:
    for row in rows:
        session.add(row)
        row.make_key(session)


def test_every_binary_column_is_sealed_wrapped_keyed_or_known_to_be_neither() -> None:
    unknown = [
        str(column)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary)
        and not column.name.endswith("_sealed")
        and column.name != WRAPPED_KEY
        and not is_index(column)
        and str(column) not in NOT_KEYED
    ]
    assert unknown == [], "a rotation would pass them by: name them …_index, or use info=KEYED"


def test_every_sealed_column_has_its_attribute() -> None:
    columns = {
        str(column).removesuffix("_sealed")
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.name.endswith("_sealed")
    }
    under_a_conversations_key = {
        "messages.text",
        "messages.author",
        "outbox_entries.hand_reason",
        "outbox_entries.tried_under",
        "entry_words.text",
        "entry_words.author",
    }
    assert columns == {str(each) for each in SEALED} | under_a_conversations_key


@pytest.mark.parametrize("each", SEALED, ids=str)
def test_a_sealed_value_opens_in_its_own_row_and_column_only(
    session: Session, each: Sealed
) -> None:
    here, elsewhere = make(each.model), make(each.model)
    put(session, here, elsewhere)
    setattr(here, each.name, "words")
    stored = getattr(here, f"{each.name}_sealed")
    assert getattr(here, each.name) == "words"

    setattr(elsewhere, f"{each.name}_sealed", stored)
    with pytest.raises(CannotOpen):
        getattr(elsewhere, each.name)
    elsewhere.wrapped_key = here.wrapped_key
    with pytest.raises(CannotOpen):
        getattr(elsewhere, each.name)

    for other in SEALED:
        if other.model is each.model and other != each:
            setattr(here, f"{other.name}_sealed", stored)
            with pytest.raises(CannotOpen):
                getattr(here, other.name)


@pytest.mark.parametrize("each", SEALED, ids=str)
def test_a_sealed_value_does_not_open_in_another_table(session: Session, each: Sealed) -> None:
    here = make(each.model)
    put(session, here)
    setattr(here, each.name, "words")
    for other in SEALED:
        if other.model is not each.model:
            there = other.model(id=here.id)
            put(session, there)
            setattr(there, f"{other.name}_sealed", getattr(here, f"{each.name}_sealed"))
            with pytest.raises(CannotOpen):
                getattr(there, other.name)
            there.wrapped_key = here.wrapped_key
            with pytest.raises(CannotOpen):
                getattr(there, other.name)
            session.expunge(there)


def test_messages_swapped_between_conversations_and_forces_fail_loudly(
    northshire: Portal,
) -> None:
    northshire.add_force(
        slug="westshire", ons_code="E23000098", case_system={"url": "http://127.0.0.1:9300"}
    )
    here, there = northshire.join(), northshire.join(case_json(), "westshire")
    here.writes("Mine.")
    there.writes("Theirs.")
    with northshire.database.writing() as session:
        mine, theirs = (_message_of(session, each.case_id) for each in (here, there))
        one, other = mine.text_sealed, theirs.text_sealed
        for message, sealed_text in ((mine, other), (theirs, one)):
            session.execute(
                update(Message).where(Message.id == message.id).values(text_sealed=sealed_text)
            )

    for each in (here, there):
        with northshire.database.reading() as session:
            conversation = session.scalars(
                select(Conversation).where(Conversation.case_id == each.case_id)
            ).one()
            with pytest.raises(CannotOpen):
                newest(session, conversation)
        with pytest.raises(CannotOpen):
            each.visitor.get(each.url)


def _message_of(session: Session, case_id: UUID) -> Message:
    return session.scalars(
        select(Message)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Conversation.case_id == case_id)
    ).one()
