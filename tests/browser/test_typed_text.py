"""Every way to lose a half-written message: the words come back, and are stored once."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import People
from tests.browser.people import VictimInBrowser
from tests.browser.programs import until
from tests.browser.running import RunningPortal

WORDS = "I wanted to ask about the camera & <b>the lamp</b> 🙂"
NOT_SENT = "Not sent yet. We will keep your words here."

scripts = pytest.mark.parametrize(
    "java_script_enabled", [True, False], ids=["with scripts", "without"]
)


def joined(people: People, portal: RunningPortal, **options: bool) -> VictimInBrowser:
    victim: VictimInBrowser = people.victim(portal, **options)
    victim.joins(portal.case_arrives())
    return victim


def stored(victim: VictimInBrowser) -> list[str]:
    """What stands on the page when it is loaded anew."""
    victim.opens("/cases")
    expect(victim.heading("Your case")).to_be_visible()
    return [text for _, _, text in victim.messages]


def words_wait_unsent(victim: VictimInBrowser) -> None:
    """They are back in their place, and nobody else has seen them."""
    expect(victim.text).to_have_value(WORDS)
    assert victim.messages == []
    victim.send_button.click()
    expect(victim.message(WORDS)).to_be_visible()
    assert stored(victim) == [WORDS]
    expect(victim.text).to_have_value("")


def test_signed_out_in_another_tab_while_writing(victim: VictimInBrowser) -> None:
    victim.watch.expect(401)
    victim.sends("first")
    expect(victim.message("first")).to_be_visible()
    victim.text.fill(WORDS)

    victim.signs_out_in_another_tab()

    expect(victim.page.get_by_text("You are signed out.").last).to_be_visible()
    expect(victim.page.locator("[data-message]")).to_be_hidden()
    expect(victim.page.get_by_text(victim.case["reference"])).to_be_hidden()
    expect(victim.text).to_have_value(WORDS)
    victim.button("Sign in again").click()
    victim.signs_in()
    expect(victim.text).to_have_value(WORDS)
    assert [text for _, _, text in victim.messages] == ["first"]
    victim.send_button.click()
    expect(victim.message(WORDS)).to_be_visible()
    assert stored(victim) == ["first", WORDS]


def test_session_that_runs_out_while_writing(
    victim: VictimInBrowser, running_portal: RunningPortal
) -> None:
    victim.watch.expect(401)
    victim.text.fill(WORDS)

    running_portal.let_sessions_run_out()
    expect(victim.button("Sign in again")).to_be_visible()
    victim.button("Sign in again").click()
    victim.signs_in()

    words_wait_unsent(victim)


def test_session_that_ended_before_sending_without_scripts(
    people: People, running_portal: RunningPortal
) -> None:
    victim = joined(people, running_portal, java_script_enabled=False)
    victim.text.fill(WORDS)
    first = victim.opens_another_tab("/cases")
    victim.signs_out()
    victim.page.close()
    victim.page = first

    victim.send_button.click()
    victim.signs_in()

    words_wait_unsent(victim)


def test_signed_in_again_in_another_tab_makes_the_form_too_old(victim: VictimInBrowser) -> None:
    victim.watch.expect(400)
    victim.text.fill(WORDS)
    first = victim.opens_another_tab("/cases")
    victim.signs_out()
    victim.link("Sign in again").click()
    victim.signs_in()
    victim.page.close()
    victim.page = first

    victim.send_button.click()

    expect(victim.summary).to_contain_text("This page was open too long.")
    words_wait_unsent(victim)


@scripts
def test_cookies_that_are_gone(
    people: People, running_portal: RunningPortal, java_script_enabled: bool
) -> None:
    victim = joined(people, running_portal, java_script_enabled=java_script_enabled)
    victim.watch.expect(400)
    victim.text.fill(WORDS)
    victim.context.clear_cookies()

    victim.send_button.click()

    victim.signs_in()

    words_wait_unsent(victim)


@scripts
@pytest.mark.parametrize(
    "text, said",
    [("", "Write something before you send"), ("🙂" * 5001, "5,000")],
    ids=["empty", "too long"],
)
def test_text_that_cannot_be_taken_stays(
    people: People, running_portal: RunningPortal, java_script_enabled: bool, text: str, said: str
) -> None:
    victim = joined(people, running_portal, java_script_enabled=java_script_enabled)
    victim.watch.expect(422)

    victim.sends(text)

    expect(victim.summary).to_be_focused()
    expect(victim.page.locator(".govuk-error-message")).to_contain_text(said)
    described_by = victim.text.get_attribute("aria-describedby") or ""
    assert victim.page.locator(".govuk-error-message").get_attribute("id") in described_by.split()
    expect(victim.text).to_have_value(text)
    victim.summary.get_by_role("link").click()
    expect(victim.text).to_be_focused()
    assert victim.messages == []
    victim.sends(WORDS)
    expect(victim.message(WORDS)).to_be_visible()
    expect(victim.summary).to_have_count(0)


def test_line_that_is_dead_before_sending(victim: VictimInBrowser) -> None:
    with victim.watch.off_line():
        victim.sends(WORDS)
        expect(victim.page.get_by_text(NOT_SENT).last).to_be_visible()
        expect(victim.text).to_have_value(WORDS)
        expect(victim.button("Try again")).to_be_visible()

    # Back on the line, it goes by itself.
    expect(victim.message(WORDS)).to_be_visible()
    expect(victim.page.get_by_text(NOT_SENT)).to_be_hidden()
    assert stored(victim) == [WORDS]


def test_answer_that_is_lost_after_the_message_was_stored(victim: VictimInBrowser) -> None:
    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    with victim.watch.broken_line():
        victim.page.route("**/messages", lose_the_answer)
        victim.sends(WORDS)
        expect(victim.page.get_by_text(NOT_SENT).last).to_be_visible()
        victim.page.unroute("**/messages")

    expect(victim.text).to_have_value("")
    assert stored(victim) == [WORDS]


def test_server_that_is_restarted_while_writing(
    victim: VictimInBrowser, running_portal: RunningPortal
) -> None:
    victim.text.fill(WORDS)
    with victim.watch.broken_line():
        running_portal.end_web()
        victim.send_button.click()
        expect(victim.page.get_by_text(NOT_SENT).last).to_be_visible()
        running_portal.start_web()

    expect(victim.message(WORDS)).to_be_visible()
    assert stored(victim) == [WORDS]


@scripts
def test_double_click(
    people: People, running_portal: RunningPortal, java_script_enabled: bool
) -> None:
    victim = joined(people, running_portal, java_script_enabled=java_script_enabled)
    victim.text.fill(WORDS)

    victim.send_button.dblclick()

    expect(victim.message(WORDS)).to_be_visible()
    assert stored(victim) == [WORDS]


def test_two_tabs(victim: VictimInBrowser) -> None:
    victim.text.fill("from the first")
    first = victim.opens_another_tab("/cases")
    victim.sends("from the second")
    expect(victim.message("from the second")).to_be_visible()
    second, victim.page = victim.page, first

    victim.send_button.click()

    expect(victim.message("from the first")).to_be_visible()
    both = ["from the second", "from the first"]
    assert [text for _, _, text in victim.messages] == both
    second.close()
    assert stored(victim) == both


def test_too_many_messages_at_once(victim: VictimInBrowser) -> None:
    victim.watch.expect(429)
    victim.sends_by_the_dozen([f"message {number}" for number in range(60)])

    victim.sends(WORDS)

    expect(victim.page.get_by_text("Wait a few minutes, then try again.").last).to_be_visible()
    expect(victim.text).to_have_value(WORDS)
    expect(victim.button("Try again")).to_be_visible()


def test_typed_text_is_kept_when_news_arrives(
    victim: VictimInBrowser, running_portal: RunningPortal
) -> None:
    victim.sends("first")
    victim.text.fill(WORDS)
    victim.text.press("Home")

    until(lambda: running_portal.entries(victim.case), "the first message on the record")

    expect(victim.message("first", "recorded")).to_be_visible()
    expect(victim.text).to_have_value(WORDS)
    expect(victim.text).to_be_focused()
