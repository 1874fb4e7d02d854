"""Public pages, the ways in, and what is shown when something is wrong."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import check_accessibility
from tests.browser.conftest import People
from tests.browser.people import OfficerInBrowser, VictimInBrowser
from tests.browser.running import RunningPortal

PUBLIC = {
    "start": "/",
    "other ways": "/other-ways-to-contact-us",
    "accessibility": "/accessibility",
    "privacy": "/privacy",
    "cookies": "/cookies",
    "your rights": "/your-rights",
    "invitation help": "/invitation/help",
    "feedback": "/feedback",
    "feedback thanks": "/feedback/thanks",
    "sign-in": "/sign-in",
    "signed out": "/signed-out",
    "sign in first": "/invitation/sign-in-first",
    "officer sign-in": "/officer/sign-in",
}
CODES_AN_HOUR = 100


@pytest.fixture
def somebody(people: People, running_portal: RunningPortal) -> VictimInBrowser:
    """Somebody who is not signed in."""
    return people.victim(running_portal)


@pytest.mark.parametrize("state", PUBLIC)
def test_public_pages(somebody: VictimInBrowser, state: str) -> None:
    somebody.opens(PUBLIC[state])

    check_accessibility(somebody.page, state)


def test_invitation(somebody: VictimInBrowser, running_portal: RunningPortal) -> None:
    somebody.watch.expect(404, 422)
    somebody.is_asked_who_they_are(running_portal.case_arrives())
    check_accessibility(somebody.page, "invitation")

    somebody.button("Continue").click()
    expect(somebody.summary).to_be_focused()
    check_accessibility(somebody.page, "invitation without answers")

    somebody.answers(reference="NS/000000/26")
    expect(somebody.summary).to_contain_text("do not match")
    check_accessibility(somebody.page, "invitation with wrong answers")

    somebody.button("This is not me").click()
    expect(somebody.heading("Thank you for telling us")).to_be_visible()
    check_accessibility(somebody.page, "not me")

    somebody.opens(running_portal.invitation_link(somebody.case))
    expect(somebody.heading("This invitation cannot be used")).to_be_visible()
    check_accessibility(somebody.page, "invitation closed")


def test_sign_in(somebody: VictimInBrowser) -> None:
    somebody.watch.expect(422)
    somebody.opens("/sign-in")
    somebody.button("Continue").click()
    expect(somebody.summary).to_be_focused()
    check_accessibility(somebody.page, "sign-in error")

    somebody.field("Email address or mobile number").fill("nobody@mail.example")
    somebody.button("Continue").click()
    expect(somebody.heading("Enter your security code")).to_be_visible()
    check_accessibility(somebody.page, "code")

    somebody.field("Security code").fill("1234 5678")
    somebody.button("Sign in").click()
    expect(somebody.summary).to_contain_text("That code")
    check_accessibility(somebody.page, "code error")


def test_officers_sign_in(people: People, running_portal: RunningPortal) -> None:
    officer: OfficerInBrowser = people.officer(running_portal)
    officer.watch.expect(422)
    officer.opens("/officer/sign-in")
    officer.button("Sign in").click()
    expect(officer.summary).to_be_focused()
    check_accessibility(officer.page, "officer sign-in error")

    officer.gives_password(running_portal.add_officer())
    check_accessibility(officer.page, "officer code")

    officer.field("Authenticator code").fill("000000")
    officer.button("Sign in").click()
    expect(officer.summary).to_be_focused()
    check_accessibility(officer.page, "officer code error")


def test_errors(somebody: VictimInBrowser) -> None:
    somebody.watch.expect(404, 405)
    somebody.opens("/nothing-here")
    expect(somebody.heading("Page not found")).to_be_visible()
    check_accessibility(somebody.page, "error 404")

    somebody.opens("/sign-out")
    expect(somebody.heading("This did not work")).to_be_visible()
    check_accessibility(somebody.page, "error 405")


def test_too_many_tries(somebody: VictimInBrowser) -> None:
    somebody.watch.expect(429)
    somebody.opens("/sign-in")
    address = {"address": "too-often@mail.example"}
    token = {"csrf_token": somebody.page.locator("[name=csrf_token]").first.input_value()}
    for _ in range(CODES_AN_HOUR):
        answer = somebody.page.request.post(
            "/sign-in", form={**address, **token}, headers={"Referer": somebody.page.url}
        )
        assert answer.ok

    somebody.field("Email address or mobile number").fill(address["address"])
    somebody.button("Continue").click()

    expect(somebody.heading("Please wait a little")).to_be_visible()
    check_accessibility(somebody.page, "error 429")


def test_a_fault_of_ours(somebody: VictimInBrowser, running_portal: RunningPortal) -> None:
    somebody.watch.expect(500)
    with running_portal.web_without_tables() as url:
        somebody.opens(f"{url}/sign-in")
        somebody.field("Email address or mobile number").fill("alex@mail.example")
        somebody.button("Continue").click()

        expect(somebody.heading("Sorry, something went wrong")).to_be_visible()
        check_accessibility(somebody.page, "error 500")
