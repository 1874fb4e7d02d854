"""Leaving in a hurry, and what Back shows afterwards."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import People
from tests.browser.people import VictimInBrowser
from tests.browser.running import RunningPortal
from tests.servers import CHROMIUM_FLAGS, CHROMIUM_NAMES, program

SECRET = "the neighbour at number nine"


def press_exit(victim: VictimInBrowser) -> None:
    victim.exit.click()


def press_space(victim: VictimInBrowser) -> None:
    victim.exit.focus()
    victim.page.keyboard.press("Space")


def press_shift_three_times(victim: VictimInBrowser) -> None:
    for _ in range(3):
        victim.page.keyboard.press("Shift")


def session_is_dead(victim: VictimInBrowser, people: People, cookies: list) -> bool:
    """Whether the cookies of before still open anything, in whatever browser."""
    thief: VictimInBrowser = people.victim(victim.portal)
    thief.context.add_cookies([each for each in cookies if each["name"] != "leaving"])
    thief.opens("/cases")
    return thief.heading("Sign in").is_visible()


def nothing_private_comes_back(victim: VictimInBrowser) -> None:
    """Goes back as far as the history of this tab reaches."""
    # The invitation that began it all is used up.
    victim.watch.expect(404)
    for _ in range(8):
        victim.page.go_back()
        expect(victim.page.locator("[data-message]")).to_have_count(0)
        expect(victim.page.get_by_text(SECRET)).to_have_count(0)
        assert victim.case["reference"] not in victim.page.content()
        if victim.page.url == "about:blank":
            return


@pytest.mark.parametrize("leave", [press_exit, press_space, press_shift_three_times])
def test_exit_ends_the_session_and_replaces_the_page(
    victim: VictimInBrowser,
    people: People,
    safe_exit: str,
    leave: Callable[[VictimInBrowser], None],
) -> None:
    victim.sends(SECRET)
    expect(victim.message(SECRET)).to_be_visible()
    cookies = victim.context.cookies()
    length = victim.page.evaluate("history.length")

    leave(victim)

    victim.page.wait_for_url(safe_exit)
    assert victim.page.evaluate("history.length") == length
    assert session_is_dead(victim, people, cookies)
    nothing_private_comes_back(victim)


def test_exit_works_without_scripts(
    running_portal: RunningPortal, people: People, safe_exit: str
) -> None:
    victim: VictimInBrowser = people.victim(running_portal, java_script_enabled=False)
    victim.joins(running_portal.case_arrives())
    victim.sends(SECRET)
    cookies = victim.context.cookies()

    victim.exit.click()

    victim.page.wait_for_url(safe_exit)
    assert session_is_dead(victim, people, cookies)
    nothing_private_comes_back(victim)


def test_exit_with_a_dead_line_ends_the_session_at_the_next_request(
    victim: VictimInBrowser, people: People
) -> None:
    victim.sends(SECRET)
    expect(victim.message(SECRET)).to_be_visible()
    here = victim.page.url
    cookies = victim.context.cookies()

    with victim.watch.off_line():
        victim.exit.click()
        victim.page.wait_for_url("chrome-error://**")
        expect(victim.page.get_by_text(SECRET)).to_have_count(0)
    victim.opens(here)

    expect(victim.heading("Sign in")).to_be_visible()
    assert session_is_dead(victim, people, cookies)
    assert "leaving" not in [each["name"] for each in victim.context.cookies()]


NOTE_WHAT_SHOWS = """() => new MutationObserver(() => {
  window.note([
    document.title,
    [...document.querySelectorAll('body *')]
      .filter(each => each.checkVisibility({ visibilityProperty: true }))
      .map(each => each.outerHTML)
  ])
}).observe(document.body, { childList: true })"""


def test_conversation_is_covered_until_the_other_page_comes(victim: VictimInBrowser) -> None:
    victim.sends(SECRET)
    expect(victim.message(SECRET)).to_be_visible()
    # Playwright itself waits for a page that is on its way, so the page tells what it shows.
    noted: list[list[object]] = []
    victim.page.expose_function("note", lambda shown: noted.append(shown))  # noqa: PLW0108
    victim.page.evaluate(NOTE_WHAT_SHOWS)

    victim.exit.click()

    victim.page.wait_for_url("**/weather")
    overlay = '<div class="govuk-exit-this-page-overlay" role="alert">Loading.</div>'
    assert noted[0] == ["Loading.", [overlay]]


def test_shift_is_counted_aloud_and_escape_does_nothing(victim: VictimInBrowser) -> None:
    here = victim.page.url
    for _ in range(3):
        victim.page.keyboard.press("Escape")
    victim.page.keyboard.press("Shift")
    expect(victim.page.get_by_text("Shift, press 2 more times to exit.")).to_be_attached()
    victim.page.keyboard.press("Shift")
    expect(victim.page.get_by_text("Shift, press 1 more time to exit.")).to_be_attached()
    assert victim.page.url == here


def sign_out(victim: VictimInBrowser) -> None:
    victim.signs_out()


def leave_in_a_hurry(victim: VictimInBrowser) -> None:
    victim.exit.click()
    victim.page.wait_for_url("**/weather")


@pytest.mark.parametrize("leave", [sign_out, leave_in_a_hurry])
@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_back_shows_nothing_although_the_browser_keeps_pages(
    browser: Browser,
    running_portal: RunningPortal,
    leave: Callable[[VictimInBrowser], None],
    scripts: bool,
) -> None:
    # Playwright switches the back-forward cache off; people's browsers have it.
    keeping = browser.browser_type.launch(
        executable_path=program(*CHROMIUM_NAMES),
        args=CHROMIUM_FLAGS,
        ignore_default_args=["--disable-back-forward-cache"],
    )
    people = People(keeping)
    victim: VictimInBrowser = people.victim(running_portal, java_script_enabled=scripts)
    victim.joins(running_portal.case_arrives())
    victim.sends(SECRET)
    expect(victim.message(SECRET)).to_be_visible()

    leave(victim)

    nothing_private_comes_back(victim)
    people.leave(is_checked=True)
    keeping.close()
