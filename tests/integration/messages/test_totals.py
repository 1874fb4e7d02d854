"""Where a force's messages are is known without reading them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from app import clock
from app.forces.queries import force_named
from app.messages.models import Message
from app.messages.totals import Counts, count_recorded, counts
from app.outbox.models import EntryState
from tests.integration.messages.steps import statements
from tests.portal import Joined, Portal


@pytest.fixture
def victim(northshire: Portal) -> Joined:
    northshire.add_officer()
    return northshire.join()


def force_id(portal: Portal, slug: str = "northshire") -> UUID:
    with portal.database.reading() as session:
        force = force_named(session, slug)
        assert force is not None
        return force.id


def totals(portal: Portal) -> Counts:
    with portal.database.reading() as session:
        return counts(session, force_id(portal), clock.now())


def counted_one_by_one(portal: Portal) -> int:
    with portal.database.reading() as session:
        recorded = Message.state == EntryState.RECORDED.value
        return session.scalars(select(func.count()).select_from(Message).where(recorded)).one()


def test_messages_are_counted_where_they_are(northshire: Portal, victim: Joined) -> None:
    victim.writes("One")
    victim.writes("Two")
    northshire.work()
    northshire.system().fail("409")
    victim.writes("Three")
    northshire.work()
    victim.writes("Four")

    found = totals(northshire)

    assert (found.recorded, found.attention, found.saved) == (2, 1, 1)
    assert found.oldest_saved_seconds is not None
    assert found.recorded == counted_one_by_one(northshire)


def test_nothing_is_owed_where_all_is_recorded(northshire: Portal, victim: Joined) -> None:
    victim.writes("One")
    northshire.work()

    assert totals(northshire) == Counts(saved=0, recorded=1, attention=0, oldest_saved_seconds=None)


def test_workers_that_record_at_the_same_time_lose_no_count(northshire: Portal) -> None:
    force, conversation = force_id(northshire), uuid4()

    def record_ten(number: int) -> None:
        for _ in range(10):
            with northshire.database.writing() as session:
                # Half of them at one conversation's part, half spread.
                count_recorded(session, force, conversation if number % 2 else uuid4())

    with ThreadPoolExecutor(8) as workers:
        list(workers.map(record_ten, range(8)))

    assert totals(northshire).recorded == 80


def test_the_status_of_a_force_reads_no_recorded_message(
    northshire: Portal, victim: Joined
) -> None:
    victim.writes("One")
    northshire.work()

    with statements(northshire.database) as seen:
        totals(northshire)

    about_messages = [each for each in seen if "FROM messages" in each]
    assert about_messages
    assert all("state != 'recorded'" in each for each in about_messages)
