"""What a victim sees once they are in, in every state that the pages know."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.accessibility import FINGER, check_accessibility
from tests.browser.conftest import People
from tests.browser.people import VictimInBrowser
from tests.browser.programs import until
from tests.browser.running import RunningPortal

LONG = "A long answer. " * 20 + "\n\n" + "without-any-blank-" * 20
CONVERSATION = ["Hello.", LONG, "<b>markup</b> & 🙂", *(f"message {n}" for n in range(22))]


def test_safety(people: People, running_portal: RunningPortal) -> None:
    victim = people.victim(running_portal)
    victim.watch.expect(422)
    victim.is_asked_who_they_are(running_portal.case_arrives())
    victim.answers()
    expect(victim.heading("Using this safely")).to_be_visible()
    check_accessibility(victim.page, "safety")

    victim.field("Email").check()
    victim.button("Continue to your case").click()

    expect(victim.summary).to_be_focused()
    check_accessibility(victim.page, "safety error")


def test_case(victim: VictimInBrowser) -> None:
    victim.watch.expect(422)
    check_accessibility(victim.page, "case empty")

    victim.send_button.click()
    expect(victim.summary).to_be_focused()
    check_accessibility(victim.page, "case error")

    victim.sends("One.")
    expect(victim.message("One.")).to_be_visible()
    victim.opens(f"{victim.page.url}?sent=1")
    expect(victim.page.locator("#sent")).to_be_focused()
    check_accessibility(victim.page, "case after sending without scripts")


def test_conversation(victim: VictimInBrowser) -> None:
    victim.sends_by_the_dozen(CONVERSATION)
    check_accessibility(victim.page, "conversation")

    victim.text.fill("🙂" * 4990)
    expect(victim.page.get_by_text("10 characters left").first).to_be_visible()
    check_accessibility(victim.page, "conversation nearly too long")

    with victim.watch.off_line():
        victim.send_button.click()
        expect(victim.page.get_by_text("Not sent yet.").first).to_be_visible()
    check_accessibility(victim.page, "conversation off line")

    victim.link("Show earlier messages").click()
    expect(victim.link("Show the newest messages")).to_be_visible()
    check_accessibility(victim.page, "conversation earlier")


def test_signed_out_while_writing(victim: VictimInBrowser) -> None:
    victim.watch.expect(401)
    victim.text.fill("half a message")
    victim.signs_out_in_another_tab()
    check_accessibility(victim.page, "signed out while writing")


def test_form_that_was_open_too_long(victim: VictimInBrowser) -> None:
    victim.watch.expect(400)
    victim.text.fill("half a message")
    victim.page.locator("#composer [name=csrf_token]").evaluate("field => field.value = 'old'")
    victim.send_button.click()

    expect(victim.summary).to_be_focused()
    expect(victim.summary).to_contain_text("This page was open too long")
    check_accessibility(victim.page, "form open too long")


def test_several_cases(victim: VictimInBrowser, running_portal: RunningPortal) -> None:
    second = running_portal.case_arrives(victim=victim.case["victim"])
    address = victim.case["victim"]["email"]
    until(lambda: len(running_portal.letters(address, "invitation")) == 2, "another invitation")
    victim.is_asked_who_they_are(second)
    victim.answers()
    expect(victim.heading("Using this safely")).to_be_visible()

    victim.opens("/cases")

    expect(victim.heading("Your cases")).to_be_visible()
    expect(victim.link(f"Case {second['reference']}")).to_be_visible()
    check_accessibility(victim.page, "cases")


def test_case_that_is_no_longer_online(
    victim: VictimInBrowser, running_portal: RunningPortal
) -> None:
    victim.watch.expect(404)
    victim.text.fill("half a message")

    running_portal.tell({**victim.case, "domesticAbuse": True})

    # The open page finds out by itself.
    expect(victim.heading("This case is not available online")).to_be_visible()
    check_accessibility(victim.page, "not available")


def test_around_the_case(victim: VictimInBrowser) -> None:
    victim.watch.expect(422)
    victim.link("About your case, your rights and support").click()
    expect(victim.heading("About your case")).to_be_visible()
    check_accessibility(victim.page, "about the case")

    victim.link("complain about data protection").click()
    victim.button("Send complaint").click()
    expect(victim.summary).to_be_focused()
    check_accessibility(victim.page, "data complaint error")
    victim.field("What is your complaint?").fill("You keep too much.")
    victim.button("Send complaint").click()
    expect(victim.page.locator("#made")).to_be_focused()
    check_accessibility(victim.page, "data complaint made")


def test_asking_to_be_phoned(victim: VictimInBrowser) -> None:
    victim.watch.expect(422)
    victim.link("I would rather be phoned").click()
    victim.button("Ask us to phone you").click()
    expect(victim.summary).to_be_focused()
    check_accessibility(victim.page, "phone me error")

    victim.field("The number that the police have").check()
    victim.button("Ask us to phone you").click()
    expect(victim.page.locator("#asked")).to_be_focused()
    check_accessibility(victim.page, "phone me asked")


def test_news_below_moves_nothing_and_is_one_press_away(
    people: People, running_portal: RunningPortal
) -> None:
    account = running_portal.add_officer()
    victim = people.victim(running_portal)
    victim.joins(running_portal.case_arrives(account))
    victim.sends_by_the_dozen(CONVERSATION)
    officer = people.officer(running_portal)
    officer.signs_in(account)
    officer.opens_case(victim.case)
    page = victim.page
    page.evaluate("window.scrollTo(0, 0); document.activeElement.blur()")
    victim.listens()
    officer.sends("I will phone on Monday.")

    button = victim.button("Show 1 new message")
    expect(button).to_be_in_viewport()
    assert page.evaluate("[window.scrollY, document.activeElement.tagName]") == [0, "BODY"]
    expect(victim.announcer).to_have_text(f"New message from PC Sam Okafor {account.collar}")
    assert len(victim.heard) == 1
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= FINGER
    button.click()
    expect(button).to_be_hidden()
    expect(victim.message("I will phone on Monday.")).to_be_focused()
