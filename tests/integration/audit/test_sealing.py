"""The record is sealed as it grows, and every change to what was sealed is found and placed."""

from __future__ import annotations

import re
import threading
from datetime import timedelta

import pytest
import time_machine
from click.testing import Result
from sqlalchemy import func, select, text

from app import clock
from app.audit import actions as audit
from app.audit import sealing
from app.audit.models import AuditKey, AuditSeal
from app.audit.sealing import LAG, seal_due
from app.audit.vocabulary import OPERATOR, Action
from app.keys.rotation import rotate
from tests.integration.keys.steps import NEW, OLD, listed, reopened
from tests.portal import Portal, open_portal

TRIGGERS = {
    "sqlite": ["DROP TRIGGER {0}_no_update", "DROP TRIGGER {0}_no_delete"],
    "postgresql": ["DROP TRIGGER {0}_append_only ON {0}"],
}


def write(portal: Portal, rows: int) -> None:
    with portal.database.writing() as session:
        for number in range(rows):
            audit.record(session, Action.FORCE_CHANGED, OPERATOR, number=number)


def seal(portal: Portal) -> int:
    """As a worker does, some time later."""
    with time_machine.travel(clock.now() + LAG + timedelta(seconds=1)):
        return seal_due(portal.database, clock.now())


def verify(portal: Portal, *options: str, after: timedelta = timedelta(0)) -> Result:
    with time_machine.travel(clock.now() + after):
        return portal.app.test_cli_runner().invoke(args=["audit", "verify", *options])


def as_owner(portal: Portal, *statements: str) -> None:
    """What whoever owns the database can do: nothing in it refuses them anything."""
    kind = portal.database.engine.dialect.name
    with portal.database.writing() as session:
        for table in ("audit_rows", "audit_seals"):
            for statement in TRIGGERS[kind]:
                session.execute(text(statement.format(table)))
        for statement in statements:
            session.execute(text(statement))


@pytest.fixture
def sealed(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> Portal:
    """A record of fifty rows under five seals."""
    monkeypatch.setattr(sealing, "ROWS", 10)
    write(portal, 50)
    assert seal(portal) == 50
    return portal


def seals(portal: Portal) -> list[AuditSeal]:
    with portal.database.reading() as session:
        return list(session.scalars(select(AuditSeal).order_by(AuditSeal.number)))


def test_an_empty_record_is_whole(portal: Portal) -> None:
    result = verify(portal)
    assert (result.exit_code, result.output.splitlines()[0]) == (
        0,
        "whole: 0 rows under 0 seals, 0 not sealed yet",
    )


def test_what_a_worker_did_is_sealed_by_a_worker_and_whole(northshire: Portal) -> None:
    northshire.join().writes("Is there any news?")
    with time_machine.travel(clock.now() + timedelta(minutes=2), tick=True):
        northshire.work()
        result = verify(northshire)
    assert result.exit_code == 0, result.output
    [sealed_rows] = re.findall(r"whole: (\d+) rows under 1 seals", result.output)
    assert int(sealed_rows) > 5


def test_young_rows_may_be_unsealed_and_old_ones_not(sealed: Portal) -> None:
    write(sealed, 3)
    result = verify(sealed, after=timedelta(minutes=4))
    assert result.exit_code == 0
    assert "50 rows under 5 seals, 3 not sealed yet" in result.output

    result = verify(sealed, after=timedelta(minutes=6))

    assert result.exit_code == 1
    assert "rows from 51 on" in result.output
    assert "not sealed" in result.output


def test_sealing_goes_on_where_it_was(sealed: Portal) -> None:
    write(sealed, 5)
    assert seal(sealed) == 5
    assert seal(sealed) == 0
    assert [each.up_to_id for each in seals(sealed)] == [10, 20, 30, 40, 50, 55]
    assert verify(sealed).exit_code == 0


CHANGES = {
    "altered action": ("UPDATE audit_rows SET action = 'nothing' WHERE id = 25", "seal 3"),
    "altered actor": ("UPDATE audit_rows SET actor_kind = 'victim' WHERE id = 25", "seal 3"),
    "altered details": (
        """UPDATE audit_rows SET details = '{"number": 7}' WHERE id = 25""",
        "seal 3",
    ),
    "altered time": (
        "UPDATE audit_rows SET at = (SELECT min(at) FROM audit_rows) WHERE id = 25",
        "seal 3",
    ),
    "taken out": ("DELETE FROM audit_rows WHERE id = 25", "seal 3, rows 21 to 30: there are 9"),
    "the first taken out": ("DELETE FROM audit_rows WHERE id = 1", "seal 1"),
    "the last sealed taken out": ("DELETE FROM audit_rows WHERE id = 50", "seal 5"),
    "a whole seal's rows taken out": (
        "DELETE FROM audit_rows WHERE id BETWEEN 21 AND 30",
        "seal 3, rows 21 to 30: there are 0",
    ),
    "put in before the first": (
        "INSERT INTO audit_rows (id, at, actor_kind, action, details)"
        " SELECT 0, at, actor_kind, action, details FROM audit_rows WHERE id = 2",
        "seal 1",
    ),
    "one put in another's place": (
        "UPDATE audit_rows SET id = id + 1000 WHERE id = 25",
        "seal 3, rows 21 to 30: there are 9",
    ),
    "seal taken out": ("DELETE FROM audit_seals WHERE number = 2", "seal 2 is missing"),
    "the first seal taken out": ("DELETE FROM audit_seals WHERE number = 1", "seal 1 is missing"),
    "seal altered": ("UPDATE audit_seals SET row_count = 9 WHERE number = 2", "seal 2"),
    "seal over fewer rows": (
        "UPDATE audit_seals SET up_to_id = 19, row_count = 9 WHERE number = 2",
        "seal 2",
    ),
    "seal at another time": (
        "UPDATE audit_seals SET sealed_at = (SELECT min(at) FROM audit_rows) WHERE number = 2",
        "seal 2",
    ),
    "seal copied": (
        "UPDATE audit_seals SET seal = (SELECT seal FROM audit_seals WHERE number = 1)"
        " WHERE number = 2",
        "seal 2",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_by_the_owner_of_the_database_is_found_and_placed(
    sealed: Portal, change: str
) -> None:
    statement, place = CHANGES[change]
    as_owner(sealed, statement)

    result = verify(sealed)

    assert result.exit_code == 1
    assert place in result.output
    assert len(result.output.splitlines()) == 1


def test_two_rows_that_changed_places_are_found(sealed: Portal) -> None:
    as_owner(
        sealed,
        "UPDATE audit_rows SET id = -1 WHERE id = 24",
        "UPDATE audit_rows SET id = 24 WHERE id = 25",
        "UPDATE audit_rows SET id = 25 WHERE id = -1",
    )
    assert "seal 3" in verify(sealed).output


def test_the_key_of_the_seals_cannot_be_erased(sealed: Portal) -> None:
    as_owner(sealed, "UPDATE audit_keys SET wrapped_key = NULL")
    result = verify(sealed)
    assert result.exit_code == 1
    assert "seal 1, rows first to 10: its key does not open" in result.output


def test_seals_taken_from_the_end_are_found_by_the_rows_that_have_none(sealed: Portal) -> None:
    as_owner(sealed, "DELETE FROM audit_seals WHERE number > 3")

    result = verify(sealed, after=timedelta(minutes=10))

    assert result.exit_code == 1
    assert "rows from 31 on" in result.output


def test_an_end_cut_off_with_its_seals_is_found_only_by_who_noted_a_seal(sealed: Portal) -> None:
    noted = verify(sealed).output.splitlines()[1].removeprefix("last seal: ")
    assert verify(sealed, "--noted", noted).exit_code == 0

    as_owner(
        sealed,
        "DELETE FROM audit_seals WHERE number > 3",
        "DELETE FROM audit_rows WHERE id > 30",
    )

    assert verify(sealed).exit_code == 0, "nothing in the database tells of it"
    result = verify(sealed, "--noted", noted)
    assert result.exit_code == 1
    assert "the seal that was noted" in result.output


def test_rows_sealed_again_after_a_change_show_by_how_late_it_was(sealed: Portal) -> None:
    as_owner(
        sealed,
        "DELETE FROM audit_seals WHERE number > 3",
        "UPDATE audit_rows SET action = 'nothing' WHERE id = 45",
    )
    with time_machine.travel(clock.now() + timedelta(hours=2)):
        seal_due(sealed.database, clock.now())

    result = verify(sealed, after=timedelta(hours=2))

    assert result.exit_code == 0
    assert "sealed more than an hour late: 2 seals, the first is 4" in result.output


def test_the_record_is_checked_across_a_change_of_keys(migrated_url: str) -> None:
    portal = open_portal(migrated_url, ENCRYPTION_KEYS=listed(OLD))
    write(portal, 5)
    seal(portal)
    portal = reopened(portal, NEW, OLD)
    rotate(portal.database)
    portal = reopened(portal, NEW)
    seal(portal)

    result = verify(portal)

    assert result.exit_code == 0, result.output
    assert "7 rows under 2 seals" in result.output
    with portal.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(AuditKey)) == 2
    portal.database.engine.dispose()


def test_without_the_key_the_record_cannot_be_checked_and_that_is_said(migrated_url: str) -> None:
    portal = open_portal(migrated_url, ENCRYPTION_KEYS=listed(OLD))
    write(portal, 5)
    seal(portal)
    portal = reopened(portal, NEW)

    result = verify(portal)

    assert result.exit_code == 1
    assert "is missing from ENCRYPTION_KEYS" in result.output
    portal.database.engine.dispose()


def test_workers_that_seal_at_the_same_time_make_one_chain(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "ROWS", 10)
    write(portal, 200)
    later = clock.now() + 2 * LAG
    done: list[int] = []
    workers = [
        threading.Thread(target=lambda: done.append(seal_due(portal.database, later)))
        for _ in range(4)
    ]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    seal_due(portal.database, later)

    assert [each.number for each in seals(portal)] == list(range(1, 21))
    assert verify(portal).exit_code == 0


def test_a_row_that_is_committed_late_is_waited_for(
    migrated_postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its id is lower than those of rows that are there already."""
    monkeypatch.setattr(sealing, "_SETTLES_WITHIN_SECONDS", 0.5)
    portal = open_portal(migrated_postgresql_url)
    later = clock.now() + 2 * LAG
    with portal.database.new_session(writes=True) as slow:
        audit.record(slow, Action.FORCE_CHANGED, OPERATOR, number=1)
        slow.flush()
        write(portal, 3)
        assert seal_due(portal.database, later) == 0
        slow.commit()

    assert seal_due(portal.database, later) == 4
    assert verify(portal).exit_code == 0
    portal.database.engine.dispose()


def test_nobody_alters_a_seal_by_accident(sealed: Portal) -> None:
    for statement in ("UPDATE audit_seals SET number = 9", "DELETE FROM audit_seals"):
        with pytest.raises(Exception, match="append-only"), sealed.database.writing() as session:
            session.execute(text(statement))
    assert len(seals(sealed)) == 5
