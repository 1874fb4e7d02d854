"""The warning before a session ends, devices, the extra word: by keyboard, and without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import check_accessibility
from tests.browser.conftest import People
from tests.browser.people import VictimInBrowser
from tests.browser.programs import until
from tests.browser.running import RunningPortal
from tests.browser.speaking import transcript
from tests.databases import Databases

IDLE_MINUTES = "0.5"
"""The warning comes after a quarter of a minute."""
WARNED_WITHIN = 25_000
WORD = "blue teapot"
STAY = "Stay signed in"
WARNING = "You will be signed out in about 2 minutes. To go on, choose “Stay signed in”."


@pytest.fixture(scope="module")
def hasty_portal(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory, safe_exit: str
) -> Iterator[RunningPortal]:
    """A portal whose sessions end after half a minute."""
    folder: Path = tmp_path_factory.mktemp("hasty")
    with databases.migrated("sqlite") as url:
        portal = RunningPortal(folder, url, safe_exit)
        try:
            portal.start()
            portal.end_web()
            portal.start_web(SESSION_IDLE_MINUTES=IDLE_MINUTES)
            yield portal
        finally:
            portal.end()


@pytest.fixture
def hasty(people: People, hasty_portal: RunningPortal) -> VictimInBrowser:
    victim: VictimInBrowser = people.victim(hasty_portal)
    victim.joins(hasty_portal.case_arrives())
    return victim


def test_the_warning_is_said_once_and_moves_no_focus(hasty: VictimInBrowser) -> None:
    hasty.page.evaluate(
        """() => {
          window.spoken = []
          const status = document.querySelector('[data-session-spoken]')
          new MutationObserver(() => status.textContent && window.spoken.push(status.textContent))
            .observe(status, { childList: true })
        }"""
    )
    hasty.text.focus()
    expect(hasty.button(STAY)).to_be_visible(timeout=WARNED_WITHIN)
    expect(hasty.text).to_be_focused()
    check_accessibility(hasty.page, "session warning")
    hasty.page.wait_for_timeout(2_500)
    assert hasty.heard == [WARNING]

    hasty.button(STAY).focus()
    hasty.page.keyboard.press("Enter")

    expect(hasty.button(STAY)).to_be_hidden()
    until(lambda: hasty.heard[1:], "the answer")
    assert hasty.heard[1:] == ["You stay signed in."]
    # Beyond the time at which it would have ended.
    hasty.page.wait_for_timeout(13_000)
    hasty.sends("still here")
    expect(hasty.message("still here")).to_be_visible()


def test_typing_puts_the_end_off(hasty: VictimInBrowser) -> None:
    hasty.text.focus()
    for _ in range(14):
        hasty.page.keyboard.type("word ")
        hasty.page.wait_for_timeout(3_000)
    expect(hasty.button(STAY)).to_be_hidden()
    hasty.send_button.click()
    expect(hasty.message("word " * 13 + "word")).to_be_visible()


def test_a_page_without_a_conversation_is_covered_when_the_session_is_over(
    hasty: VictimInBrowser,
) -> None:
    hasty.opens("/preferences")
    expect(hasty.heading("Your settings")).to_be_visible()
    expect(hasty.button(STAY)).to_be_visible(timeout=WARNED_WITHIN)
    hasty.watch.expect(401)
    # Once by itself, and once for whoever looks for the button.
    assert transcript(hasty.page, ".app-session") == [WARNING, WARNING, f"button, {STAY}"]
    expect(hasty.heading("Sign in")).to_be_visible(timeout=45_000)


def test_without_scripts_the_page_says_when_it_ends(
    people: People, running_portal: RunningPortal
) -> None:
    victim: VictimInBrowser = people.victim(running_portal, java_script_enabled=False)
    victim.joins(running_portal.case_arrives())
    expect(victim.page.get_by_text("you are signed out at about")).to_be_visible()
    expect(victim.page.get_by_text("At the latest it is")).to_be_visible()
    expect(victim.button(STAY)).to_be_hidden()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_devices_and_the_extra_word(
    people: People, running_portal: RunningPortal, scripts: bool
) -> None:
    first: VictimInBrowser = people.victim(running_portal, java_script_enabled=scripts)
    first.joins(running_portal.case_arrives())
    first.link("Why, and how to choose one").click()
    first.field("Your extra word").fill(WORD)
    first.button("Save this word").click()
    expect(first.heading("Your settings")).to_be_visible()

    second: VictimInBrowser = people.victim(running_portal, java_script_enabled=scripts)
    second.case = first.case
    second.watch.expect(422)
    second.opens("/sign-in")
    letter = second.asks_for_a_code()
    second.field("Security code").fill("".join(filter(str.isdigit, letter)))
    second.button("Sign in").click()
    expect(second.heading("Enter your extra word")).to_be_visible()
    second.field("Extra word").fill("red teapot")
    second.button("Sign in").click()
    expect(second.summary).to_be_focused()
    # With the keyboard alone.
    second.field("Extra word").focus()
    second.page.keyboard.type(WORD)
    second.page.keyboard.press("Enter")
    expect(second.heading("Your case")).to_be_visible()

    first.opens("/cases")
    expect(first.page.get_by_text("New sign-in to your account")).to_be_visible()
    first.opens("/preferences")
    expect(first.page.locator("[data-device]")).to_have_count(2)
    first.page.get_by_role("button", name="Sign this device out").click()
    expect(first.page.locator("[data-device]")).to_have_count(1)
    second.opens("/cases")
    expect(second.heading("Sign in")).to_be_visible()


def test_pages_of_the_settings(people: People, running_portal: RunningPortal) -> None:
    victim: VictimInBrowser = people.victim(running_portal)
    victim.watch.expect(422)
    victim.joins(running_portal.case_arrives())
    victim.opens("/preferences")
    check_accessibility(victim.page, "settings")
    victim.link("Choose an extra word").click()
    check_accessibility(victim.page, "choose an extra word")
    victim.button("Save this word").click()
    expect(victim.summary).to_be_focused()
    check_accessibility(victim.page, "choose an extra word error")
    victim.opens("/preferences/address")
    check_accessibility(victim.page, "change address")
    victim.field("New email address or mobile number").fill("other@mail.example")
    victim.button("Continue").click()
    expect(victim.heading("Enter both codes")).to_be_visible()
    check_accessibility(victim.page, "both codes")
    victim.button("Change the address").click()
    expect(victim.summary).to_be_focused()
    check_accessibility(victim.page, "both codes error")


def test_pages_of_the_extra_word(people: People, running_portal: RunningPortal) -> None:
    victim: VictimInBrowser = people.victim(running_portal)
    victim.joins(running_portal.case_arrives())
    victim.opens("/preferences/word")
    victim.field("Your extra word").fill(WORD)
    victim.button("Save this word").click()
    other: VictimInBrowser = people.victim(running_portal)
    other.case = victim.case
    other.watch.expect(422)
    other.opens("/sign-in")
    letter = other.asks_for_a_code()
    other.field("Security code").fill("".join(filter(str.isdigit, letter)))
    other.button("Sign in").click()
    check_accessibility(other.page, "extra word")
    for _ in range(4):
        other.field("Extra word").fill("red teapot")
        other.button("Sign in").click()
        expect(other.summary).to_be_focused()
        other.field("Extra word").focus()
    other.field("Extra word").fill("red teapot")
    other.button("Sign in").click()
    expect(other.heading("Your officer has to help you sign in")).to_be_visible()
    check_accessibility(other.page, "extra word shut")
    victim.opens("/preferences")
    check_accessibility(victim.page, "settings with a word")
