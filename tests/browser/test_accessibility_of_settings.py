"""A victim's settings and the pages beside the conversation, as `accessibility` measures them."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.accessibility import check_accessibility
from tests.browser.people import VictimInBrowser

SETTINGS = {
    "Your settings": "",
    "Quiet hours": "/quiet-hours",
    "Pause messages from us": "/pause",
    "Stop using this service": "/leave",
    "Language": "/language",
    "Tell me on this device": "/push",
}


def test_every_page_of_settings(victim: VictimInBrowser) -> None:
    for heading, path in SETTINGS.items():
        victim.opens(f"/preferences{path}")
        expect(victim.heading(heading)).to_be_visible()
        check_accessibility(victim.page, f"settings {heading}")


def test_quiet_hours_that_are_no_times(victim: VictimInBrowser) -> None:
    victim.watch.expect(422)
    victim.opens("/preferences/quiet-hours")
    victim.field("From").fill("late")

    victim.button("Save").click()

    expect(victim.summary).to_be_focused()
    expect(victim.summary).to_contain_text("Enter a time like 10pm or 22:00")
    expect(victim.field("From")).to_have_value("late")
    check_accessibility(victim.page, "quiet hours refused")


def test_a_pause_until_no_day(victim: VictimInBrowser) -> None:
    victim.watch.expect(422)
    victim.opens("/preferences/pause")
    victim.field("Pause them until a date").check()
    victim.field("Day").fill("31")
    victim.field("Month").fill("2")

    victim.button("Save").click()

    expect(victim.summary).to_be_focused()
    expect(victim.field("Day")).to_have_value("31")
    check_accessibility(victim.page, "pause refused")


def test_a_device_that_others_may_see(victim: VictimInBrowser) -> None:
    victim.watch.expect(422)
    victim.opens("/preferences")
    victim.link("Tell me on this device").click()

    victim.button("Tell me on this device").click()

    expect(victim.summary).to_be_focused()
    expect(victim.summary).to_contain_text("Tick this box if only you can see this device")
    check_accessibility(victim.page, "push refused")
