"""How often an open page asks for news. Time is the browser's own, wound on by the tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Request, expect

from app import clock
from tests.browser.conftest import People
from tests.browser.people import VictimInBrowser
from tests.browser.programs import until
from tests.browser.running import RunningPortal
from tests.ports import free_port

NEWS_WITHIN = 10
NEWS_WHEN_IDLE_WITHIN = 60
IDLE_AFTER = 5 * 60
"""Seconds."""

_HIDE = """isHidden => {
  Object.defineProperty(document, 'hidden', { value: isHidden, configurable: true })
  document.dispatchEvent(new Event('visibilitychange'))
}"""


class Polls:
    """Winds the time of a page on, and counts what it asks meanwhile."""

    def __init__(self, victim: VictimInBrowser) -> None:
        self._page = victim.page
        self.asked = self._answered = 0
        self._page.on("request", self._count_question)
        self._page.on("response", lambda answer: self._count_answer(answer.request))

    def _count_question(self, request: Request) -> None:
        self.asked += "/messages?after=" in request.url

    def _count_answer(self, request: Request) -> None:
        self._answered += "/messages?after=" in request.url

    def in_seconds(self, seconds: int) -> list[int]:
        """At which of these seconds the page asked."""
        return [second for second in range(1, seconds + 1) if self._asks_within_a_second()]

    def _asks_within_a_second(self) -> bool:
        before = self.asked
        self._page.clock.run_for(1000)
        self.settle()
        return self.asked > before

    def settle(self) -> None:
        """Until every question has its answer, and the page has taken it in."""
        until(lambda: self._page.evaluate("1") and self.asked == self._answered, "an answer")
        self._page.evaluate("new Promise(done => Promise.resolve().then(done))")


@pytest.fixture
def victim(people: People, running_portal: RunningPortal) -> VictimInBrowser:
    person: VictimInBrowser = people.victim(running_portal)
    person.page.clock.install()
    person.joins(running_portal.case_arrives())
    return person


@pytest.fixture
def polls(victim: VictimInBrowser) -> Iterator[Polls]:
    polls = Polls(victim)
    victim.page.clock.pause_at(clock.now().timestamp() + 60)
    polls.settle()
    yield polls
    victim.page.clock.resume()


def gaps(seconds: list[int]) -> list[int]:
    return [later - earlier for earlier, later in zip([0, *seconds], seconds, strict=False)]


def test_open_page_asks_often_then_seldom(victim: VictimInBrowser, polls: Polls) -> None:
    victim.page.mouse.click(1, 200)

    at_first = polls.in_seconds(IDLE_AFTER - 60)
    assert 3 <= min(gaps(at_first)) <= max(gaps(at_first)) < NEWS_WITHIN

    polls.in_seconds(60 + NEWS_WHEN_IDLE_WITHIN)
    later = polls.in_seconds(5 * 60)
    assert len(later) == 5
    assert max(gaps(later)) <= NEWS_WHEN_IDLE_WITHIN

    # Somebody is there again.
    before = polls.asked
    victim.page.mouse.wheel(0, 10)
    until(lambda: victim.page.evaluate("1") and polls.asked > before, "a question at once")
    polls.settle()
    assert max(gaps(polls.in_seconds(60))) < NEWS_WITHIN


def test_paused_page_asks_nothing(victim: VictimInBrowser, polls: Polls) -> None:
    victim.button("Pause new messages").click()
    expect(victim.page.get_by_text("New messages are paused.")).to_be_visible()
    polls.settle()

    assert polls.in_seconds(120) == []

    before = polls.asked
    victim.button("Show new messages again").click()
    expect(victim.page.get_by_text("New messages show here by themselves.")).to_be_visible()
    until(lambda: victim.page.evaluate("1") and polls.asked > before, "a question at once")
    polls.settle()
    assert polls.in_seconds(30)


def test_hidden_page_asks_nothing(victim: VictimInBrowser, polls: Polls) -> None:
    victim.page.evaluate(_HIDE, True)

    assert polls.in_seconds(120) == []

    before = polls.asked
    victim.page.evaluate(_HIDE, False)
    until(lambda: victim.page.evaluate("1") and polls.asked > before, "a question at once")


_SPARING = "Object.defineProperty(navigator, 'connection', {{ value: {{ {} }} }})"


@pytest.mark.parametrize("connection", ["saveData: true", "effectiveType: '2g'"])
def test_page_asks_more_seldom_for_somebody_who_saves_data_or_has_hardly_a_line(
    victim: VictimInBrowser, polls: Polls, connection: str
) -> None:
    victim.page.evaluate(_SPARING.format(connection))

    asked = polls.in_seconds(IDLE_AFTER - 60)

    # The first question was planned before.
    assert 15 <= min(gaps(asked)[1:]) <= max(gaps(asked)) <= 24


@pytest.mark.parametrize("after", ["30", "stop"])
def test_server_stretches_or_stops_the_questions(
    victim: VictimInBrowser, running_portal: RunningPortal, after: str
) -> None:
    port = free_port()
    with running_portal.web_by_name(port, POLL_AFTER=after):
        # Cookies know no ports.
        victim.opens(f"http://127.0.0.1:{port}/cases")
        polls = Polls(victim)
        victim.page.clock.pause_at(clock.now().timestamp() + 60)
        polls.settle()
        asked = polls.in_seconds(120)
        if after == "stop":
            assert len(asked) <= 1
            expect(victim.page.get_by_text("New messages are paused.")).to_be_visible()
            victim.button("Show new messages again").click()
            polls.settle()
            assert polls.in_seconds(60) == []
            expect(victim.page.get_by_text("New messages are paused.")).to_be_visible()
        else:
            assert set(gaps(asked)[1:]) == {30}
        victim.page.clock.resume()
        victim.opens("/cases")
