"""A case arrives, its victim is invited and writes, the officer answers, and both messages stand
on the record."""

from __future__ import annotations

import json
import time

from playwright.sync_api import expect

from tests.browser.conftest import People
from tests.browser.people import OfficerInBrowser, VictimInBrowser
from tests.browser.programs import until
from tests.browser.running import RunningPortal
from tests.databases import ROOT

QUESTION = "Hello. Did the shop's camera see <b>anything</b>? 🙂\n\nThank you."
ANSWER = "It did. I will watch it tomorrow & write again."
SECOND = "Thank you for telling me."


def on_the_record(portal: RunningPortal, person: VictimInBrowser) -> list[tuple[str, str]]:
    return [(entry["kind"], entry["text"]) for entry in portal.entries(person.case)]


def note_seconds(kind: str, **seconds: float) -> None:
    """Beside those of the other database, for whoever wants to know."""
    told = {name: round(value, 2) for name, value in seconds.items()}
    print(f"\n{kind}: {told}")
    path = ROOT / "var" / "loop.json"
    path.parent.mkdir(exist_ok=True)
    known = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps({**known, kind: told}, indent=2) + "\n")


def kind_of(portal: RunningPortal) -> str:
    return portal.database_url.partition(":")[0].partition("+")[0]


def invite_by_officer(
    portal: RunningPortal, people: People, **options: bool
) -> tuple[OfficerInBrowser, VictimInBrowser]:
    """A case arrives, its officer invites, the victim opens the link."""
    account = portal.add_officer()
    case = portal.case_arrives(account, by_hand=True)
    officer = people.officer(portal, **options)
    officer.signs_in(account)
    officer.invites(case)
    victim = people.victim(portal, **options)
    victim.is_asked_who_they_are(case)
    return officer, victim


def test_the_main_loop_with_scripts(either_portal: RunningPortal, people: People) -> None:
    officer, victim = invite_by_officer(either_portal, people)
    victim.answers()
    victim.field("Email").check()
    victim.field("Only I can see messages sent there").check()
    victim.button("Continue to your case").click()
    expect(victim.heading("Your case")).to_be_visible()
    expect(victim.page.get_by_text("There are no messages yet.")).to_be_visible()
    officer.page.reload()
    victim.listens()
    officer.listens()

    sent = time.monotonic()
    victim.sends(QUESTION)
    expect(victim.page.locator("[data-message]")).to_have_count(1)
    shown = time.monotonic()
    expect(victim.page.locator("[data-message='1'][data-state=recorded]")).to_be_visible()
    recorded = time.monotonic()

    expect(officer.page.locator("[data-message='1'][data-state=recorded]")).to_be_visible()
    assert officer.messages == victim.messages == [(1, "recorded", QUESTION)]
    expect(officer.announcer).to_have_text(f"New message from {victim.name}")

    replied = time.monotonic()
    officer.sends(ANSWER)
    expect(victim.message(ANSWER)).to_be_visible()
    answered = time.monotonic()
    expect(victim.message(ANSWER, "recorded")).to_be_visible()
    expect(officer.message(ANSWER, "recorded")).to_be_visible()

    both = [(1, "recorded", QUESTION), (2, "recorded", ANSWER)]
    assert victim.messages == officer.messages == both
    who = victim.case["officerInCase"]
    news = f"New message from {who['name']} {who['collar']}"
    expect(victim.announcer).to_have_text(news)
    expect(officer.announcer).to_have_text("Your reply was sent.")
    assert victim.heard == ["Your message was sent.", news]
    assert officer.heard == [f"New message from {victim.name}", "Your reply was sent."]
    assert on_the_record(either_portal, victim) == [
        ("victim-message", QUESTION),
        ("officer-message", ANSWER),
    ]
    note_seconds(
        kind_of(either_portal),
        send_to_shown=shown - sent,
        send_to_recorded=recorded - sent,
        reply_to_victims_screen=answered - replied,
    )
    assert recorded - sent < 5
    assert answered - replied < 10


def test_the_main_loop_without_scripts(running_portal: RunningPortal, people: People) -> None:
    officer, victim = invite_by_officer(running_portal, people, java_script_enabled=False)
    victim.answers()
    victim.button("Continue to your case").click()

    victim.sends(QUESTION)

    expect(victim.page.get_by_text("Your message was sent.")).to_be_in_viewport()
    assert [text for _, _, text in victim.messages] == [QUESTION]
    until(lambda: on_the_record(running_portal, victim), "the message on the record")
    victim.link("Check for new messages").click()
    expect(victim.page.get_by_text("Your message was sent.")).to_have_count(0)
    assert victim.messages == [(1, "recorded", QUESTION)]

    officer.opens_case(victim.case)
    assert officer.messages == [(1, "recorded", QUESTION)]
    officer.sends(ANSWER)
    expect(officer.page.get_by_text("Your reply was sent.")).to_be_in_viewport()

    victim.link("Check for new messages").click()
    assert [text for _, _, text in victim.messages] == [QUESTION, ANSWER]
    victim.sends(SECOND)
    until(lambda: len(on_the_record(running_portal, victim)) == 3, "all three on the record")
    assert on_the_record(running_portal, victim) == [
        ("victim-message", QUESTION),
        ("officer-message", ANSWER),
        ("victim-message", SECOND),
    ]


def test_earlier_messages_can_be_reached_without_scripts(
    running_portal: RunningPortal, people: People
) -> None:
    victim = people.victim(running_portal, java_script_enabled=False)
    victim.joins(running_portal.case_arrives())
    texts = [f"message {number}" for number in range(1, 46)]
    victim.sends_by_the_dozen(texts)

    assert [text for _, _, text in victim.messages] == texts[25:]
    victim.link("Show earlier messages").click()
    assert [text for _, _, text in victim.messages] == texts[5:25]
    victim.link("Show earlier messages").click()
    assert [text for _, _, text in victim.messages] == texts[:5]
    expect(victim.link("Show earlier messages")).to_have_count(0)
    victim.link("Show the newest messages").click()
    assert [text for _, _, text in victim.messages] == texts[25:]
