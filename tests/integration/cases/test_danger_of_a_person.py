"""Danger belongs to a person: it closes every case of theirs, whichever came first."""

from __future__ import annotations

from typing import Any

import pytest

from app.forces.actions import load_forces
from tests.factories.facts import case_json, force_settings
from tests.integration.cases.steps import knows_facts, sees_neutral_page, why_closed
from tests.portal import Portal


def same_victim_id(case: dict[str, Any]) -> dict[str, Any]:
    return {"id": case["victim"]["id"]}


def same_name_and_birth_date(case: dict[str, Any]) -> dict[str, Any]:
    victim = case["victim"]
    return {
        "givenName": victim["givenName"].upper(),
        "familyName": f" {victim['familyName']} ",
        "dateOfBirth": victim["dateOfBirth"],
    }


SAME = pytest.mark.parametrize("same", [same_victim_id, same_name_and_birth_date])


@SAME
def test_danger_closes_a_case_that_came_before(northshire: Portal, same: Any) -> None:
    case, noise = case_json(), case_json()
    northshire.tell(case)
    northshire.tell(noise)
    dangerous = case_json(domesticAbuse=True, victim=same(case))

    northshire.tell(dangerous)

    assert why_closed(northshire, case["reference"]) == "danger-elsewhere"
    assert not knows_facts(northshire, case["reference"])
    assert why_closed(northshire, noise["reference"]) is None


@SAME
def test_danger_closes_a_case_that_comes_after(northshire: Portal, same: Any) -> None:
    case = case_json()
    northshire.tell(case_json(victim={**same(case), "linkedToSuspect": True}))

    northshire.tell(case)

    assert why_closed(northshire, case["reference"]) == "danger-elsewhere"
    assert not knows_facts(northshire, case["reference"])


@SAME
def test_danger_holds_a_case_that_was_joined(northshire: Portal, same: Any) -> None:
    joined = northshire.join()

    northshire.tell(case_json(flags=["stalking"], victim=same(joined.case)))

    assert why_closed(northshire, joined.case["reference"]) == "held"
    sees_neutral_page(joined.visitor, joined.url)


def test_danger_on_a_case_of_another_force_closes_nothing(northshire: Portal) -> None:
    northshire.add_force(
        slug="westshire", ons_code="E23000098", case_system={"url": "http://127.0.0.1:9300"}
    )
    case = case_json()
    northshire.tell(case)

    northshire.tell(case_json(domesticAbuse=True, victim=same_victim_id(case)), "westshire")

    assert why_closed(northshire, case["reference"]) is None


def test_a_victim_who_turns_out_to_be_somebody_dangerous_closes_their_other_case(
    northshire: Portal,
) -> None:
    case, dangerous = case_json(), case_json(domesticAbuse=True)
    northshire.tell(dangerous)
    northshire.tell(case)
    assert why_closed(northshire, case["reference"]) is None

    dangerous["victim"] = {**dangerous["victim"], "id": case["victim"]["id"]}
    northshire.tell(dangerous)

    assert why_closed(northshire, case["reference"]) == "danger-elsewhere"


def test_danger_that_was_a_mistake_lets_in_again_once_the_case_is_told_again(
    northshire: Portal,
) -> None:
    case = case_json()
    dangerous = case_json(domesticAbuse=True, victim=same_victim_id(case))
    northshire.tell(case)
    northshire.tell(dangerous)

    northshire.tell({**dangerous, "domesticAbuse": False})
    assert why_closed(northshire, case["reference"]) == "danger-elsewhere", "nothing is known of it"
    northshire.tell(case)

    assert why_closed(northshire, case["reference"]) is None


@pytest.mark.parametrize("dangerous_first", [True, False])
def test_danger_outlives_a_re_read(northshire: Portal, dangerous_first: bool) -> None:
    case = case_json()
    dangerous = case_json(domesticAbuse=True, victim=same_victim_id(case))
    for each in (dangerous, case) if dangerous_first else (case, dangerous):
        northshire.tell(each)

    with northshire.database.writing() as session:
        load_forces(session, [force_settings(eligible_offences=["burglary-dwelling", "fraud"])])
    northshire.work()

    assert why_closed(northshire, case["reference"]) == "danger-elsewhere"
