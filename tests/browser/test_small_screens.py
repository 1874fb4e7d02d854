"""On the smallest phone what matters is in sight, or one press away."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.browser.conftest import People
from tests.browser.people import OfficerInBrowser, VictimInBrowser
from tests.browser.running import RunningPortal
from tests.browser.test_session_over import ALL_OF_IT, HALF_WRITTEN

SMALL: ViewportSize = {"width": 320, "height": 568}
OLDER = [f"Something older, number {number}" for number in range(24)]
NEWS = "I will phone on Monday."


@pytest.fixture
def small(people: People, running_portal: RunningPortal) -> Callable[..., VictimInBrowser]:
    """Makes a victim with a small phone."""

    def make(**options: object) -> VictimInBrowser:
        person: VictimInBrowser = people.victim(running_portal, viewport=SMALL, **options)
        return person

    return make


def is_answered_while_away(
    victim: VictimInBrowser, people: People, running_portal: RunningPortal
) -> None:
    account = running_portal.add_officer()
    victim.joins(running_portal.case_arrives(account))
    victim.sends_by_the_dozen(OLDER)
    url = victim.page.url
    victim.opens("/privacy")
    officer: OfficerInBrowser = people.officer(running_portal)
    officer.signs_in(account)
    officer.opens_case(victim.case)
    officer.link("Read what is new").click()
    expect(officer.message(OLDER[4])).to_be_in_viewport()
    officer.sends(NEWS)
    expect(officer.message(NEWS)).to_be_visible()
    victim.opens(url)


@pytest.mark.parametrize("scripts", [True, False])
def test_an_answer_is_one_press_from_the_top_of_the_page(
    small: Callable[..., VictimInBrowser],
    people: People,
    running_portal: RunningPortal,
    scripts: bool,
) -> None:
    victim = small(java_script_enabled=scripts)
    is_answered_while_away(victim, people, running_portal)
    expect(victim.message(NEWS)).not_to_be_in_viewport()

    victim.link("Read what is new").click()

    expect(victim.message(NEWS)).to_be_in_viewport()
    victim.link("Show earlier messages").click()
    expect(victim.page.get_by_role("heading", name="Messages")).to_be_in_viewport()
    expect(victim.link("Read what is new")).to_have_count(0)


def test_who_is_writing_as_the_session_ends_sees_the_way_back_in(
    small: Callable[..., VictimInBrowser], running_portal: RunningPortal
) -> None:
    victim = small()
    victim.page.clock.install()
    victim.joins(running_portal.case_arrives())
    victim.watch.expect(401)
    victim.text.click()
    victim.text.fill(HALF_WRITTEN)
    running_portal.let_sessions_run_out()

    victim.page.clock.fast_forward(ALL_OF_IT)

    expect(victim.button("Sign in again")).to_be_in_viewport()
    expect(victim.text).to_be_in_viewport()
    expect(victim.text).to_be_focused()
    expect(victim.send_button).to_be_hidden()
    victim.button("Sign in again").click()
    victim.signs_in()
    expect(victim.page.get_by_text("What you wrote is not sent yet.")).to_be_visible()
    victim.link("It is in the box below.").click()
    expect(victim.text).to_have_value(HALF_WRITTEN)
    expect(victim.text).to_be_in_viewport()
    victim.send_button.click()
    expect(victim.message(HALF_WRITTEN)).to_be_visible()
    victim.page.reload()
    expect(victim.page.get_by_text("What you wrote is not sent yet.")).to_have_count(0)


@pytest.mark.parametrize("language", ["en", "cy"])
def test_what_is_wrong_with_a_form_does_not_stand_under_the_header(
    small: Callable[..., VictimInBrowser], language: str
) -> None:
    """In Welsh the header has two rows there."""
    victim = small()
    victim.watch.expect(422)
    victim.opens(f"/sign-in?lang={language}")
    victim.page.locator("main form button").click()
    expect(victim.summary).to_be_focused()

    header = victim.page.locator("header").bounding_box()
    summary = victim.summary.bounding_box()

    assert header is not None
    assert summary is not None
    assert summary["y"] > header["y"] + header["height"] + 3, "with the yellow line around it"
