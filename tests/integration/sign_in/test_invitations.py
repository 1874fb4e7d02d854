"""An invitation lets its person in once, and nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from app import clock
from app.cases.models import Invitation, Task, TaskKind
from tests.factories.facts import case_json
from tests.pages import Page, Visitor
from tests.portal import Portal

CLOSED = "This invitation cannot be used"


def answer(someone: Visitor, page: Page, **answers: str) -> Page:
    wrong = {"reference": "NS/999999/26", "day": "1", "month": "2", "year": "1980"}
    form = page.form("Continue")
    form.values |= wrong | answers
    return someone.send(form)


@pytest.fixture
def case() -> dict:
    return case_json(victim={"dateOfBirth": "1987-03-27"})


@pytest.fixture
def link(northshire: Portal, case: dict) -> str:
    northshire.tell(case)
    return northshire.invite(case)


def test_the_token_leaves_the_address_before_anything_is_shown(
    northshire: Portal, link: str
) -> None:
    response = northshire.visitor().get(link)
    assert response.status_code == 303
    assert link.rsplit("/", 1)[1] not in response.location


def test_looking_uses_nothing_up(northshire: Portal, case: dict, link: str) -> None:
    for _ in range(3):
        assert northshire.visitor().see(link).status == 200
    assert northshire.answer(northshire.visitor(), case, link).h1 == "Using this safely"


def test_it_works_once(northshire: Portal, case: dict, link: str) -> None:
    northshire.answer(northshire.visitor(), case, link)
    page = northshire.visitor().see(link)
    assert (page.h1, page.status) == (CLOSED, 404)


@pytest.mark.parametrize("between", ["/", " / ", "-", " ", ""])
def test_the_reference_is_taken_as_people_type_it(
    northshire: Portal, case: dict, link: str, between: str
) -> None:
    typed = f" {case['reference'].lower().replace('/', between)} "
    someone = northshire.visitor()
    page = answer(someone, someone.see(link), reference=typed, day="27", month="3", year="1987")
    assert page.h1 == "Using this safely"


@pytest.mark.parametrize("month", ["March", "mar", "03"])
def test_the_month_may_be_a_name(northshire: Portal, case: dict, link: str, month: str) -> None:
    someone = northshire.visitor()
    page = answer(
        someone,
        someone.see(link),
        reference=case["reference"],
        day="27",
        month=month,
        year="1987",
    )
    assert page.h1 == "Using this safely"


def test_who_lacks_these_is_told_where_to_find_them_and_nothing_about_the_invitation(
    northshire: Portal, link: str
) -> None:
    someone, stranger = northshire.visitor(), northshire.visitor()
    help_url = someone.see(link).link("I do not have these")

    assert someone.see(help_url).text == stranger.see("/invitation/help").text
    assert "crime reference" not in someone.see(help_url).title


def test_five_wrong_answers_shut_it_and_what_was_typed_comes_back(
    northshire: Portal, case: dict, link: str
) -> None:
    someone = northshire.visitor()
    page = someone.see(link)
    for left in (4, 3, 2, 1):
        page = answer(someone, page)
        assert page.status == 422
        assert f"You have {left} tr" in page.words
        assert page.form("Continue").values["reference"] == "NS/999999/26"
    page = answer(someone, page)
    assert (page.h1, page.status) == (CLOSED, 404)
    assert northshire.visitor().see(link).h1 == CLOSED


def test_wrong_answers_count_whatever_browser_they_come_from(
    northshire: Portal, case: dict, link: str
) -> None:
    for _ in range(5):
        someone = northshire.visitor()
        answer(someone, someone.see(link))
    assert northshire.visitor().see(link).h1 == CLOSED


@pytest.mark.parametrize(
    "missing, said",
    [
        ({"reference": ""}, "Enter your crime reference number"),
        ({"day": "", "month": "", "year": ""}, "Enter your date of birth"),
        ({"day": "31", "month": "2"}, "Enter your date of birth, like 27 3 1987"),
    ],
)
def test_what_is_missing_is_asked_for_and_costs_no_try(
    northshire: Portal, link: str, missing: dict[str, str], said: str
) -> None:
    someone = northshire.visitor()
    page = someone.see(link)
    for _ in range(6):
        page = answer(someone, page, **missing)
        assert page.status == 422
        assert any(said in each for each in page.error_messages)


def test_it_lasts_seven_days(northshire: Portal, case: dict, link: str) -> None:
    with time_machine.travel(clock.now() + timedelta(days=6, hours=23)):
        northshire.work()
        assert northshire.visitor().see(link).status == 200
    with time_machine.travel(clock.now() + timedelta(days=7, minutes=1)):
        northshire.work()
        assert northshire.visitor().see(link).h1 == CLOSED


def test_this_is_not_me_shuts_it_and_tells_the_officer(
    northshire: Portal, case: dict, link: str
) -> None:
    someone = northshire.visitor()
    page = someone.send(someone.see(link).form("This is not me"))
    assert page.h1 == "Thank you for telling us"
    assert northshire.visitor().see(link).h1 == CLOSED
    with northshire.database.reading() as session:
        kinds = session.scalars(select(Task.kind)).all()
    assert kinds == [TaskKind.ADDRESS_WRONG.value]


@pytest.mark.parametrize("spoiled", [{"domesticAbuse": True}, {"flags": ["weapon"]}])
def test_danger_shuts_it_before_it_is_answered(
    northshire: Portal, case: dict, link: str, spoiled: dict
) -> None:
    someone = northshire.visitor()
    page = someone.see(link)
    northshire.tell({**case, **spoiled})
    year, month, day = case["victim"]["dateOfBirth"].split("-")
    page = answer(someone, page, reference=case["reference"], day=day, month=month, year=year)
    assert page.h1 == CLOSED


def test_a_new_one_shuts_the_old_one(northshire: Portal, case: dict, link: str) -> None:
    newer = northshire.invite(case)
    assert northshire.visitor().see(link).h1 == CLOSED
    assert northshire.visitor().see(newer).status == 200


def test_only_its_hash_is_kept(northshire: Portal, link: str) -> None:
    token = link.rsplit("/", 1)[1]
    with northshire.database.reading() as session:
        [invitation] = session.scalars(select(Invitation)).all()
    assert token.encode() not in invitation.token_hash


def test_without_an_address_of_email_it_goes_by_text(northshire: Portal) -> None:
    case = case_json(victim={"email": None})
    northshire.tell(case)
    northshire.invite(case)
    [letter] = northshire.sender.letters
    assert (letter.channel, letter.template) == ("sms", "invitation")
    shared = case_json(victim={"contactShared": {"email": True}})
    northshire.tell(shared)
    case_id = northshire.case_id(shared["reference"])
    assert northshire.case(case_id).reason is None
    with pytest.raises(IndexError):
        northshire.invite(shared)
    assert northshire.sender.letters[-1].channel == "sms"


def test_it_names_no_crime_and_no_reference(northshire: Portal, case: dict, link: str) -> None:
    [letter] = northshire.sender.letters
    told = f"{letter.text.subject} {letter.text.body}"
    assert letter.text.body.count("://") == 1
    words = (case["reference"], "burglary", "Burglary", case["victim"]["familyName"], "1234")
    for word in words:
        assert word not in told
