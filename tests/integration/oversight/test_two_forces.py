"""Two forces whose cases, victims and officers have the same numbers: nothing crosses, anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from app import clock
from app.accounts.viewers import Role
from app.cases.models import Case, TaskKind
from app.cases.tasks import open_task
from tests.factories.facts import case_json
from tests.integration.inbox.steps import gives_reason, officers_url
from tests.pages import HTMX, Page, Visitor
from tests.portal import Joined, Portal

REFERENCE = "1/12345/26"
EVERY_ROLE = list(Role)


@dataclass
class Shire:
    """One force: its victim, and the one officer who has every role there."""

    word: str
    victim: Joined
    officer: Visitor


@pytest.fixture
def shires(portal: Portal) -> list[Shire]:
    """The same reference, victim id and collar number; only words tell them apart."""
    portal.add_force()
    portal.add_force(
        slug="southshire",
        name="Southshire Police",
        ons_code="E23000098",
        case_system={"url": "http://127.0.0.1:9101"},
    )
    found = []
    for slug, word in (("northshire", "Northword"), ("southshire", "Southword")):
        case = case_of(word)
        account = portal.add_officer("1234", slug, name=f"PC {word}", roles=EVERY_ROLE)
        victim = portal.join(case, slug)
        victim.writes(f"I am from {word}")
        with portal.database.writing() as session:
            kind = TaskKind.ADDRESS_CHANGED
            open_task(session, session.get_one(Case, victim.case_id), kind, clock.now())
        found.append(Shire(word, victim, portal.officer_signs_in(account)))
    return found


def case_of(word: str) -> dict[str, Any]:
    return case_json(
        reference=REFERENCE,
        officerInCase={"collar": "1234", "name": f"PC {word}", "email": f"{word}@force.example"},
        victim={"id": "P1", "givenName": "Alex", "familyName": word},
    )


PAGES = (
    "/officer/inbox",
    "/officer/tasks",
    "/officer/conversations",
    "/officer/settings",
    "/officer/officers",
    "/officer/audit",
    "/officer/figures",
)


def test_no_page_or_list_of_one_force_shows_anything_of_the_other(shires: list[Shire]) -> None:
    for mine, other in (shires, shires[::-1]):
        for url in (*PAGES, officers_url(mine.victim)):
            page = mine.officer.see(url)
            assert page.status == 200, url
            assert other.word not in page.text, url
            assert str(other.victim.case_id) not in page.text, url
        assert mine.word in mine.officer.see("/officer/inbox").text
        assert str(mine.victim.case_id) in mine.officer.see("/officer/audit").text
        shown = mine.victim.visitor.see(mine.victim.url)
        assert mine.word in shown.text
        assert other.word not in shown.text


def test_no_address_of_the_other_force_opens_or_changes_anything(shires: list[Shire]) -> None:
    for mine, other in (shires, shires[::-1]):
        token = mine.officer.see("/officer/inbox").form("Sign out").values["csrf_token"]
        form = {"csrf_token": token, "text": "x", "reason": "x", "days": "1", "outcome": "x"}
        theirs = officers_url(other.victim)
        task = other.officer.see("/officer/tasks").link("Ask the victim")
        for url in (theirs, f"{theirs}/hold", f"{theirs}/pause", f"{theirs}/messages", task):
            assert mine.officer.get(url, headers=HTMX).status_code == 404, url
        for path in ("opening", "hold", "pause", "pause/end", "messages", "invitation"):
            answer = mine.officer.post(f"{theirs}/{path}", data=form)
            assert answer.status_code == 404, path
        assert mine.officer.post(task, data=form).status_code == 404
        assert mine.victim.visitor.get(other.victim.url).status_code == 404
        assert "Ask the victim" in other.officer.see("/officer/tasks").words


def test_the_same_reference_finds_each_forces_own_case(shires: list[Shire]) -> None:
    for shire in shires:
        page = shire.officer.see("/officer/conversations")
        page = shire.officer.send(page.form("Find"), reference=REFERENCE)
        assert page.url.endswith(str(shire.victim.case_id))


def test_an_export_has_no_row_of_the_other_force(shires: list[Shire]) -> None:
    for mine, other in (shires, shires[::-1]):
        page = mine.officer.see("/officer/audit")
        form = page.form("Download as a CSV file")
        answer = mine.officer.post(form.action, data=form.values)
        assert str(mine.victim.case_id) in answer.text
        assert str(other.victim.case_id) not in answer.text


def test_a_reason_given_in_one_force_opens_nothing_in_the_other(
    portal: Portal, shires: list[Shire]
) -> None:
    supervisors = [
        portal.officer_signs_in(portal.add_officer("9001", slug, roles=[Role.SUPERVISOR]))
        for slug in ("northshire", "southshire")
    ]
    page = gives_reason(supervisors[0], officers_url(shires[0].victim))
    assert shires[0].word in page.text

    assert supervisors[1].get(officers_url(shires[0].victim)).status_code == 404
    asked: Page = supervisors[1].see(officers_url(shires[1].victim))
    assert asked.h1 == "Say why you are opening this case"
