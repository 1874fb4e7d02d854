"""Writing over a line that loses requests and answers: what was sent is stored once, and the person
is told the truth.

`BAD_LINE_SENDS=100` sends so many messages in place of a few; `var/bad_line.json` has the figures.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import People
from tests.browser.lines import Fate, Line, all_arrives, drops, line_to
from tests.browser.people import VictimInBrowser
from tests.browser.programs import until
from tests.browser.running import RunningPortal
from tests.databases import ROOT

SENDS = int(os.environ.get("BAD_LINE_SENDS", "8"))
FROM_ONE_PERSON = 20
"""As many as a page shows; more in a short time would be too many."""

WORDS = "Will anybody call me this week? 🙂"
NOT_SENT = "Not sent yet."
SLOW = "This is taking long. Your words are still here"
SENT = "Your message was sent."


@pytest.fixture
def line(running_portal: RunningPortal) -> Iterator[Line]:
    with line_to(running_portal.port) as line:
        yield line


def on_the_line(people: People, portal: RunningPortal, line: Line) -> VictimInBrowser:
    """A victim whose page came over this line. (Cookies know no ports.)"""
    victim: VictimInBrowser = people.victim(portal)
    victim.joins(portal.case_arrives())
    victim.page.clock.install()
    victim.opens(f"{line.url}/cases")
    expect(victim.heading("Your case")).to_be_visible()
    victim.listens()
    return victim


def presses_the_button(victim: VictimInBrowser) -> None:
    victim.button("Try again").click()


def comes_back_on_line(victim: VictimInBrowser) -> None:
    victim.page.evaluate("window.dispatchEvent(new Event('online'))")


def comes_back_to_the_page(victim: VictimInBrowser) -> None:
    victim.page.evaluate("window.dispatchEvent(new Event('focus'))")


def waits(victim: VictimInBrowser) -> None:
    # The page's clock is the test's, the line's is not: a question under way would seem too late.
    expect(victim.page.locator("#messages.htmx-request")).to_have_count(0)
    victim.page.clock.fast_forward(61_000)


WAYS: tuple[Callable[[VictimInBrowser], None], ...] = (
    presses_the_button,
    comes_back_on_line,
    comes_back_to_the_page,
    waits,
)


@dataclass
class Told:
    """What the people saw, all together."""

    tries: int = 0
    confirmed: int = 0
    told_not_sent: int = 0
    after_so_many_tries: Counter[int] = field(default_factory=Counter)


def problem(page: Page) -> str:
    said: str = page.locator("[data-problem]").evaluate("each => each.hidden ? '' : each.innerText")
    return said


def is_settled(victim: VictimInBrowser) -> bool:
    return victim.page.locator("#composer button[aria-disabled]").count() == 0


def sends_until_it_is_confirmed(
    victim: VictimInBrowser, text: str, again: Callable[[VictimInBrowser], None], told: Told
) -> None:
    victim.sends(text)
    tries = 1
    until(lambda: is_settled(victim), "the end of a try")
    while problem(victim.page) != SENT:
        assert NOT_SENT in problem(victim.page)
        assert victim.text.input_value() == text
        if tries == 1:
            expect(victim.announcer).to_contain_text(NOT_SENT)
            told.told_not_sent += 1
        tries += 1
        again(victim)
        until(lambda: is_settled(victim), "the end of a try")
    assert victim.text.input_value() == ""
    expect(victim.message(text)).to_have_count(1)
    expect(victim.announcer).to_have_text(SENT)
    told.tries += tries
    told.confirmed += 1
    told.after_so_many_tries[tries] += 1


def test_what_is_sent_over_a_line_that_loses_more_than_half_is_stored_once(
    people: People, running_portal: RunningPortal, line: Line
) -> None:
    told, lost, doubled, stored = Told(), 0, 0, 0
    texts = [f"{number}: {WORDS}" for number in range(SENDS)]
    for start in range(0, SENDS, FROM_ONE_PERSON):
        mine = texts[start : start + FROM_ONE_PERSON]
        line.fates = all_arrives
        victim = on_the_line(people, running_portal, line)
        with victim.watch.broken_line():
            line.fates = drops(0.3, 0.3, seed=start + 1)
            for number, text in enumerate(mine):
                sends_until_it_is_confirmed(victim, text, WAYS[number % len(WAYS)], told)
            line.fates = all_arrives
            shown = [text for _, _, text in victim.messages]
        # Each told once that it is not sent, however many tries it took, and once that it is.
        assert len(victim.heard) == victim.heard.count(SENT) + sum(
            NOT_SENT in e for e in victim.heard
        )
        assert victim.heard.count(SENT) == len(mine)
        until(lambda: len(running_portal.entries(victim.case)) >= len(mine), "the record", 60)  # noqa: B023
        record = Counter(entry["text"] for entry in running_portal.entries(victim.case))
        victim.page.reload()
        assert shown == mine
        assert [text for _, _, text in victim.messages] == mine
        stored += len(record)
        lost += sum(record[text] == 0 for text in mine)
        doubled += sum(record[text] > 1 for text in mine)
    note(line, told, stored=stored, lost=lost, doubled=doubled)
    assert (stored, lost, doubled) == (SENDS, 0, 0)


def note(line: Line, told: Told, **counted: int) -> None:
    figures = {
        "sent": SENDS,
        **counted,
        "confirmed to the person": told.confirmed,
        "told “Not sent yet” first": told.told_not_sent,
        "tries": told.tries,
        "messages by number of tries": dict(sorted(told.after_so_many_tries.items())),
        "on the line": {
            f"{how} {fate.value}": n
            for (how, fate), n in sorted(
                line.seen.items(), key=lambda each: (each[0][0], each[0][1].value)
            )
        },
    }
    print("\n" + json.dumps(figures, indent=1, ensure_ascii=False))
    file = ROOT / "var" / "bad_line.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", "utf-8")


def test_a_time_out_is_told_in_words_and_a_message_that_was_stored_shows_once(
    people: People, running_portal: RunningPortal, line: Line
) -> None:
    victim = on_the_line(people, running_portal, line)
    victim.watch.tells("htmx: htmx:error: timeout")
    line.fates = lambda method, _: Fate.HANGS if method == "POST" else Fate.ARRIVES
    victim.sends(WORDS)
    until(lambda: line.count(Fate.HANGS), "the message on its way")

    victim.page.clock.fast_forward(9_000)
    expect(victim.page.get_by_text(SLOW).last).to_be_visible()
    expect(victim.button("Sending")).to_be_visible()
    assert victim.text.input_value() == WORDS

    with victim.watch.broken_line():
        victim.page.clock.fast_forward(12_000)
        expect(victim.button("Try again")).to_be_visible()
    expect(victim.page.get_by_text(SLOW).last).to_be_visible()

    line.fates = all_arrives
    victim.page.clock.fast_forward(6_000)

    expect(victim.text).to_have_value("")
    expect(victim.message(WORDS)).to_have_count(1)
    expect(victim.page.get_by_text(SENT).last).to_be_visible()
    expect(victim.announcer).to_have_text(SENT)
    assert [SLOW in said for said in victim.heard] == [True, False]
    until(lambda: running_portal.entries(victim.case), "the message on the record")
    assert [entry["text"] for entry in running_portal.entries(victim.case)] == [WORDS]


def test_words_that_were_changed_after_they_failed_wait_for_the_button(
    people: People, running_portal: RunningPortal, line: Line
) -> None:
    victim = on_the_line(people, running_portal, line)
    with victim.watch.broken_line():
        line.fates = lambda method, _: Fate.LOST_BEFORE if method == "POST" else Fate.ARRIVES
        victim.sends(WORDS)
        expect(victim.button("Try again")).to_be_visible()
        line.fates = all_arrives
    sent = line.count(*Fate)
    victim.text.press_sequentially(" Please")

    for again in WAYS[1:]:
        again(victim)
    victim.page.wait_for_timeout(500)
    assert line.count(*Fate) == sent

    presses_the_button(victim)
    expect(victim.message(f"{WORDS} Please")).to_be_visible()


def test_confirmation_stays_until_the_next_words(victim: VictimInBrowser) -> None:
    victim.sends(WORDS)
    confirmation = victim.page.locator("[data-problem]")
    expect(confirmation).to_have_text(SENT)
    expect(confirmation).to_be_visible()

    victim.text.press_sequentially("A")

    expect(confirmation).to_be_hidden()


def test_polls_that_fail_break_nothing_and_pausing_stays(
    people: People, running_portal: RunningPortal, line: Line
) -> None:
    victim = on_the_line(people, running_portal, line)
    with victim.watch.broken_line():
        line.fates = lambda method, _: Fate.LOST_BEFORE if method == "GET" else Fate.ARRIVES
        for _ in range(4):
            asked = line.seen["GET", Fate.LOST_BEFORE]
            victim.page.clock.fast_forward(9_000)
            until(lambda: line.seen["GET", Fate.LOST_BEFORE] > asked, "a question")  # noqa: B023
        unreachable = "We cannot check for new messages at the moment. We will keep trying."
        expect(victim.page.get_by_text(unreachable)).to_be_visible()
        victim.button("Pause new messages").click()
        expect(victim.page.get_by_text("New messages are paused.")).to_be_visible()
        line.fates = all_arrives

    victim.sends(WORDS)
    expect(victim.message(WORDS)).to_be_visible()
    expect(victim.page.get_by_text("New messages are paused.")).to_be_visible()
    victim.button("Show new messages again").click()
    expect(victim.page.get_by_text("New messages show here by themselves.")).to_be_visible()
    expect(victim.message(WORDS, "recorded")).to_be_visible()
