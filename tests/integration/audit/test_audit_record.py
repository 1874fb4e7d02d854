"""The audit record: what happened, in codes, and no way to change it."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from app.audit.models import AuditRow
from tests.portal import Portal


def rows(portal: Portal) -> list[AuditRow]:
    with portal.database.reading() as session:
        return list(session.scalars(select(AuditRow).order_by(AuditRow.id)))


def test_a_message_leaves_who_collected_consulted_and_disclosed_it(northshire: Portal) -> None:
    officer = northshire.add_officer()
    victim = northshire.join()
    victim.writes("Is there any news?")
    northshire.work()
    northshire.officer_signs_in(officer).see(f"/officer{victim.url}")
    found = {(row.actor_kind, row.action) for row in rows(northshire)}
    assert found >= {
        ("victim", "victim.joined"),
        ("victim", "message.collected"),
        ("worker", "entry.disclosed"),
        ("officer", "message.consulted"),
        ("officer", "sign-in.succeeded"),
    }


def test_it_holds_no_words_names_or_addresses(northshire: Portal) -> None:
    northshire.add_officer()
    victim = northshire.join()
    victim.writes("Is there any news?")
    northshire.work()
    told = victim.case["victim"]
    private = [told["email"], told["mobile"], told["familyName"], victim.case["reference"], "news"]
    kept = " ".join(f"{row.details} {row.action}" for row in rows(northshire))
    assert [each for each in private if each in kept] == []


@pytest.mark.parametrize(
    "change",
    [update(AuditRow).values(action="nothing"), delete(AuditRow)],
    ids=["update", "delete"],
)
def test_the_database_refuses_to_change_it(northshire: Portal, change: object) -> None:
    northshire.join()
    before = [(row.id, row.action) for row in rows(northshire)]
    refused = pytest.raises(DBAPIError, match="append-only")
    with northshire.database.new_session(writes=True) as session, refused:
        session.execute(change)  # type: ignore[call-overload]
    assert [(row.id, row.action) for row in rows(northshire)] == before
