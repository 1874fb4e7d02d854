"""Victims sign in with a code that works once, for a while, in the browser that asked."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from app import clock
from app.audit.models import AuditRow
from app.notifications.models import Notice
from app.sign_in.models import SignInCode
from tests.factories.facts import case_json
from tests.pages import Page, Visitor
from tests.portal import Joined, Portal

RIGHT = "Your case"


@pytest.fixture
def joined(northshire: Portal) -> Joined:
    return northshire.join()


def ask(someone: Visitor, address: str) -> Page:
    return someone.send(someone.see("/sign-in").form("Continue"), address=address)


def typed(someone: Visitor, code: str) -> Page:
    return someone.send(someone.see("/sign-in/code").form("Sign in"), code=code)


@pytest.mark.parametrize("shape", ["{0} {1}", "{0}{1}", "{0}-{1}", " {0}\u2009{1} "])
def test_a_code_lets_in_however_it_is_typed(northshire: Portal, joined: Joined, shape: str) -> None:
    address, someone = joined.case["victim"]["email"], northshire.visitor()
    ask(someone, address)
    code = northshire.sign_in_code(address)
    assert len(code) == 8
    assert typed(someone, shape.format(code[:4], code[4:])).h1 == RIGHT


@pytest.mark.parametrize("shape", ["{}", "+44{}", "0{}"])
def test_a_mobile_number_does_too(northshire: Portal, joined: Joined, shape: str) -> None:
    mobile = joined.case["victim"]["mobile"]
    local = mobile.replace(" ", "").removeprefix("0")
    someone = northshire.visitor()
    ask(someone, mobile if shape == "{}" else shape.format(local))
    assert typed(someone, northshire.sign_in_code(f"+44{local}")).h1 == RIGHT


def test_it_works_once(northshire: Portal, joined: Joined) -> None:
    address, someone = joined.case["victim"]["email"], northshire.visitor()
    ask(someone, address)
    cookies = someone.get_cookie("session")
    code = northshire.sign_in_code(address)
    assert typed(someone, code).h1 == RIGHT
    again = northshire.visitor()
    assert cookies is not None
    again.set_cookie("session", cookies.value)
    page = typed(again, code)
    assert page.status == 422
    assert "no longer works" in page.words


def test_it_works_only_in_the_browser_that_asked(northshire: Portal, joined: Joined) -> None:
    address = joined.case["victim"]["email"]
    someone, other = northshire.visitor(), northshire.visitor()
    ask(someone, address)
    code = northshire.sign_in_code(address)
    ask(other, "nobody@mail.example")
    assert typed(other, code).status == 422
    assert typed(someone, code).h1 == RIGHT


def test_three_wrong_tries_end_it(northshire: Portal, joined: Joined) -> None:
    address, someone = joined.case["victim"]["email"], northshire.visitor()
    ask(someone, address)
    code = northshire.sign_in_code(address)
    wrong = f"{(int(code) + 1) % 10**8:08}"
    for _ in range(3):
        assert typed(someone, wrong).status == 422
    assert typed(someone, code).status == 422


def test_it_lasts_ten_minutes(northshire: Portal, joined: Joined) -> None:
    address = joined.case["victim"]["email"]
    for minutes, status in ((9, 200), (11, 422)):
        someone = northshire.visitor()
        ask(someone, address)
        code = northshire.sign_in_code(address)
        with time_machine.travel(clock.now() + timedelta(minutes=minutes)):
            assert typed(someone, code).status == status


def test_known_and_unknown_addresses_get_the_same_answer_and_leave_the_same_rows(
    northshire: Portal, joined: Joined
) -> None:
    def rows() -> dict[str, int]:
        with northshire.database.reading() as session:
            return {
                model.__tablename__: session.scalar(select(func.count()).select_from(model)) or 0
                for model in (SignInCode, Notice, AuditRow)
            }

    answers, added = [], []
    for address in (joined.case["victim"]["email"], "nobody@mail.example"):
        before = rows()
        someone = northshire.visitor()
        page = ask(someone, address)
        form = page.form("Sign in").values
        answers.append(page.text.replace(form["csrf_token"], "TOKEN"))
        added.append({name: count - before[name] for name, count in rows().items()})
    assert answers[0] == answers[1]
    assert added[0] == added[1]


def test_nothing_is_sent_to_an_address_that_is_nobodys(northshire: Portal, joined: Joined) -> None:
    before = len(northshire.sender.letters)
    ask(northshire.visitor(), "nobody@mail.example")
    northshire.work()
    assert len(northshire.sender.letters) == before


def test_nothing_is_sent_to_somebody_all_of_whose_cases_are_closed(
    northshire: Portal, joined: Joined
) -> None:
    address = joined.case["victim"]["email"]
    northshire.tell({**joined.case, "domesticAbuse": True})
    before = len(northshire.sender.letters)
    page = ask(northshire.visitor(), address)
    assert page.h1 == "Enter your security code"
    northshire.work()
    assert len(northshire.sender.letters) == before


@pytest.mark.parametrize("nonsense", ["", "alex", "a@b", "0207", "x" * 5_000])
def test_nonsense_is_told_and_comes_back(northshire: Portal, nonsense: str) -> None:
    page = ask(northshire.visitor(), nonsense)
    assert page.status == 422
    assert page.error_messages
    assert page.form("Continue").values["address"] == nonsense


def test_sixty_posts_an_hour_are_no_trouble(northshire: Portal, joined: Joined) -> None:
    someone = northshire.visitor()
    for _ in range(60):
        assert ask(someone, joined.case["victim"]["email"]).status == 200


def test_a_new_session_begins_at_sign_in(northshire: Portal, joined: Joined) -> None:
    address, someone = joined.case["victim"]["email"], northshire.visitor()
    ask(someone, address)
    before = someone.get_cookie("session")
    typed(someone, northshire.sign_in_code(address))
    after = someone.get_cookie("session")
    assert before is not None
    assert after is not None
    assert before.value != after.value


def test_a_session_ends_when_it_is_idle_and_at_its_limit(northshire: Portal) -> None:
    joined = northshire.join(case_json())
    assert joined.visitor.see(joined.url).h1 == RIGHT
    start = clock.now()
    with time_machine.travel(start + timedelta(minutes=21)):
        northshire.work()
        assert joined.visitor.see(joined.url).h1 == "Sign in"
    other = northshire.join(case_json())
    for minutes in range(15, 12 * 60, 15):
        with time_machine.travel(start + timedelta(minutes=minutes)):
            assert other.visitor.see(other.url).h1 == RIGHT
    with time_machine.travel(start + timedelta(hours=12, minutes=1)):
        assert other.visitor.see(other.url).h1 == "Sign in"


def test_signing_out_ends_it_on_the_server(northshire: Portal, joined: Joined) -> None:
    stolen = joined.visitor.get_cookie("session")
    assert stolen is not None
    joined.visitor.send(joined.visitor.see(joined.url).form("Sign out"))
    thief = northshire.visitor()
    thief.set_cookie("session", stolen.value)
    assert thief.see(joined.url).h1 == "Sign in"


@pytest.mark.parametrize("method", ["get", "post"])
def test_leaving_in_a_hurry_ends_it_on_the_server(
    northshire: Portal, joined: Joined, method: str
) -> None:
    stolen = joined.visitor.get_cookie("session")
    assert stolen is not None
    answer = getattr(joined.visitor, method)("/exit")
    assert answer.status_code == (303 if method == "get" else 204)
    assert joined.visitor.get_cookie("session") is None
    thief = northshire.visitor()
    thief.set_cookie("session", stolen.value)
    assert thief.see(joined.url).h1 == "Sign in"


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Purpose": "prefetch"}])
def test_another_site_cannot_sign_anybody_out(joined: Joined, headers: dict[str, str]) -> None:
    assert joined.visitor.get("/exit", headers=headers).status_code == 303
    assert joined.visitor.see(joined.url).h1 == RIGHT
