"""No browser's page is the answer to a form: with it what was typed would stay on the disk."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import unquote

import pytest
import time_machine

from app import clock
from tests.factories.facts import case_json
from tests.house_rules.access_table import TABLE, Line
from tests.house_rules.town import csrf_token
from tests.integration.messages.steps import sign_in
from tests.pages import Form, Page, Visitor
from tests.portal import Portal

AS_PAGE = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate"}
POSTS = [line for line in TABLE if line.method == "POST"]


def sends_as_page(someone: Visitor, form: Form, **values: str) -> Page:
    """As a browser sends a form: the page behind the redirect."""
    answer = someone.post(form.action, data={**form.values, **values}, headers=AS_PAGE)
    assert answer.status_code == 303
    return someone.see(answer.location)


def test_a_refused_form_shows_what_was_typed_and_what_is_wrong_behind_a_redirect(
    northshire: Portal,
) -> None:
    case = case_json()
    northshire.tell(case)
    someone = northshire.visitor()
    form = someone.see(northshire.invite(case)).form("Continue")

    page = sends_as_page(someone, form, reference="NS/wrong/26", day="31", month="2", year="1980")

    assert page.error_messages == ["Enter your date of birth, like 27 3 1987 or 27 March 1987"]
    values = page.form("Continue").values
    assert (values["reference"], values["day"], values["year"]) == ("NS/wrong/26", "31", "1980")
    assert "wrong" not in page.url
    year, month, day = case["victim"]["dateOfBirth"].split("-")
    right = {"reference": case["reference"], "day": day, "month": month, "year": year}
    assert sends_as_page(someone, page.form("Continue"), **right).h1 == "Using this safely"


@pytest.mark.parametrize("minutes, shown", [(0, "nobody at home"), (16, "")])
def test_what_was_typed_is_sealed_in_the_cookie_until_that_page_has_shown_it(
    northshire: Portal, minutes: int, shown: str
) -> None:
    someone = northshire.visitor()
    form = someone.see("/sign-in").form("Continue")
    data = {**form.values, "address": "nobody at home"}

    answer = someone.post(form.action, data=data, headers=AS_PAGE)

    assert someone.see("/sign-in").form("Continue").values["address"] == ""
    other = someone.see("/officer/sign-in?again=1").form("Sign in")
    assert other.values["email"] == ""
    with someone.session_transaction() as cookie:
        assert "refused_form" in cookie
        assert "nobody" not in unquote(str(dict(cookie)))
    with time_machine.travel(clock.now() + timedelta(minutes=minutes)):
        page = someone.see(answer.location)
        assert page.form("Continue").values["address"] == shown
    with someone.session_transaction() as cookie:
        assert "refused_form" not in cookie


def test_a_password_is_not_even_kept_sealed(northshire: Portal) -> None:
    someone = northshire.visitor()
    form = someone.see("/officer/sign-in").form("Sign in")

    page = sends_as_page(someone, form, email="who@force.example", password="a wrong password")

    assert "The email address or the password is not right" in page.error_messages
    assert page.form("Sign in").values["email"] == "who@force.example"
    assert page.form("Sign in").values["password"] == ""


@pytest.mark.parametrize("length, leads_on", [(1_000, True), (200, True), (5_000, False)])
def test_nothing_that_was_typed_is_cut(northshire: Portal, length: int, leads_on: bool) -> None:
    someone = northshire.visitor()
    form = someone.see("/sign-in").form("Continue")
    typed = "not an address " + "x" * length
    data = {**form.values, "address": typed}

    answer = someone.post(form.action, data=data, headers=AS_PAGE)

    assert answer.status_code == (303 if leads_on else 422)
    page = someone.see(answer.location) if leads_on else Page(answer, form.action)
    assert page.form("Continue").values["address"] == typed


def test_an_invitation_shut_by_wrong_answers_says_so_behind_a_redirect(northshire: Portal) -> None:
    case = case_json()
    northshire.tell(case)
    someone = northshire.visitor()
    page = someone.see(northshire.invite(case))
    wrong = {"reference": "NS/wrong/26", "day": "1", "month": "2", "year": "1980"}

    for _ in range(5):
        page = sends_as_page(someone, page.form("Continue"), **wrong)

    assert (page.status, page.h1) == (404, "This invitation cannot be used")


def test_words_sent_before_a_hold_are_answered_with_the_neutral_page_behind_a_redirect(
    northshire: Portal,
) -> None:
    victim = northshire.join()
    form = victim.visitor.see(victim.url).form("Send message")
    northshire.tell({**victim.case, "flags": ["weapons-at-address"]})

    page = sends_as_page(victim.visitor, form, text="Written before")

    assert (page.status, page.h1) == (404, "This case is not available online")
    assert [text for _, _, text in northshire.messages(victim.case_id)] == ["Written before"]


@pytest.mark.parametrize("line", POSTS, ids=lambda line: line.rule)
def test_no_form_at_all_is_answered_with_a_page(northshire: Portal, line: Line) -> None:
    victim = northshire.join()
    officer = northshire.officer_signs_in(northshire.add_officer())
    case = str(victim.case_id)
    url = line.rule.replace("<case_id>", case).replace("<status>", "charged")
    for someone in (victim.visitor, officer, northshire.visitor()):
        for form in (line.form, {}, {"text": ""}, dict.fromkeys(line.form, "x" * 9)):
            for token in (csrf_token(someone), "wrong"):
                told = {**form, "csrf_token": token}
                answer = someone.post(url, data=told, headers={"Sec-Fetch-Mode": "navigate"})
                # A file, or a line for a script, takes no page's place.
                is_page = answer.mimetype == "text/html" and answer.status_code != 204
                assert not is_page or answer.status_code == 303, (form, token)


@pytest.mark.parametrize("code", [400, 404, 405, 409, 413, 429, 500, 503])
def test_what_went_wrong_has_a_page_of_its_own(northshire: Portal, code: int) -> None:
    page = northshire.visitor().see(f"/problem/{code}")

    assert page.status == code
    assert page.h1


@pytest.mark.parametrize("url, is_for_officers", [("/officer/sign-in", True), ("/sign-in", False)])
def test_the_page_about_it_is_for_those_whose_form_it_was(
    northshire: Portal, url: str, is_for_officers: bool
) -> None:
    someone = northshire.visitor()
    answer = someone.post(url, data={"csrf_token": "wrong"}, headers=AS_PAGE)

    page = someone.see(answer.location)

    assert page.h1 == "This page was open too long"
    assert ("Exit this page" in page.words) is not is_for_officers
    assert page.link("Sign in") == url


@pytest.mark.parametrize("code", [0, 200, 303, 999])
def test_what_never_goes_wrong_has_none(northshire: Portal, code: int) -> None:
    assert northshire.visitor().see(f"/problem/{code}").status == 404


def test_a_refused_form_is_forgotten_when_somebody_signs_in(northshire: Portal) -> None:
    victim = northshire.join()
    someone = northshire.visitor()
    form = someone.see("/sign-in").form("Continue")
    sends_as_page(someone, form, address="nobody at home")

    sign_in(northshire, victim.case["victim"]["email"], someone)

    with someone.session_transaction() as cookie:
        assert "refused_form" not in cookie
