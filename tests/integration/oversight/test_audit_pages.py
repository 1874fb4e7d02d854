"""The audit record for auditors: their force's rows, no names, no words, and taken on record."""

from __future__ import annotations

import csv
import io

import pytest
import time_machine
from sqlalchemy import select

from app import clock
from app.accounts.viewers import Role
from app.audit import actions as audit
from app.audit.models import AuditRow
from app.audit.vocabulary import WORKER, Action
from app.forces.models import Force
from app.oversight.queries import PAGE
from app.web.times import in_london
from tests.integration.inbox.steps import (
    account,
    audited,
    details,
    gives_reason,
    officers_url,
    staff,
)
from tests.portal import Portal


def rows_of_force(portal: Portal, slug: str, many: int) -> None:
    with portal.database.writing() as session:
        force = session.scalars(select(Force).where(Force.slug == slug)).one()
        for _ in range(many):
            audit.record(session, Action.FORCE_CHANGED, WORKER, force_id=force.id)


def test_an_auditor_sees_what_happened_and_no_names_or_words(northshire: Portal) -> None:
    northshire.add_officer()
    joined = northshire.join()
    joined.writes("My neighbour saw him")
    gives_reason(staff(northshire, Role.SUPERVISOR), officers_url(joined), "A complaint by letter")

    page = staff(northshire, Role.AUDITOR, collar="9002").see("/officer/audit")

    assert "Case opened with a reason" in page.words
    assert "Message sent" in page.words
    assert str(joined.case_id) in page.words
    victim = joined.case["victim"]
    for secret in ("neighbour", "by letter", victim["familyName"], victim["email"], "PC Sam"):
        assert secret not in page.text
    assert joined.case["reference"] not in page.text


def test_rows_are_found_by_day_kind_and_case(northshire: Portal) -> None:
    northshire.add_officer()
    joined, noise = northshire.join(), northshire.join()
    joined.writes("One")
    noise.writes("Two")
    someone = staff(northshire, Role.AUDITOR)
    today = in_london(clock.now()).date().isoformat()

    found = someone.see(
        f"/officer/audit?day={today}&action=message.collected&case={joined.case_id}"
    )
    assert found.words.count("Message sent") == 2  # once in the list of kinds
    assert str(noise.case_id) not in found.words
    for nothing in ("day=2020-01-01", f"case={joined.case_id}&action=case.held", "case=nonsense"):
        assert "There are no such rows." in someone.see(f"/officer/audit?{nothing}").words
    assert someone.see("/officer/audit?day=nonsense&before=x").status == 200


def test_the_record_goes_on_page_by_page(northshire: Portal) -> None:
    rows_of_force(northshire, "northshire", PAGE + 5)
    someone = staff(northshire, Role.AUDITOR)

    first = someone.see("/officer/audit?action=force.changed")
    second = someone.see(first.link("Show earlier rows"))

    assert len(first.all(".//ol/li")) == PAGE
    assert 5 <= len(second.all(".//ol/li")) < PAGE


def test_an_export_has_every_row_asked_for_and_is_a_row_itself(northshire: Portal) -> None:
    northshire.add_officer()
    joined, noise = northshire.join(), northshire.join()
    joined.writes("One")
    noise.writes("Two")
    auditor = account(northshire, Role.AUDITOR)
    someone = northshire.officer_signs_in(auditor)
    page = someone.see(f"/officer/audit?case={joined.case_id}")
    form = page.form("Download as a CSV file")

    answer = someone.post(form.action, data=form.values)

    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    with northshire.database.reading() as session:
        stored = session.scalars(
            select(AuditRow.id).where(AuditRow.case_id == joined.case_id).order_by(AuditRow.id)
        ).all()
    assert [int(row["id"]) for row in reversed(rows)] == list(stored)
    (row,) = audited(northshire, "audit.exported")
    assert (row.actor_id, row.force_id) == (auditor.id, rows_force(northshire))
    assert row.details["rows"] == len(rows)
    assert row.details["of_case"] == str(joined.case_id)


def rows_force(portal: Portal) -> object:
    with portal.database.reading() as session:
        return session.scalars(select(Force.id).where(Force.slug == "northshire")).one()


def test_figures_hide_small_counts(northshire: Portal) -> None:
    rows_of_force(northshire, "northshire", 7)
    northshire.add_officer()
    northshire.join().writes("One message")
    today = clock.now()
    # Whole days only: what happened today shows tomorrow.
    with time_machine.travel(today.timestamp() + 86_400):
        someone = staff(northshire, Role.AUDITOR, collar="9002")
        page = someone.see("/officer/figures")

    assert "Message sent Fewer than 5" in page.words
    assert "Force’s settings changed 8" in page.words


@pytest.mark.parametrize(
    "path", ["/officer/audit", "/officer/figures", "/officer/settings", "/officer/officers"]
)
def test_a_page_of_another_role_looks_as_if_it_did_not_exist(northshire: Portal, path: str) -> None:
    someone = staff(northshire, Role.OFFICER, Role.SUPERVISOR, Role.CONTACT_BUREAU)

    assert someone.get(path).status_code == 404
    assert details(audited(northshire, "access.refused"))[-1]["method"] == "GET"


def test_an_administrator_sees_settings_and_officers_and_no_secrets(northshire: Portal) -> None:
    officer = northshire.add_officer()
    someone = staff(northshire, Role.FORCE_ADMIN, Role.AUDITOR)

    settings = someone.see("/officer/settings")
    assert "burglary-dwelling" in settings.words
    assert "Northshire Police" in settings.words
    for secret in ("TOKEN", "127.0.0.1"):
        assert secret not in settings.text
    officers = someone.see("/officer/officers")
    assert "PC Sam Okafor 1234 Officer Can sign in" in officers.words
    assert "Administrator, Auditor" in officers.words
    assert officer.email not in officers.text
