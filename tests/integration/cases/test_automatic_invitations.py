"""Automatic invitations and their brakes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine

from app import clock
from app.accounts.models import Officer
from app.cases.models import Case
from app.forces.actions import load_forces
from tests.factories.facts import case_json, force_settings, rfc3339
from tests.integration.cases.steps import invitations_of, open_tasks
from tests.portal import Portal
from tests.together import run_together

AUTOMATIC: dict[str, Any] = {
    "invitations": "automatic",
    "invite_reported_from": date(2020, 1, 1),
    "require_active_officer": False,
}


@pytest.fixture
def automatic(portal: Portal) -> Portal:
    portal.add_force(**AUTOMATIC)
    return portal


def invited(portal: Portal, *cases: dict[str, Any]) -> list[bool]:
    return [bool(portal.sender.to(case["victim"]["email"], "invitation")) for case in cases]


def change_force(portal: Portal, **overrides: Any) -> None:
    with portal.database.writing() as session:
        load_forces(session, [force_settings(**overrides)])


def test_an_eligible_case_is_invited_by_itself(automatic: Portal) -> None:
    case = case_json()

    automatic.tell(case)

    assert invited(automatic, case) == [True]
    link = automatic.invitation_link(case["victim"]["email"])
    assert automatic.answer(automatic.visitor(), case, link).h1 == "Using this safely"


def test_telling_a_case_again_invites_nobody_again(automatic: Portal) -> None:
    case = case_json()

    for _ in range(3):
        automatic.tell(case)

    assert len(automatic.sender.to(case["victim"]["email"], "invitation")) == 1


def test_by_officer_means_that_nobody_is_invited_by_itself(northshire: Portal) -> None:
    case = case_json()

    northshire.tell(case)

    assert invited(northshire, case) == [False]


def test_the_first_complete_read_invites_nobody(portal: Portal) -> None:
    portal.add_force()
    early = [case_json() for _ in range(60)]
    settings = {"slug": "westshire", "case_system": {"url": "http://127.0.0.1:9300"}}
    portal.systems["http://127.0.0.1:9300"] = type(portal.system())()
    for case in early:
        portal.systems["http://127.0.0.1:9300"].put_case(case["reference"], case)

    portal.add_force(**AUTOMATIC, **settings, ons_code="E23000098")
    portal.work()
    late = case_json()
    portal.tell(late, "westshire")

    assert not any(invited(portal, *early))
    assert invited(portal, late) == [True]


def test_a_re_read_invites_nobody(automatic: Portal) -> None:
    case = case_json(offence={"code": "fraud"})
    automatic.tell(case)

    change_force(automatic, **AUTOMATIC, eligible_offences=["fraud"])
    automatic.work()

    stored = automatic.case(automatic.case_id(case["reference"]))
    assert stored.reason is None
    assert invited(automatic, case) == [False]


@pytest.mark.parametrize("seen", [{"status": "closed"}, {"closedAt": "2026-01-01T00:00:00Z"}])
def test_a_case_first_seen_closed_invites_nobody_even_when_it_opens_again(
    automatic: Portal, seen: dict[str, Any]
) -> None:
    case = case_json()

    automatic.tell({**case, **seen})
    automatic.tell({**case, **seen, "domesticAbuse": None})
    automatic.tell(case)

    assert invited(automatic, case) == [False]


def test_cases_reported_before_the_first_day_are_not_invited(portal: Portal) -> None:
    portal.add_force(**{**AUTOMATIC, "invite_reported_from": date(2026, 6, 1)})
    # Midnight of a summer's day in London is 23:00 UTC the day before.
    early = case_json(reportedAt="2026-05-31T22:59:59Z")
    late = case_json(reportedAt="2026-05-31T23:00:00Z")

    portal.tell(early)
    portal.tell(late)

    assert invited(portal, early, late) == [False, True]


def test_over_the_daily_limit_a_person_is_asked(portal: Portal) -> None:
    portal.add_force(**AUTOMATIC, invitations_per_day=2)
    cases = [case_json() for _ in range(4)]
    for case in cases:
        portal.system().put_case(case["reference"], case)

    portal.work()

    assert sum(invited(portal, *cases)) == 2
    asked = [open_tasks(portal, case["reference"]) for case in cases]
    assert sorted(asked) == [[], [], ["invitation-limit"], ["invitation-limit"]]


def test_a_new_day_has_a_new_limit(portal: Portal) -> None:
    portal.add_force(**AUTOMATIC, invitations_per_day=1)
    first, second = case_json(), case_json()
    portal.tell(first)

    with time_machine.travel(clock.now() + timedelta(days=1)):
        second["riskAssessedAt"] = rfc3339(clock.now())
        portal.tell(second)

    assert invited(portal, first, second) == [True, True]


def test_nobody_is_invited_while_the_officer_has_not_signed_in(portal: Portal) -> None:
    portal.add_force(**{**AUTOMATIC, "require_active_officer": True})
    officer = portal.add_officer()
    case, noise = case_json(), case_json(officerInCase=None)
    portal.tell(case)
    portal.tell(noise)
    assert invited(portal, case, noise) == [False, False]

    portal.officer_signs_in(officer)
    portal.work()
    assert invited(portal, case, noise) == [True, False]

    with portal.database.writing() as session:
        session.get_one(Officer, officer.id).last_signed_in_at = clock.now() - timedelta(days=31)
    late = case_json()
    portal.tell(late)
    assert invited(portal, late) == [False]


def test_going_back_to_by_officer_stops_those_that_wait(portal: Portal) -> None:
    portal.add_force(**{**AUTOMATIC, "require_active_officer": True})
    case = case_json()
    portal.tell(case)

    change_force(portal)
    portal.officer_signs_in(portal.add_officer())
    portal.work()

    assert invited(portal, case) == [False]


def test_a_case_that_closes_while_it_waits_is_not_invited(portal: Portal) -> None:
    portal.add_force(**{**AUTOMATIC, "require_active_officer": True})
    case = case_json()
    portal.tell(case)

    portal.tell({**case, "status": "closed"})
    portal.officer_signs_in(portal.add_officer())
    portal.work()

    assert invited(portal, case) == [False]


def test_a_changed_address_or_person_is_not_invited_by_itself(automatic: Portal) -> None:
    case, other = case_json(), case_json()
    automatic.tell(case)
    automatic.tell(other)

    case["victim"] = {**case["victim"], "email": "new@mail.example", "mobile": None}
    other["victim"] = {**other["victim"], "id": "ELSE", "email": "else@mail.example"}
    for each in (case, other, case, other):
        automatic.tell(each)

    assert invited(automatic, case, other) == [False, False]


def test_somebody_who_said_this_is_not_me_is_not_invited_again(automatic: Portal) -> None:
    case = case_json()
    automatic.tell(case)
    someone = automatic.visitor()
    page = someone.see(automatic.invitation_link(case["victim"]["email"]))
    someone.send(page.form("This is not me"))

    automatic.tell({**case, "domesticAbuse": None})
    automatic.tell(case)

    assert len(automatic.sender.to(case["victim"]["email"], "invitation")) == 1


def test_two_workers_invite_within_one_limit(portal: Portal) -> None:
    portal.add_force(**AUTOMATIC, invitations_per_day=3)
    cases = [case_json() for _ in range(6)]
    for case in cases:
        portal.system().put_case(case["reference"], case)
    portal.work_.refresh_systems()
    portal.work_.read_feeds(ignore_interval=True)

    run_together(portal.work_.invite, times=4)

    made = [invitations_of(portal, portal.case_id(case["reference"])) for case in cases]
    assert sorted(map(len, made)) == [0, 0, 0, 1, 1, 1]
    with portal.database.reading() as session:
        states = sorted(each.invitation_state for each in session.query(Case))
    assert states == ["asked-a-person"] * 3 + ["invited"] * 3


def test_a_case_that_cannot_be_opened_keeps_no_other_force_from_inviting(
    automatic: Portal,
) -> None:
    url = {"url": "http://127.0.0.1:9200"}
    automatic.add_force(slug="southshire", ons_code="E23000098", case_system=url, **AUTOMATIC)
    spoilt, sound = case_json(), case_json()
    automatic.system().put_case(spoilt["reference"], spoilt)
    automatic.system("southshire").put_case(sound["reference"], sound)
    automatic.work_.read_feeds(ignore_interval=True)
    with automatic.database.writing() as session:
        case = session.get_one(Case, automatic.case_id(spoilt["reference"]))
        case.facts_text_sealed = b"not sealed by any key of ours"
    automatic.work_.invite()
    automatic.work_.hand_over_notices()
    assert invited(automatic, spoilt, sound) == [False, True]
