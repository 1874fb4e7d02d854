"""What supervisors, contact bureau, administrators and auditors see, in every state; and that all
of it works with the keyboard alone and without JavaScript."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playwright.sync_api import expect

from tests.browser.accessibility import check_accessibility
from tests.browser.conftest import People
from tests.browser.people import OfficerInBrowser, VictimInBrowser
from tests.browser.running import RunningPortal

REASON = "Cover for an officer on leave"
ASKS_WHY = "Say why you are opening this case"


def staff(people: People, portal: RunningPortal, *roles: str, **options: Any) -> OfficerInBrowser:
    """Somebody with these roles, in their inbox."""
    person: OfficerInBrowser = people.officer(portal, **options)
    person.signs_in(portal.add_officer(*roles))
    return person


def victim_of_another(people: People, portal: RunningPortal) -> VictimInBrowser:
    """A victim on their case page, whose officer is somebody else."""
    victim: VictimInBrowser = people.victim(portal)
    victim.joins(portal.case_arrives(portal.add_officer()))
    return victim


def finds(person: OfficerInBrowser, case: Mapping[str, Any]) -> None:
    person.opens("/officer/conversations")
    person.field("Crime reference number").fill(case["reference"])
    person.button("Find").click()


def gives_reason(person: OfficerInBrowser) -> None:
    person.field("Your reason").fill(REASON)
    person.button("Open the case").click()
    expect(person.page.get_by_text("You are reading this case")).to_be_visible()


def test_opening(people: People, running_portal: RunningPortal) -> None:
    victim = victim_of_another(people, running_portal)
    supervisor = staff(people, running_portal, "supervisor", "contact-bureau")
    supervisor.watch.expect(422)
    supervisor.opens("/officer/conversations")
    check_accessibility(supervisor.page, "force conversations")
    supervisor.button("Find").click()
    expect(supervisor.summary).to_be_focused()
    check_accessibility(supervisor.page, "force conversations error")

    finds(supervisor, victim.case)
    expect(supervisor.heading(ASKS_WHY)).to_be_visible()
    check_accessibility(supervisor.page, "opening")
    supervisor.button("Open the case").click()
    check_accessibility(supervisor.page, "opening error")
    gives_reason(supervisor)
    check_accessibility(supervisor.page, "case for a supervisor")


def test_pausing(people: People, running_portal: RunningPortal) -> None:
    victim = victim_of_another(people, running_portal)
    supervisor = staff(people, running_portal, "supervisor", "contact-bureau")
    supervisor.watch.expect(422)
    finds(supervisor, victim.case)
    gives_reason(supervisor)
    supervisor.link("Pause messages to the officer").click()
    check_accessibility(supervisor.page, "pause")
    supervisor.button("Pause messages to the officer").click()
    check_accessibility(supervisor.page, "pause error")
    supervisor.field("2 days").check()
    supervisor.field("Your reason").fill(REASON)
    supervisor.button("Pause messages to the officer").click()
    expect(supervisor.button("End the pause now")).to_be_visible()
    check_accessibility(supervisor.page, "case paused for a supervisor")

    # The victim's open page learns it by itself, and says whom to call.
    expect(victim.page.get_by_text("your messages go to our contact team")).to_be_visible()
    check_accessibility(victim.page, "case paused for the victim")
    victim.sends("Please answer me")
    expect(victim.message("Please answer me", "recorded")).to_be_visible()
    expect(supervisor.message("Please answer me")).to_be_visible()
    supervisor.opens("/officer/conversations")
    check_accessibility(supervisor.page, "force conversations to read")


def put_on_hold(people: People, portal: RunningPortal) -> VictimInBrowser:
    victim = victim_of_another(people, portal)
    victim.page.close()
    portal.tell({**victim.case, "flags": ["weapon-used"]})
    return victim


def test_tasks(people: People, running_portal: RunningPortal) -> None:
    victim = put_on_hold(people, running_portal)
    supervisor = staff(people, running_portal, "supervisor")
    supervisor.watch.expect(422)
    task = supervisor.page.get_by_role(
        "link", name=f"Make contact with the victim in a safe way (Case {victim.case['reference']})"
    )
    supervisor.opens("/officer/tasks")
    while not task.count():
        supervisor.page.reload()
    check_accessibility(supervisor.page, "tasks")
    task.click()
    check_accessibility(supervisor.page, "task")
    supervisor.button("Done").click()
    expect(supervisor.summary).to_be_focused()
    check_accessibility(supervisor.page, "task error")


def test_lifting_a_hold(people: People, running_portal: RunningPortal) -> None:
    victim = put_on_hold(people, running_portal)
    supervisor = staff(people, running_portal, "supervisor")
    finds(supervisor, victim.case)
    gives_reason(supervisor)
    while not supervisor.link("Lift the hold").count():
        supervisor.page.reload()
    check_accessibility(supervisor.page, "case on hold for a supervisor")
    supervisor.link("Lift the hold").click()
    check_accessibility(supervisor.page, "hold")
    supervisor.field("Your reason").fill(REASON)
    supervisor.button("Lift the hold").click()
    expect(supervisor.page.get_by_text("The hold stays.")).to_be_visible()
    check_accessibility(supervisor.page, "hold stays")


def test_administrator_and_auditor(people: People, running_portal: RunningPortal) -> None:
    person = staff(people, running_portal, "force-admin", "auditor")
    check_accessibility(person.page, "inbox of an administrator")
    for name in ("Tasks", "Settings", "Officers", "Audit record", "Figures"):
        person.link(name).click()
        check_accessibility(person.page, f"staff {name}")
    person.opens("/officer/audit?day=2020-01-01")
    check_accessibility(person.page, "audit record without rows")
    person.opens("/officer/audit")
    with person.page.expect_download() as download:
        person.button("Download as a CSV file").click()
    assert download.value.suggested_filename == "audit.csv"


def test_opening_with_the_keyboard_alone_and_without_scripts(
    people: People, running_portal: RunningPortal
) -> None:
    victim = victim_of_another(people, running_portal)
    supervisor = staff(people, running_portal, "supervisor", java_script_enabled=False)
    finds(supervisor, victim.case)
    keyboard = supervisor.page.keyboard

    def tabs_to(name: str) -> None:
        wanted = supervisor.page.locator(":focus")
        for _ in range(40):
            keyboard.press("Tab")
            if wanted.count() and name in wanted.first.inner_text():
                return
        raise AssertionError(f"the keyboard does not come to {name}")

    supervisor.field("Your reason").focus()
    keyboard.type(REASON)
    keyboard.press("Tab")
    keyboard.press("Enter")
    expect(supervisor.page.get_by_text("You are reading this case")).to_be_visible()
    tabs_to("Pause messages to the officer")
    keyboard.press("Enter")
    expect(supervisor.field("1 day")).to_be_visible()
    supervisor.field("1 day").focus()
    keyboard.press("Space")
    keyboard.press("Tab")
    keyboard.type(REASON)
    keyboard.press("Tab")
    keyboard.press("Enter")
    expect(supervisor.button("End the pause now")).to_be_visible()
