"""What an officer sees once they are in, in every state that the pages know."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import check_accessibility
from tests.browser.conftest import People
from tests.browser.people import OfficerInBrowser, VictimInBrowser
from tests.browser.running import OfficerAccount, RunningPortal
from tests.browser.test_accessibility_of_cases import CONVERSATION


@pytest.fixture
def account(running_portal: RunningPortal) -> OfficerAccount:
    return running_portal.add_officer()


@pytest.fixture
def officer(
    people: People, running_portal: RunningPortal, account: OfficerAccount
) -> OfficerInBrowser:
    """An officer in their inbox."""
    person: OfficerInBrowser = people.officer(running_portal)
    person.signs_in(account)
    return person


def test_case_before_anybody_joined(
    officer: OfficerInBrowser, account: OfficerAccount, running_portal: RunningPortal
) -> None:
    check_accessibility(officer.page, "inbox empty")
    case = running_portal.case_arrives(account, by_hand=True)
    officer.opens_case(case)
    check_accessibility(officer.page, "officer case not invited")

    officer.invites(case)
    check_accessibility(officer.page, "officer case invited")

    officer.opens("/officer/inbox")
    check_accessibility(officer.page, "inbox with one to invite")


def test_conversation(
    officer: OfficerInBrowser,
    account: OfficerAccount,
    people: People,
    running_portal: RunningPortal,
) -> None:
    officer.watch.expect(404, 422)
    victim: VictimInBrowser = people.victim(running_portal)
    victim.joins(running_portal.case_arrives(account, status="suspect-identified"))
    victim.sends_by_the_dozen(CONVERSATION)
    running_portal.case_arrives(account, by_hand=True)
    officer.opens("/officer/inbox")
    check_accessibility(officer.page, "inbox full")

    officer.opens_case(victim.case)
    check_accessibility(officer.page, "officer conversation")

    officer.send_button.click()
    expect(officer.summary).to_be_focused()
    check_accessibility(officer.page, "officer error")

    officer.sends("One.")
    expect(officer.message("One.")).to_be_visible()
    address = officer.page.url
    officer.opens(f"{address}?sent=1")
    check_accessibility(officer.page, "officer after sending without scripts")

    victim.page.close()
    running_portal.tell({**victim.case, "flags": ["weapon-used"]})
    expect(officer.page.get_by_text("This case is not open online.")).to_be_visible()
    check_accessibility(officer.page, "officer case locked")

    officer.opens("/officer/cases/nothing-here")
    check_accessibility(officer.page, "officer error 404")
