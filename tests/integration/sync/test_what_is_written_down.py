"""What a worker writes down between one call and the next."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from app import clock
from app.messages.models import Message
from app.outbox.actions import LEASE, forces_with_something_due
from app.outbox.models import Stream
from tests.integration.messages.steps import entries_of, messages_of
from tests.portal import Joined, Portal


@pytest.fixture
def victim(northshire: Portal) -> Joined:
    northshire.add_officer()
    return northshire.join()


def test_a_receipt_stays_where_the_next_entry_cannot_be_made_ready(
    northshire: Portal, victim: Joined
) -> None:
    victim.writes("One")
    victim.writes("Two")
    _, spoiled = messages_of(northshire, victim.case_id)
    with northshire.database.writing() as session:
        changed = update(Message).where(Message.id == spoiled.id).values(text_sealed=b"nonsense")
        session.execute(changed)

    northshire.work_.deliver()

    assert [entry.state for entry in entries_of(northshire, victim.case_id)] == [
        "recorded",
        "saved",
    ]
    assert len(northshire.system().held(victim.case["reference"])) == 1


def test_an_entry_that_cannot_be_made_ready_keeps_no_other_conversation_waiting(
    northshire: Portal, victim: Joined
) -> None:
    other = northshire.join()
    victim.writes("Spoiled")
    other.writes("Sound")
    [spoiled] = messages_of(northshire, victim.case_id)
    with northshire.database.writing() as session:
        changed = update(Message).where(Message.id == spoiled.id).values(text_sealed=b"nonsense")
        session.execute(changed)

    while northshire.work_.deliver():
        pass

    assert [each.state for each in messages_of(northshire, other.case_id)] == ["recorded"]
    with northshire.database.reading() as session:
        assert not forces_with_something_due(session, clock.now())
        assert forces_with_something_due(session, clock.now() + LEASE)


def test_the_lease_is_read_again_before_every_call(northshire: Portal, victim: Joined) -> None:
    for words in ("One", "Two", "Three"):
        victim.writes(words)
    system = northshire.system()
    record = system.record

    def record_and_lose_the_lease(*told: object) -> object:
        answer = record(*told)  # type: ignore[arg-type]
        with northshire.database.writing() as session:
            session.execute(update(Stream).values(leased_until=clock.now()))
        return answer

    system.record = record_and_lose_the_lease  # type: ignore[assignment, method-assign]
    northshire.work_.deliver()

    # The answer came after the lease had gone to whoever is next: nothing more was sent.
    assert len(system.held(victim.case["reference"])) == 1
    assert {entry.state for entry in entries_of(northshire, victim.case_id)} == {"saved"}


def test_a_call_is_written_down_before_it_is_made(northshire: Portal, victim: Joined) -> None:
    for words in ("One", "Two"):
        victim.writes(words)
    system = northshire.system()
    record = system.record
    attempts: list[list[int]] = []

    def look(*told: object) -> object:
        attempts.append([entry.attempts for entry in entries_of(northshire, victim.case_id)])
        return record(*told)  # type: ignore[arg-type]

    system.record = look  # type: ignore[assignment, method-assign]
    northshire.work_.deliver()

    assert attempts == [[1, 0], [0, 1]]
