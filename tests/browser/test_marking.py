"""Marking a message and correcting the mark: with scripts and without, and by keyboard alone."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.accessibility import check_accessibility
from tests.browser.conftest import People
from tests.browser.people import OfficerInBrowser, VictimInBrowser
from tests.browser.running import RunningPortal

WORDS = "He also took my pension. I want to drop it all."
TELLS = "Tells of another crime or of harm"
WITHDRAWS = "Wants to withdraw"


def victim_and_officer(
    people: People, portal: RunningPortal, **options: object
) -> tuple[VictimInBrowser, OfficerInBrowser]:
    """A victim who has just written, and the officer on the page of their case."""
    account = portal.add_officer()
    victim: VictimInBrowser = people.victim(portal)
    victim.joins(portal.case_arrives(account))
    victim.sends(WORDS)
    expect(victim.message(WORDS, "recorded")).to_be_visible()
    officer: OfficerInBrowser = people.officer(portal, **options)
    officer.signs_in(account)
    officer.opens_case(victim.case)
    return victim, officer


def test_a_message_is_marked_and_the_mark_corrected(
    people: People, running_portal: RunningPortal
) -> None:
    victim, officer = victim_and_officer(people, running_portal)
    officer.watch.expect(422)
    officer.link("Mark on message 1").click()
    check_accessibility(officer.page, "marking")
    officer.button("Save marks").click()
    expect(officer.summary).to_be_focused()
    check_accessibility(officer.page, "marking error")
    officer.field(TELLS).check()
    officer.field(WITHDRAWS).check()
    officer.button("Save marks").click()

    expect(officer.page.locator("#marked")).to_be_focused()
    message = officer.message(WORDS)
    expect(message).to_contain_text(TELLS)
    expect(message).to_contain_text(WITHDRAWS)
    check_accessibility(officer.page, "case with a marked message")
    officer.link("Change marks on message 1").click()
    expect(officer.field(TELLS)).to_be_checked()
    officer.field(WITHDRAWS).uncheck()
    check_accessibility(officer.page, "marking again")
    officer.button("Save marks").click()
    expect(message).not_to_contain_text(WITHDRAWS)

    # An open page keeps the marks when its messages change, and the victim's shows none.
    victim.sends("Are you there?")
    expect(officer.message("Are you there?", "recorded")).to_be_visible()
    expect(message).to_contain_text(TELLS)
    expect(officer.link("Mark on message 2")).to_be_visible()
    assert not victim.page.get_by_text("mark", exact=False).count()
    kinds = [entry["kind"] for entry in running_portal.entries(victim.case)]
    assert kinds == ["victim-message", "marking", "withdrawal", "marking", "victim-message"]


def test_marking_with_the_keyboard_alone_and_without_scripts(
    people: People, running_portal: RunningPortal
) -> None:
    _victim, officer = victim_and_officer(
        people, running_portal, java_script_enabled=False, viewport={"width": 320, "height": 800}
    )
    keyboard, focused = officer.page.keyboard, officer.page.locator(":focus")

    def tabs_to(name: str, attribute: str = "") -> None:
        for _ in range(60):
            keyboard.press("Tab")
            found = focused.count() and (
                focused.first.get_attribute(attribute) if attribute else focused.first.inner_text()
            )
            if found and name in found:
                return
        raise AssertionError(f"the keyboard does not come to {name}")

    tabs_to("Mark")
    keyboard.press("Enter")
    expect(officer.button("Save marks")).to_be_visible()
    tabs_to("disclosure", "value")
    keyboard.press("Space")
    tabs_to("Save marks")
    keyboard.press("Enter")

    expect(officer.page.get_by_text("The marks on message 1 are saved.")).to_be_visible()
    expect(officer.message(WORDS)).to_contain_text(TELLS)
