"""Whose case it is: another person's ends the old one's access; a doubt only closes the door."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from app import clock
from app.cases.leaving import leave_portal
from app.cases.models import Task
from tests.factories.facts import case_json
from tests.integration.cases.steps import open_tasks, sees_neutral_page, why_closed
from tests.integration.cases.test_hold import further_case
from tests.integration.messages.steps import conversation_of
from tests.portal import Joined, Portal

ANOTHER_PERSON = pytest.mark.parametrize(
    "changed",
    [
        {"id": "SOMEBODY-ELSE"},
        {"familyName": "Different"},
        {"dateOfBirth": "1961-02-03"},
    ],
    ids=["victim id", "surname", "birth date"],
)


def changed_case(case: dict[str, Any], changed: dict[str, Any]) -> dict[str, Any]:
    return {**case, "victim": {**case["victim"], **changed}}


def is_signed_out(joined: Joined) -> bool:
    return joined.visitor.get(joined.url).location == "/sign-in"


@ANOTHER_PERSON
def test_another_person_on_the_case_ends_the_old_ones_access_at_once(
    northshire: Portal, changed: dict[str, Any]
) -> None:
    joined = northshire.join()

    northshire.tell(changed_case(joined.case, changed))

    assert is_signed_out(joined), "the account had no other case"
    assert open_tasks(northshire, joined.case["reference"]) == ["identity-changed"]
    someone = northshire.visitor()
    someone.send(someone.see("/sign-in").form("Continue"), address=joined.case["victim"]["email"])
    northshire.work()
    assert northshire.sender.to(joined.case["victim"]["email"], "sign-in-code") == []


def test_the_old_persons_account_stays_for_their_other_case(northshire: Portal) -> None:
    joined = northshire.join()
    further = further_case(northshire, joined)

    northshire.tell(
        changed_case(
            joined.case, {"id": "SOMEBODY-ELSE", "email": "else@mail.example", "mobile": None}
        )
    )

    sees_neutral_page(joined.visitor, joined.url)
    assert further.visitor.see(further.url).status == 200


def test_the_next_person_starts_an_empty_conversation(northshire: Portal) -> None:
    joined = northshire.join()
    joined.writes("Only for my officer")
    northshire.work()
    other = case_json()["victim"]

    after = northshire.join(changed_case(joined.case, other))

    assert after.case_id == joined.case_id
    page = after.visitor.see(after.url)
    assert page.messages == []
    assert "Only for my officer" not in page.text
    assert is_signed_out(joined)


def test_the_inbox_does_not_show_the_old_persons_conversation_under_the_next_ones_name(
    northshire: Portal,
) -> None:
    officer = northshire.add_officer()
    joined, noise = northshire.join(), northshire.join()
    joined.writes("Only for my officer")
    noise.writes("Another case")
    desk = northshire.officer_signs_in(officer)
    assert "Waiting for your answer: 2" in desk.see("/officer/inbox").words

    changed = changed_case(joined.case, case_json()["victim"])
    northshire.tell(changed)
    assert "Waiting for your answer: 1" in desk.see("/officer/inbox").words

    after = northshire.join(changed)
    after.writes("I am somebody else")
    inbox = desk.see("/officer/inbox")
    assert "Waiting for your answer: 2" in inbox.words
    assert inbox.words.count(f"{changed['victim']['familyName']}, {changed['reference']}") == 1


def test_the_inbox_does_not_wait_for_an_answer_to_a_victim_who_left(northshire: Portal) -> None:
    officer = northshire.add_officer()
    joined = northshire.join()
    joined.writes("Goodbye")
    with northshire.database.writing() as session:
        leave_portal(session, conversation_of(northshire, joined.case_id).victim_id, clock.now())
    inbox = northshire.officer_signs_in(officer).see("/officer/inbox")
    assert "Waiting for your answer: 0" in inbox.words
    assert "Other conversations: 0" in inbox.words


def test_what_the_old_person_wrote_still_goes_to_the_record(northshire: Portal) -> None:
    joined = northshire.join()
    northshire.system().fail("503", times=2)
    joined.writes("Please add this")

    northshire.tell({**changed_case(joined.case, {"id": "ELSE"}), "domesticAbuse": True})
    northshire.system().fail("200", times=0)
    northshire.work()

    assert northshire.messages(joined.case_id)[0][2] == "Please add this"


@ANOTHER_PERSON
def test_an_invitation_made_for_somebody_else_is_revoked(
    northshire: Portal, changed: dict[str, Any]
) -> None:
    case = case_json()
    northshire.tell(case)
    link = northshire.invite(case)

    northshire.tell(changed_case(case, changed))

    assert why_closed(northshire, case["reference"]) is None
    assert northshire.visitor().see(link).status == 404
    assert open_tasks(northshire, case["reference"]) == ["identity-changed"]


@pytest.mark.parametrize("key", ["id", "familyName", "dateOfBirth"])
def test_an_unknown_identity_is_a_doubt_and_not_another_person(
    northshire: Portal, key: str
) -> None:
    joined = northshire.join()

    northshire.tell(changed_case(joined.case, {key: None}))

    sees_neutral_page(joined.visitor, joined.url)
    assert open_tasks(northshire, joined.case["reference"]) == ["safeguarding-hold"]


def test_a_given_name_spelt_otherwise_is_the_same_person(northshire: Portal) -> None:
    joined = northshire.join()

    northshire.tell(changed_case(joined.case, {"givenName": "Alexandra"}))

    assert joined.visitor.see(joined.url).status == 200
    assert open_tasks(northshire, joined.case["reference"]) == []


def test_a_changed_email_never_becomes_a_sign_in_address(northshire: Portal) -> None:
    joined = northshire.join()
    old, new = joined.case["victim"]["email"], "new@mail.example"

    northshire.tell(changed_case(joined.case, {"email": new}))

    for address in (new, old):
        someone = northshire.visitor()
        someone.send(someone.see("/sign-in").form("Continue"), address=address)
    northshire.work()
    assert northshire.sender.to(new, "sign-in-code") == []
    assert len(northshire.sender.to(old, "sign-in-code")) == 1
    assert open_tasks(northshire, joined.case["reference"]) == ["address-changed"]


def test_the_officer_is_asked_about_a_changed_email_once_for_each_change(
    northshire: Portal,
) -> None:
    joined = northshire.join()
    reference = joined.case["reference"]
    changed = changed_case(joined.case, {"email": "new@mail.example"})

    def asked_and_done() -> bool:
        was_asked = open_tasks(northshire, reference) == ["address-changed"]
        with northshire.database.writing() as session:
            session.execute(update(Task).values(done_at=clock.now()))
        return was_asked

    northshire.tell(changed)
    assert asked_and_done()
    for status in ("charged", "at-court"):
        northshire.tell({**changed, "status": status})
        assert not asked_and_done()
    northshire.tell(changed_case(joined.case, {"email": "newer@mail.example"}))
    assert asked_and_done()


@pytest.mark.parametrize(
    "changed",
    [
        {"email": "new@mail.example"},
        {"email": None},
        {"contactShared": {"email": True, "mobile": False}},
    ],
    ids=["changed", "gone", "shared"],
)
def test_an_invitation_to_an_address_that_is_no_longer_the_victims_alone_is_revoked(
    northshire: Portal, changed: dict[str, Any]
) -> None:
    case = case_json()
    northshire.tell(case)
    link = northshire.invite(case)

    northshire.tell(changed_case(case, changed))

    assert why_closed(northshire, case["reference"]) is None
    assert northshire.visitor().see(link).status == 404
    assert open_tasks(northshire, case["reference"]) == ["address-changed"]


def test_an_invitation_survives_news_of_other_things(northshire: Portal) -> None:
    case = case_json()
    northshire.tell(case)
    link = northshire.invite(case)

    northshire.tell({**changed_case(case, {"mobile": "07700 900999"}), "status": "charged"})

    assert northshire.answer(northshire.visitor(), case, link).h1 == "Using this safely"
