"""Sessions, times and sealed columns, on both databases."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, StatementError

from app.crypto import CannotOpen, Keyring
from app.database import Database, add_sealed
from app.forces.models import Force
from app.notifications.models import Notice
from tests.integration.messages.steps import kept_texts, sign_in, statements, stored_bytes
from tests.portal import Portal, open_portal

KEYS = (b"k" * 32,)
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def database(migrated_url: str) -> Iterator[Database]:
    database = Database(migrated_url, Keyring(KEYS))
    yield database
    database.engine.dispose()


def a_force(database: Database, settings: dict[str, int] | None = None) -> Force:
    with database.writing() as session:
        force = Force(
            slug="counting",
            name="Counting",
            phone="101",
            closed_after_hours=0,
            settings_json=settings or {},
        )
        session.add(force)
        return force


def a_notice(database: Database, to: str) -> Notice:
    with database.writing() as session:
        notice = add_sealed(
            session, Notice(template="update", channel="email", created_at=NOON, due_at=NOON)
        )
        notice.to = to
        return notice


def test_updates_that_read_first_and_then_write_lose_none_of_160(database: Database) -> None:
    force = a_force(database)

    def add_ten(_: int) -> None:
        for _ in range(10):
            with database.writing() as session:
                row = session.get_one(Force, force.id, with_for_update=True)
                row.closed_after_hours += 1

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(add_ten, range(16)))
    with database.reading() as session:
        assert session.get_one(Force, force.id).closed_after_hours == 160


def test_every_sqlite_connection_is_prepared(migrated_sqlite_url: str) -> None:
    database = Database(migrated_sqlite_url, Keyring(KEYS))
    asked = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}
    all_connected = threading.Barrier(4)

    def pragmas(_: int) -> dict[str, object]:
        with database.reading() as session:
            session.execute(text("SELECT 1"))
            all_connected.wait(timeout=10)
            return {name: session.scalar(text(f"PRAGMA {name}")) for name in asked}

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(pragmas, range(4))) == [asked] * 4
    database.engine.dispose()


def test_a_session_that_reads_cannot_write(database: Database) -> None:
    force = a_force(database)
    with database.reading() as session:
        session.get_one(Force, force.id).name = "Changed"
        with pytest.raises(DBAPIError, match=r"(?i)read.?only"):
            session.flush()


def test_a_connection_that_read_can_write_afterwards(database: Database) -> None:
    force = a_force(database)
    for name in ("First", "Second"):
        with database.reading() as session:
            session.get_one(Force, force.id)
        with database.writing() as session:
            session.get_one(Force, force.id).name = name
    with database.reading() as session:
        assert session.get_one(Force, force.id).name == "Second"


def test_readers_do_not_wait_for_a_writer(database: Database) -> None:
    force = a_force(database)
    with database.writing() as writing:
        writing.get_one(Force, force.id).name = "Half way"
        writing.flush()
        with database.reading() as session:
            assert session.get_one(Force, force.id).name == "Counting"


def test_an_error_takes_everything_back(database: Database) -> None:
    force = a_force(database)

    def fail_half_way() -> None:
        with database.writing() as session:
            session.get_one(Force, force.id).name = "Half way"
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    with database.reading() as session:
        assert session.get_one(Force, force.id).name == "Counting"


def test_a_time_without_its_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="without its zone"), database.writing() as session:
        session.add(
            Notice(
                template="update",
                channel="email",
                created_at=NOON.replace(tzinfo=None),
                due_at=NOON,
            )
        )


def test_times_come_back_aware_and_as_the_same_moment(database: Database) -> None:
    notice = a_notice(database, "sam@mail.example")
    east = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
    with database.writing() as session:
        session.get_one(Notice, notice.id).due_at = east + timedelta(microseconds=1)
    with database.reading() as session:
        stored = session.get_one(Notice, notice.id).due_at
    assert stored == NOON + timedelta(microseconds=1)
    assert stored.utcoffset() == timedelta(0)


def test_sealed_bytes_moved_to_another_row_do_not_open(database: Database) -> None:
    mine, other = a_notice(database, "me@mail.example"), a_notice(database, "you@mail.example")
    with database.writing() as session:
        session.get_one(Notice, mine.id).to_sealed = session.get_one(Notice, other.id).to_sealed
    with database.reading() as session, pytest.raises(CannotOpen):
        _ = session.get_one(Notice, mine.id).to


def test_a_row_moved_with_its_key_does_not_open(database: Database) -> None:
    mine, other = a_notice(database, "me@mail.example"), a_notice(database, "you@mail.example")
    with database.writing() as session:
        row, from_row = session.get_one(Notice, mine.id), session.get_one(Notice, other.id)
        row.to_sealed, row.wrapped_key = from_row.to_sealed, from_row.wrapped_key
    with database.reading() as session, pytest.raises(CannotOpen):
        _ = session.get_one(Notice, mine.id).to


def test_sealed_bytes_moved_to_another_column_do_not_open(database: Database) -> None:
    notice = a_notice(database, "me@mail.example")
    with database.writing() as session:
        row = session.get_one(Notice, notice.id)
        row.context_sealed = row.to_sealed
    with database.reading() as session, pytest.raises(CannotOpen):
        _ = session.get_one(Notice, notice.id).context


def test_without_its_key_a_row_is_erased(database: Database) -> None:
    notice = a_notice(database, "me@mail.example")
    with database.writing() as session:
        session.get_one(Notice, notice.id).wrapped_key = None
    with database.reading() as session, pytest.raises(LookupError, match="erased"):
        _ = session.get_one(Notice, notice.id).to


def test_after_a_rotation_old_rows_open_and_people_are_found(migrated_url: str) -> None:
    old, new = (base64.b64encode(key * 32).decode() for key in (b"o", b"n"))
    before = open_portal(migrated_url, ENCRYPTION_KEYS=old)
    before.add_force()
    victim = before.join()
    victim.writes("Before the keys changed")
    before.database.engine.dispose()

    after = open_portal(migrated_url, ENCRYPTION_KEYS=f"{new},{old}")
    someone = sign_in(after, victim.case["victim"]["email"])
    page = someone.see(victim.url)
    assert [m.text for m in page.messages] == ["Before the keys changed"]
    after.database.engine.dispose()


def test_no_word_name_or_address_stands_in_the_database_as_plain_text(
    northshire: Portal,
) -> None:
    officer = northshire.add_officer()
    victim = northshire.join()
    victim.writes("Unmistakable words of mine")
    inbox = northshire.officer_signs_in(officer)
    page = inbox.see(f"/officer{victim.url}")
    inbox.send(page.form("Send reply"), text="Unmistakable words of theirs")
    victim.writes("Unmistakable draft" + "x" * 5_000)
    northshire.work()

    everything = stored_bytes(northshire.database).lower()
    told = victim.case["victim"]
    for secret in (
        "unmistakable",
        told["givenName"],
        told["familyName"],
        told["email"],
        told["mobile"].replace(" ", "")[1:],
        told["dateOfBirth"],
        victim.case["reference"],
        victim.case["officerInCase"]["email"],
        officer.email,
        officer.secret,
    ):
        assert secret.lower().encode() not in everything, secret
    assert kept_texts(northshire) == 1


def test_a_connection_that_died_in_its_sleep_is_replaced(
    migrated_url: str, database_kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(migrated_url, Keyring(KEYS))
    if database_kind == "postgresql":
        with database.reading() as session:
            own = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
        killer = Database(migrated_url, Keyring(KEYS))
        with killer.writing() as session:
            session.execute(text("SELECT pg_terminate_backend(:own)"), {"own": own})
        killer.engine.dispose()
    monkeypatch.setattr("app.connecting._RESTS_SECONDS", 0.0)

    with database.reading() as session:
        assert session.execute(text("SELECT 1")).scalar_one() == 1
    database.engine.dispose()


def test_one_question_is_asked_without_a_transaction_around_it(database: Database) -> None:
    force = a_force(database)

    with statements(database) as seen:
        row = database.ask(select(Force.slug).where(Force.id == force.id), {})

    assert tuple(row or ()) == ("counting",)
    assert len(seen) == 1
    # The connection goes back as it was: a writing transaction still is one.
    with database.writing() as session:
        session.get_one(Force, force.id).name = "Another"
    with database.reading() as session:
        assert session.get_one(Force, force.id).name == "Another"


def test_what_an_error_says_holds_no_values(database: Database) -> None:
    """Errors are logged: a full disk in the midst of a sign-in must not write an address there."""
    with pytest.raises(DBAPIError) as told, database.writing() as session:
        session.execute(text("INSERT INTO nowhere VALUES (:to)"), {"to": "sam@mail.example"})

    assert "sam@mail.example" not in str(told.value)


def test_who_sleeps_in_a_transaction_does_not_keep_its_locks_for_ever(
    migrated_postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.connecting._LONGEST_PAUSE_SECONDS", 1)
    database = Database(migrated_postgresql_url, Keyring(KEYS))
    force = a_force(database)

    asleep = database.new_session(writes=True)
    asleep.get_one(Force, force.id, with_for_update=True).name = "Asleep"
    asleep.flush()
    with database.writing() as session:
        session.execute(text("SET LOCAL lock_timeout = '20s'"))
        session.get_one(Force, force.id, with_for_update=True).name = "Awake"
    with pytest.raises(DBAPIError):
        asleep.commit()
    asleep.close()

    with database.reading() as session:
        assert session.get_one(Force, force.id).name == "Awake"
    database.engine.dispose()
