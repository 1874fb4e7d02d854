"""Officers sign in with a password and a code that works once."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from app import clock
from app.accounts.models import Officer
from tests.pages import Page, Visitor
from tests.portal import PASSWORD, OfficerAccount, Portal


def give_password(someone: Visitor, email: str, password: str = PASSWORD) -> Page:
    page = someone.see("/officer/sign-in")
    return someone.send(page.form("Sign in"), email=email, password=password)


@pytest.mark.parametrize(
    "email, password",
    [("{}", "wrong"), ("nobody@force.example", PASSWORD), ("nonsense", PASSWORD)],
)
def test_a_wrong_password_and_an_unknown_address_are_told_alike(
    northshire: Portal, officer: OfficerAccount, email: str, password: str
) -> None:
    page = give_password(northshire.visitor(), email.format(officer.email), password)
    assert page.status == 422
    assert page.error_messages == ["The email address or the password is not right"]
    assert page.form("Sign in").values["password"] == ""


def test_the_code_of_now_lets_in_and_works_once(
    northshire: Portal, officer: OfficerAccount
) -> None:
    code = officer.code()
    with time_machine.travel(clock.now(), tick=False):
        for expected in ("Inbox", "Enter your authenticator code"):
            someone = northshire.visitor()
            page = give_password(someone, officer.email)
            page = someone.send(page.form("Sign in"), code=code)
            assert page.h1 == expected


def test_a_wrong_code_does_not(northshire: Portal, officer: OfficerAccount) -> None:
    someone = northshire.visitor()
    page = give_password(someone, officer.email)
    wrong = f"{(int(officer.code()) + 1) % 1_000_000:06}"
    page = someone.send(page.form("Sign in"), code=wrong)
    assert page.status == 422


def test_the_code_alone_is_nothing(northshire: Portal, officer: OfficerAccount) -> None:
    assert northshire.visitor().see("/officer/sign-in/code").h1 == "Sign in as an officer"


def test_the_password_counts_for_ten_minutes(northshire: Portal, officer: OfficerAccount) -> None:
    someone = northshire.visitor()
    page = give_password(someone, officer.email)
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        page = someone.send(page.form("Sign in"), code=officer.code())
        assert page.h1 == "Sign in as an officer"


def test_sixty_wrong_tries_shut_the_account_for_a_while(
    northshire: Portal, officer: OfficerAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.sign_in.officers.TRIES_IN_AN_HOUR", 3)
    someone = northshire.visitor()
    for _ in range(3):
        assert give_password(someone, officer.email, "wrong").status == 422
    page = give_password(someone, officer.email)
    assert page.status == 429
    assert int(page.response.headers["Retry-After"]) > 0
    with time_machine.travel(clock.now() + timedelta(minutes=61)):
        assert give_password(someone, officer.email).status == 200


def test_an_account_that_is_closed_loses_its_session_at_the_next_request(
    northshire: Portal, officer: OfficerAccount
) -> None:
    someone = northshire.officer_signs_in(officer)
    with northshire.database.writing() as session:
        session.get_one(Officer, officer.id).is_active = False
    assert someone.see("/officer/inbox").h1 == "Sign in as an officer"
    assert give_password(northshire.visitor(), officer.email).status == 422
