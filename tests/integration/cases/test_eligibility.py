"""What the feed says decides who may be in, from the next request on."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from app import clock
from app.cases.invitations import CannotInvite, invite
from app.cases.models import Case
from tests.factories.facts import case_json, rfc3339
from tests.integration.cases.steps import (
    NEUTRAL,
    everything_stored,
    knows_facts,
    open_tasks,
    owed_notices,
    sees_neutral_page,
    why_closed,
)
from tests.portal import Portal


def test_an_eligible_case_is_open_and_its_victim_can_join(northshire: Portal) -> None:
    joined = northshire.join()

    page = joined.visitor.see(joined.url)

    assert page.status == 200
    assert joined.case["reference"] in page.words


@pytest.mark.parametrize(
    "spoiled,reason",
    [
        ({"domesticAbuse": True}, "domestic-abuse"),
        ({"domesticAbuse": None}, "domestic-abuse-unknown"),
        ({"flags": ["repeat-victim", "stalking"]}, "flagged"),
        ({"offence": {"code": "rape"}}, "offence-not-eligible"),
        ({"victim": {"safeToContact": None}}, "safe-to-contact-unknown"),
        ({"victim": {"contactShared": {"email": True, "mobile": None}}}, "no-usable-channel"),
    ],
)
def test_of_a_case_that_is_not_eligible_only_hashes_and_the_reason_are_stored(
    northshire: Portal, spoiled: dict[str, Any], reason: str
) -> None:
    case = case_json(**spoiled)
    case["victim"] |= {"givenName": "Xanthippe", "familyName": "Quillfeather"}

    northshire.tell(case)

    assert why_closed(northshire, case["reference"]) == reason
    assert_nothing_personal_is_stored(northshire, case)
    stored = northshire.case(northshire.case_id(case["reference"]))
    assert stored.facts_text_sealed is None
    assert stored.wrapped_key is None
    assert stored.status is None
    assert stored.officer_id is None


def assert_nothing_personal_is_stored(portal: Portal, case: dict[str, Any]) -> None:
    victim = case["victim"]
    digits = "".join(filter(str.isdigit, victim["mobile"]))
    said = [
        victim["givenName"],
        victim["familyName"],
        case["reference"],
        victim["email"],
        victim["dateOfBirth"],
        digits[1:],
        victim["id"],
        case["offence"]["title"],
    ]
    everything = everything_stored(portal)
    url = str(portal.database.engine.url)
    if url.startswith("sqlite"):
        file = Path(url.removeprefix("sqlite:///"))
        for each in file.parent.glob(f"{file.name}*"):
            everything += each.read_bytes().decode("latin-1")
    assert [word for word in said if word in everything] == []


def test_nobody_can_be_invited_to_a_case_that_is_not_eligible(northshire: Portal) -> None:
    case = case_json(domesticAbuse=True)
    northshire.tell(case)

    with northshire.database.writing() as session, pytest.raises(CannotInvite, match="not-open"):
        invite(session, session.get_one(Case, northshire.case_id(case["reference"])), clock.now())


def test_a_case_that_stops_being_eligible_before_joining_is_shut_and_forgotten(
    northshire: Portal,
) -> None:
    case = case_json()
    northshire.tell(case)
    link = northshire.invite(case)

    northshire.tell({**case, "domesticAbuse": True})

    assert not knows_facts(northshire, case["reference"])
    assert northshire.visitor().see(link).status == 404
    assert_nothing_personal_is_stored(northshire, case)
    northshire.tell(case)
    assert why_closed(northshire, case["reference"]) is None
    assert northshire.visitor().see(link).status == 404, "a revoked invitation stays shut"


def test_an_invitation_that_has_not_left_yet_never_does(northshire: Portal) -> None:
    case = case_json()
    northshire.tell(case)
    with northshire.database.writing() as session:
        stored = session.get_one(Case, northshire.case_id(case["reference"]))
        invite(session, stored, clock.now())
    assert owed_notices(northshire) == ["invitation"]

    northshire.tell({**case, "domesticAbuse": True})

    assert owed_notices(northshire) == []
    assert northshire.sender.letters == []


def test_a_risk_assessment_lapses_while_nobody_says_anything(northshire: Portal) -> None:
    with time_machine.travel(clock.now(), tick=False) as time:
        assessed = clock.now() - timedelta(days=89, hours=23)
        joined = northshire.join(case_json(riskAssessedAt=rfc3339(assessed)))
        assert joined.visitor.see(joined.url).status == 200

        time.shift(timedelta(minutes=59))
        northshire.work()
        someone = joined.visitor
        assert why_closed(northshire, joined.case["reference"]) is None

        time.shift(timedelta(minutes=1))
        assert why_closed(northshire, joined.case["reference"]) == "assessment-lapsed"
        assert someone.see("/cases").h1 != joined.case["reference"]


def test_a_risk_assessment_that_lapsed_closes_the_page_itself(northshire: Portal) -> None:
    with time_machine.travel(clock.now(), tick=False) as time:
        assessed = clock.now() - timedelta(days=90) + timedelta(minutes=5)
        joined = northshire.join(case_json(riskAssessedAt=rfc3339(assessed)))
        assert joined.visitor.see(joined.url).status == 200

        time.shift(timedelta(minutes=5))

        sees_neutral_page(joined.visitor, joined.url)


def test_a_feed_that_is_too_old_closes_every_case_until_it_is_fresh(northshire: Portal) -> None:
    joined = northshire.join()
    northshire.system().is_reachable = False

    with time_machine.travel(clock.now() + timedelta(hours=71, minutes=59)):
        assert why_closed(northshire, joined.case["reference"]) is None
    with time_machine.travel(clock.now() + timedelta(hours=72, minutes=1)):
        northshire.work()
        assert why_closed(northshire, joined.case["reference"]) == "feed-too-old"
        someone = northshire.visitor()
        page = someone.see("/sign-in")
        someone.send(page.form("Continue"), address=joined.case["victim"]["email"])
        northshire.work()
        assert northshire.sender.to(joined.case["victim"]["email"], "sign-in-code") == []

        northshire.system().is_reachable = True
        northshire.work()

        assert why_closed(northshire, joined.case["reference"]) is None


def test_two_victims_who_share_an_address_cannot_use_it(northshire: Portal) -> None:
    shared = {"email": "shared@mail.example", "mobile": None}
    first, second = case_json(victim=shared), case_json(victim=shared)
    northshire.tell(first)
    assert why_closed(northshire, first["reference"]) is None

    northshire.tell(second)

    assert why_closed(northshire, first["reference"]) == "no-usable-channel"
    assert why_closed(northshire, second["reference"]) == "no-usable-channel"


def test_an_address_counts_however_it_is_written(northshire: Portal) -> None:
    first = case_json(victim={"email": None, "mobile": "07700 900123"})
    second = case_json(victim={"email": None, "mobile": "+44 7700 900123"})

    northshire.tell(first)
    northshire.tell(second)

    assert why_closed(northshire, first["reference"]) == "no-usable-channel"


def test_an_address_that_another_victim_gives_up_can_be_used_again(northshire: Portal) -> None:
    shared = {"email": "shared@mail.example", "mobile": None}
    first, second = case_json(victim=shared), case_json(victim=shared)
    northshire.tell(first)
    northshire.tell(second)

    second["victim"]["email"] = "own@mail.example"
    northshire.tell(second)
    northshire.tell(first)

    assert why_closed(northshire, first["reference"]) is None


def test_a_victim_whose_address_turns_up_on_another_case_is_held(northshire: Portal) -> None:
    joined = northshire.join()
    other = case_json(victim={"email": joined.case["victim"]["email"]})

    northshire.tell(other)

    assert why_closed(northshire, joined.case["reference"]) == "held"
    assert open_tasks(northshire, joined.case["reference"]) == ["safeguarding-hold"]
    assert why_closed(northshire, other["reference"]) is None, "the mobile is only theirs"


def test_the_address_in_use_counts_even_after_the_feed_has_another(northshire: Portal) -> None:
    joined = northshire.join(case_json(victim={"mobile": None}))
    old = joined.case["victim"]["email"]
    joined.case["victim"] |= {"email": "new@mail.example"}
    northshire.tell(joined.case)
    assert why_closed(northshire, joined.case["reference"]) is None

    northshire.tell(case_json(victim={"email": old}))

    assert why_closed(northshire, joined.case["reference"]) == "held"


def test_one_person_recorded_under_two_ids_does_not_share_with_anybody(
    northshire: Portal,
) -> None:
    first = case_json()
    second = case_json(victim={**first["victim"], "id": "ANOTHER-ID"})

    northshire.tell(first)
    northshire.tell(second)

    assert why_closed(northshire, first["reference"]) is None
    assert why_closed(northshire, second["reference"]) is None


def test_two_references_that_people_would_type_alike_are_two_cases(northshire: Portal) -> None:
    first, second = case_json(reference="1/12/25"), case_json(reference="11/2/25")
    northshire.tell(first)
    northshire.tell(second)

    assert northshire.case_id("1/12/25") != northshire.case_id("11/2/25")
    joined = northshire.join(first)
    northshire.tell(second)
    assert joined.visitor.see(joined.url).status == 200
    assert NEUTRAL not in joined.visitor.see("/cases").words
