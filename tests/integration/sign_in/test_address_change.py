"""Another address to sign in with: only once both confirmed it, or through the officer."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.accounts.models import Victim
from app.audit.vocabulary import Action
from tests.factories.facts import case_json
from tests.integration.sign_in.steps import RIGHT, other_code, recorded, sent, sign_in
from tests.pages import Page, Visitor
from tests.portal import Joined, OfficerAccount, Portal

NEW = "somewhere.else@mail.example"


@pytest.fixture
def joined(northshire: Portal, officer: OfficerAccount) -> Joined:
    return northshire.join(case_json(officerInCase={"collar": officer.collar}))


@pytest.fixture
def address(joined: Joined) -> str:
    found: str = joined.case["victim"]["email"]
    return found


def ask_for(someone: Visitor, address: str) -> Page:
    return someone.send(someone.see("/preferences/address").form("Continue"), address=address)


def code_at(portal: Portal, address: str) -> str:
    portal.work()
    body = portal.sender.to(address, "address-code")[-1].text.body
    return "".join(filter(str.isdigit, body))[:8]


def confirm(someone: Visitor, old: str, new: str) -> Page:
    form = someone.see("/preferences/address/confirm").form("Change the address")
    return someone.send(form, old=old, new=new)


def test_it_changes_once_both_addresses_have_confirmed(
    northshire: Portal, joined: Joined, address: str
) -> None:
    other, _page = sign_in(northshire, address)
    page = ask_for(joined.visitor, NEW.upper())
    assert page.h1 == "Enter both codes"
    old, new = code_at(northshire, address), code_at(northshire, NEW)
    for wrong in ((old, other_code(new)), (other_code(old), new)):
        assert confirm(joined.visitor, *wrong).status == 422
    page = confirm(joined.visitor, old, f"{new[:4]} {new[4:]}")
    assert page.h1 == "Your address has changed"
    assert other.see(joined.url).h1 == "Sign in"
    assert joined.visitor.see(joined.url).h1 == RIGHT
    assert sign_in(northshire, NEW)[1].h1 == RIGHT
    before = sent(northshire, address)
    northshire.visitor()
    with pytest.raises(AssertionError):
        assert sign_in(northshire, address)[1].h1 == RIGHT
    assert sent(northshire, address) == before
    [row] = recorded(northshire, Action.ADDRESS_CHANGED)
    assert (row.actor_kind, row.details) == (
        "victim",
        {"channel": "email", "reason": "both-confirmed"},
    )


def test_three_wrong_tries_end_it(northshire: Portal, joined: Joined, address: str) -> None:
    ask_for(joined.visitor, NEW)
    old, new = code_at(northshire, address), code_at(northshire, NEW)
    for _ in range(3):
        confirm(joined.visitor, old, other_code(new))
    assert confirm(joined.visitor, old, new).status == 422
    assert len(recorded(northshire, Action.ADDRESS_CHANGE_FAILED)) == 3
    assert recorded(northshire, Action.ADDRESS_CHANGED) == []


def test_anothers_address_gets_no_code_and_the_page_does_not_tell(
    northshire: Portal, joined: Joined, address: str
) -> None:
    told = case_json()
    northshire.tell(told)
    another = northshire.join()
    pages = []
    for taken in (told["victim"]["email"], another.case["victim"]["email"], NEW):
        page = ask_for(joined.visitor, taken)
        token = page.form("Change the address").values["csrf_token"]
        pages.append(page.text.replace(token, "TOKEN"))
    # The seconds that the session has left differ.
    assert len({each.split("data-session-seconds")[0] for each in pages}) == 1
    northshire.work()
    reached = {letter.to for letter in northshire.sender.letters if "address" in letter.template}
    assert reached == {address, NEW}


def test_it_can_be_asked_three_times_an_hour(northshire: Portal, joined: Joined) -> None:
    for number in range(3):
        assert ask_for(joined.visitor, f"new{number}@mail.example").h1 == "Enter both codes"
    page = ask_for(joined.visitor, NEW)
    assert page.status == 422
    assert "ask your officer, or call 101" in page.words


@pytest.mark.parametrize("nonsense", ["", "nonsense", "a@b"])
def test_nonsense_is_told(joined: Joined, nonsense: str) -> None:
    page = ask_for(joined.visitor, nonsense)
    assert page.status == 422
    assert page.error_messages


def test_a_channel_that_is_shared_on_the_case_is_not_used(northshire: Portal) -> None:
    joined = northshire.join(case_json(victim={"contactShared": {"mobile": True}}))
    ask_for(joined.visitor, "07700 900999")
    northshire.work()
    assert [each.to for each in northshire.sender.letters if each.template == "address-code"] == [
        joined.case["victim"]["email"]
    ]


def test_news_goes_nowhere_until_it_is_chosen_again(
    northshire: Portal, joined: Joined, address: str
) -> None:
    page = joined.visitor.see("/preferences")
    joined.visitor.send(page.form("Save"), channel="email", only_me="y")
    ask_for(joined.visitor, NEW)
    confirm(joined.visitor, code_at(northshire, address), code_at(northshire, NEW))
    with northshire.database.reading() as session:
        assert session.scalars(select(Victim.notice_channel)).all() == [None]


def test_an_officer_changes_it_after_a_call(
    northshire: Portal, joined: Joined, officer: OfficerAccount
) -> None:
    desk = northshire.officer_signs_in(officer)
    page = desk.see(desk.see(f"/officer/cases/{joined.case_id}").link("email address or mobile"))
    assert desk.send(page.form("Change the address"), address=NEW).status == 422
    page = desk.send(page.form("Change the address"), address=NEW, reason="called-known-number")
    assert page.h1.startswith("Case ")
    assert joined.visitor.see(joined.url).h1 == "Sign in"
    assert sign_in(northshire, NEW)[1].h1 == RIGHT
    [row] = recorded(northshire, Action.ADDRESS_CHANGED)
    assert (row.actor_id, row.details["reason"]) == (officer.id, "called-known-number")
    northshire.tell(joined.case)
    assert northshire.case(joined.case_id).held_at is None


def test_an_officer_cannot_give_a_victim_anothers_address(
    northshire: Portal, joined: Joined, officer: OfficerAccount
) -> None:
    taken = northshire.join().case["victim"]["email"]
    desk = northshire.officer_signs_in(officer)
    form = desk.see(f"/officer/cases/{joined.case_id}/address").form("Change the address")
    page = desk.send(form, address=taken, reason="met-in-person")
    assert page.status == 422
    assert "cannot be used for this victim" in page.words
    assert joined.visitor.see(joined.url).h1 == RIGHT
