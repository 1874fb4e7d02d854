"""Journeys as somebody hears them: what a screen reader says, in its order."""

from __future__ import annotations

from functools import partial

from playwright.sync_api import expect

from tests.browser.conftest import People
from tests.browser.people import VictimInBrowser
from tests.browser.programs import until
from tests.browser.running import RunningPortal
from tests.browser.speaking import begin_to_listen, said_by_itself, transcript

HINT = "The one that your invitation came to. We will send a security code to it."
PRESSED = [
    "polite: Shift, press 2 more times to exit.",
    "polite: Shift, press 1 more time to exit.",
]
ERROR = "Enter your email address or mobile number"


def test_signing_in_and_an_error(people: People, running_portal: RunningPortal) -> None:
    somebody = people.victim(running_portal)
    somebody.watch.expect(422)
    somebody.opens("/sign-in")
    assert transcript(somebody.page) == [
        "heading, Sign in, level 1",
        "Email address or mobile number",
        HINT,
        f"textbox, Email address or mobile number, {HINT}",
        "button, Continue",
        "No invitation yet?",
        "link, There are other ways to contact us",
    ]

    somebody.button("Continue").click()
    expect(somebody.summary).to_be_focused()
    assert transcript(somebody.page)[:10] == [
        "alert",
        "heading, There is a problem, level 2",
        f"link, {ERROR}",
        "heading, Sign in, level 1",
        "Email address or mobile number",
        HINT,
        "Error:",
        ERROR,
        f"textbox, Email address or mobile number, {HINT} Error: {ERROR}",
        "button, Continue",
    ]


def test_reading_sending_and_receiving(people: People, running_portal: RunningPortal) -> None:
    account = running_portal.add_officer()
    victim = people.victim(running_portal)
    victim.joins(running_portal.case_arrives(account))
    begin_to_listen(victim.page)
    victim.sends("Is there any news?")
    expect(victim.message("Is there any news?", "recorded")).to_be_visible()
    # That it is on the record by now is no news to be told.
    assert said_by_itself(victim.page) == ["polite: Your message was sent."]

    officer = people.officer(running_portal)
    officer.signs_in(account)
    officer.opens_case(victim.case)
    officer.sends("I will phone on Monday.")
    until(lambda: len(said_by_itself(victim.page)) > 1, "the new message to be announced")
    expect(victim.message("I will phone on Monday.", "recorded")).to_be_visible()
    assert said_by_itself(victim.page)[1:] == [
        f"polite: New message from PC Sam Okafor {account.collar}"
    ]

    victim.page.reload()
    said = transcript(victim.page)
    assert said[: said.index("button, Send message") + 1] == [
        "heading, Your case, level 1",
        "Status",
        "Under investigation",
        "Usually your officer writes to you when there is something that they can tell you.",
        "Reference",
        "REFERENCE",
        "Your officer",
        f"PC Sam Okafor, collar number {account.collar}",
        "Northshire Police",
        "Replies",
        "Your officer usually replies within 2 working days",
        "link, Write a message",
        "link, I would rather be phoned",
        "link, About your case, your rights and support",
        "region, Messages",
        "heading, Messages, level 2",
        "You",
        "DAY",
        "Is there any news?",
        "On your case record",
        f"PC Sam Okafor {account.collar}",
        "DAY",
        "I will phone on Monday.",
        "On your case record",
        "New messages show here by themselves.",
        "button, Pause new messages",
        "This is not watched round the clock. In an emergency call 999.",
        "What you write is kept on your case record. If the case goes to court, the prosecution and"
        " the defence may see it. You do not need to describe what happened here.",
        "Your message",
        "You can write up to 5,000 characters.",
        "textbox, Your message, You can write up to 5,000 characters.",
        "button, Send message",
    ]


def test_the_session_is_over_while_the_page_is_open(victim: VictimInBrowser) -> None:
    victim.watch.expect(401)
    begin_to_listen(victim.page)
    victim.signs_out_in_another_tab()
    until(lambda: said_by_itself(victim.page), "that the session is over to be said")
    assert said_by_itself(victim.page) == ["polite: You are signed out."]
    said = transcript(victim.page)
    # Nothing of the case, and the words that were being written can be kept.
    assert said[: said.index("button, Sign in again, 1") + 1] == [
        "heading, Your case, level 1",
        "region, Messages",
        "heading, Messages, level 2",
        "You are signed out.",
        "You are signed out.",
        "We do this to keep your messages private. What you were writing is still here.",
        "button, Sign in again, 1",
    ]


def heard(victim: VictimInBrowser, words: str) -> bool:
    return words in said_by_itself(victim.page)


def test_leaving_in_a_hurry(victim: VictimInBrowser, safe_exit: str) -> None:
    assert transcript(victim.page, ".app-exit")[0] == "button, Emergency Exit this page"
    begin_to_listen(victim.page)
    for said in PRESSED:
        victim.page.keyboard.press("Shift")
        until(partial(heard, victim, said), said)
    assert said_by_itself(victim.page) == PRESSED
    victim.page.keyboard.press("Shift")
    victim.page.wait_for_url(safe_exit)


def test_an_officers_message_that_comes_with_ones_own_is_told_with_it_once(
    people: People, running_portal: RunningPortal
) -> None:
    account = running_portal.add_officer()
    victim = people.victim(running_portal)
    victim.joins(running_portal.case_arrives(account))
    officer = people.officer(running_portal)
    officer.signs_in(account)
    officer.opens_case(victim.case)
    victim.button("Pause new messages").click()
    officer.sends("I will phone on Monday.")
    expect(officer.message("I will phone on Monday.", "recorded")).to_be_visible()
    begin_to_listen(victim.page)

    victim.sends("Is there any news?")

    expect(victim.message("I will phone on Monday.")).to_be_visible()
    until(lambda: said_by_itself(victim.page), "both to be said")
    # What comes later is the same messages, on the record by now.
    victim.button("Show new messages again").click()
    expect(victim.message("Is there any news?", "recorded")).to_be_visible()
    assert said_by_itself(victim.page) == [
        f"polite: New message from PC Sam Okafor {account.collar}. Your message was sent."
    ]
