"""A conversation that is open when its session is over: it is covered, whatever it asks for itself.
The page's own clock is wound on; the server's session ends, or goes on, as each test says."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import check_accessibility
from tests.browser.conftest import People
from tests.browser.people import OfficerInBrowser, Person, VictimInBrowser
from tests.browser.running import RunningPortal

PRIVATE = "the neighbour at number nine"
HALF_WRITTEN = "I wanted to ask about the camera"
ALL_OF_IT = 20 * 60_000 + 5_000
"""Milliseconds after which a page's session is over, if nobody puts that off."""


@pytest.fixture
def victim(people: People, running_portal: RunningPortal) -> VictimInBrowser:
    person: VictimInBrowser = people.victim(running_portal)
    person.page.clock.install()
    person.joins(running_portal.case_arrives())
    person.watch.expect(401)
    return person


def shows_earlier_messages(victim: VictimInBrowser) -> None:
    victim.sends_by_the_dozen([f"{PRIVATE} {number}" for number in range(21)])
    victim.link("Show earlier messages").click()
    expect(victim.message(f"{PRIVATE} 0")).to_be_visible()


def pauses_new_messages(victim: VictimInBrowser) -> None:
    victim.sends(PRIVATE)
    expect(victim.message(PRIVATE, "recorded")).to_be_visible()
    victim.button("Pause new messages").click()
    expect(victim.page.get_by_text("New messages are paused.")).to_be_visible()


def time_is_up(person: Person) -> None:
    person.page.clock.fast_forward(ALL_OF_IT)


def nothing_private_shows(victim: VictimInBrowser) -> None:
    expect(victim.button("Sign in again")).to_be_visible()
    shown = victim.page.locator("body").inner_text()
    assert PRIVATE not in shown
    assert victim.case["reference"] not in shown
    assert victim.page.title().startswith("You are signed out.")


@pytest.mark.parametrize("rests", [shows_earlier_messages, pauses_new_messages])
def test_a_page_that_does_not_ask_for_news_is_covered_and_keeps_what_was_typed(
    victim: VictimInBrowser, running_portal: RunningPortal, rests: Callable[[VictimInBrowser], None]
) -> None:
    rests(victim)
    victim.text.fill(HALF_WRITTEN)
    running_portal.let_sessions_run_out()

    time_is_up(victim)

    nothing_private_shows(victim)
    victim.button("Sign in again").click()
    victim.signs_in()
    expect(victim.text).to_have_value(HALF_WRITTEN)


def test_a_page_without_a_line_is_covered_and_does_not_give_away_what_was_typed(
    victim: VictimInBrowser,
) -> None:
    victim.sends(PRIVATE)
    expect(victim.message(PRIVATE, "recorded")).to_be_visible()
    victim.text.fill(HALF_WRITTEN)

    with victim.watch.off_line():
        time_is_up(victim)
        nothing_private_shows(victim)
        victim.button("Sign in again").click()
        expect(victim.page.locator("[data-off-line]")).to_be_visible()
        check_accessibility(victim.page, "signed out off line")
        expect(victim.text).to_have_value(HALF_WRITTEN)

    # As far as the server knows, the session goes on.
    victim.button("Sign in again").click()
    expect(victim.message(PRIVATE)).to_be_visible()
    expect(victim.text).to_have_value(HALF_WRITTEN)


def test_a_page_whose_session_another_tab_has_put_off_goes_on_until_that_is_over_too(
    victim: VictimInBrowser, running_portal: RunningPortal
) -> None:
    pauses_new_messages(victim)
    with victim.page.expect_response("**/session/extend") as asked:
        time_is_up(victim)
    assert asked.value.ok
    expect(victim.button("Stay signed in")).to_be_hidden()
    expect(victim.message(PRIVATE)).to_be_visible()

    running_portal.let_sessions_run_out()
    time_is_up(victim)

    nothing_private_shows(victim)


def test_a_page_whose_own_script_did_not_come_is_loaded_anew(
    victim: VictimInBrowser, running_portal: RunningPortal
) -> None:
    victim.page.route(
        "**/static/conversation-*.js", lambda route: route.fulfill(content_type="text/javascript")
    )
    victim.page.reload()
    running_portal.let_sessions_run_out()

    time_is_up(victim)

    expect(victim.heading("Sign in")).to_be_visible()


def test_an_officers_page_names_nobody_then(people: People, running_portal: RunningPortal) -> None:
    account = running_portal.add_officer()
    victim: VictimInBrowser = people.victim(running_portal)
    # There is a status to release, and an extra word to take away.
    victim.joins(running_portal.case_arrives(account, status="charged"))
    victim.opens("/preferences/word")
    victim.field("Your extra word").fill("blue teapot")
    victim.button("Save this word").click()
    expect(victim.heading("Your settings")).to_be_visible()
    officer: OfficerInBrowser = people.officer(running_portal)
    officer.watch.expect(401)
    officer.page.clock.install()
    officer.signs_in(account)
    officer.opens_case(victim.case)
    officer.button("Pause new messages").click()
    told = (victim.name, victim.case["reference"])
    shown = officer.page.locator("body").inner_text()
    for place in (f"{told[0]} sees:", f"{told[0]} is asked", f"To {told[0]}", f"Case {told[1]}"):
        assert place in shown
    running_portal.let_sessions_run_out()

    time_is_up(officer)

    expect(officer.button("Sign in again")).to_be_visible()
    shown = officer.page.locator("body").inner_text() + officer.page.title()
    assert [each for each in told if each in shown] == []
    expect(officer.text).to_have_accessible_description("")
    check_accessibility(officer.page, "officer signed out")
