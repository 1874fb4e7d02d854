"""What a page says of its session's end, and what puts it off."""

from __future__ import annotations

from datetime import timedelta

import time_machine

from app import clock
from app.web.times import time_in_words
from tests.pages import Page, Visitor
from tests.portal import Portal


def seconds(page: Page) -> tuple[int, int]:
    """Until the session ends, and until it ends whatever is done."""
    [module] = [each for each in page.all(".//div") if each.get("data-module") == "app-session"]
    return int(module.get("data-session-seconds") or 0), int(module.get("data-session-limit") or 0)


def extend(someone: Visitor, page: Page, **more: str) -> tuple[int, str]:
    token = page.form("Sign out").values["csrf_token"]
    answer = someone.post("/session/extend", data={"csrf_token": token, **more})
    return answer.status_code, answer.get_data(as_text=True)


def test_the_page_says_when_it_ends_and_when_at_the_latest(northshire: Portal) -> None:
    joined = northshire.join()
    with time_machine.travel(clock.now() + timedelta(minutes=10), tick=False):
        page = joined.visitor.see(joined.url)
        assert seconds(page)[0] == 20 * 60
        assert time_in_words(clock.now() + timedelta(minutes=20)) in page.words
        limit = clock.now() + timedelta(hours=11, minutes=50)
        assert time_in_words(limit) in page.words
    with time_machine.travel(clock.now() + timedelta(minutes=21), tick=False):
        assert joined.visitor.see(joined.url).h1 == "Your case"


def test_staying_signed_in_puts_the_end_off(northshire: Portal) -> None:
    joined = northshire.join()
    start = clock.now()
    page = joined.visitor.see(joined.url)
    for minutes in (19, 38, 57):
        with time_machine.travel(start + timedelta(minutes=minutes), tick=False):
            assert extend(joined.visitor, page) == (200, "1200\n")
    with time_machine.travel(start + timedelta(minutes=78), tick=False):
        assert extend(joined.visitor, page)[0] in {400, 401}
        assert joined.visitor.see(joined.url).h1 == "Sign in"


def test_it_is_written_down_every_few_seconds_at_most(northshire: Portal) -> None:
    joined = northshire.join()
    page = joined.visitor.see(joined.url)
    start = clock.now() + timedelta(seconds=30)
    answers = []
    for after in (0, 1, 4, 6):
        with time_machine.travel(start + timedelta(seconds=after), tick=False):
            answers.append(extend(joined.visitor, page)[1])
    assert answers == ["1200\n", "1199\n", "1196\n", "1200\n"]


def test_a_page_that_only_asks_is_told_and_puts_nothing_off(northshire: Portal) -> None:
    joined = northshire.join()
    page = joined.visitor.see(joined.url)
    start = clock.now()
    with time_machine.travel(start + timedelta(minutes=15), tick=False):
        assert extend(joined.visitor, page)[1] == "1200\n"
    with time_machine.travel(start + timedelta(minutes=25), tick=False):
        assert extend(joined.visitor, page, only_asks="1") == (200, "600\n")
    with time_machine.travel(start + timedelta(minutes=36), tick=False):
        assert extend(joined.visitor, page, only_asks="1")[0] in {400, 401}
        assert joined.visitor.see(joined.url).h1 == "Sign in"


def test_nothing_puts_the_last_end_off(northshire: Portal) -> None:
    joined = northshire.join()
    start = clock.now()
    page = joined.visitor.see(joined.url)
    for minutes in range(19, 12 * 60, 19):
        with time_machine.travel(start + timedelta(minutes=minutes), tick=False):
            status, left = extend(joined.visitor, page)
            assert status == 200
            assert int(left) <= (12 * 60 - minutes) * 60 + 5
    with time_machine.travel(start + timedelta(hours=12, seconds=1), tick=False):
        assert joined.visitor.see(joined.url).h1 == "Sign in"


def test_nobody_else_can_put_it_off(northshire: Portal) -> None:
    joined = northshire.join()
    assert joined.visitor.post("/session/extend").status_code == 400
    assert northshire.visitor().post("/session/extend").status_code == 400


def test_officers_are_told_too(northshire: Portal) -> None:
    desk = northshire.officer_signs_in(northshire.add_officer())
    page = desk.see("/officer/inbox")
    assert seconds(page)[0] <= 20 * 60
    assert extend(desk, page)[0] == 200
