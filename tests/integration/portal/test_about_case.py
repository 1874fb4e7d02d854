"""What a victim is told of their case: only what was released, in plain words, with its day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from app import clock
from app.forces.settings import SupportSettings
from app.web.labels import status_label, status_words
from app.web.times import date_in_words, day_in_words, in_london
from tests.factories.facts import case_json
from tests.pages import HTMX, Page, Visitor
from tests.portal import Joined, Portal

RELEASABLE = ["suspect-identified", "awaiting-charge-decision", "charged", "at-court", "closed"]


def about(victim: Joined) -> Page:
    return victim.visitor.see(f"{victim.url}/about")


def releases(reader: Visitor, victim: Joined) -> None:
    page = reader.see(f"/officer{victim.url}")
    reader.send(page.form("Show the victim:"))


def changes(portal: Portal, victim: Joined, **facts: Any) -> None:
    victim.case.update(facts)
    portal.tell(victim.case)


@pytest.mark.parametrize("status", RELEASABLE)
def test_a_status_says_nothing_before_its_release_and_what_comes_next_after_it(
    northshire: Portal, victim: Joined, reader: Visitor, status: str
) -> None:
    changes(northshire, victim, status=status)
    with northshire.app.test_request_context("/"):
        words, label = status_words(status), status_label(status)
        before = status_words("under-investigation")

    for page in (about(victim), victim.visitor.see(victim.url)):
        assert label not in page.words
        assert words.next not in page.words
        assert before.next in page.words

    releases(reader, victim)
    page = about(victim)
    assert words.meaning in page.words
    assert words.next in page.words
    assert f"{date_in_words(clock.now())}: {label}" in page.words
    assert words.next in victim.visitor.see(victim.url).words


def test_what_was_told_stays_listed_in_order_with_its_day(
    northshire: Portal, victim: Joined, reader: Visitor
) -> None:
    changes(northshire, victim, status="charged")
    releases(reader, victim)
    with time_machine.travel(clock.now() + timedelta(minutes=10), tick=True):
        changes(northshire, victim, status="at-court")
        releases(reader, victim)
        items = [text for text in _items(about(victim)) if ": " in text]

    assert [text.split(": ")[1] for text in items][:3] == [
        "you joined this service",
        "Somebody has been charged",
        "At court",
    ]


def test_who_joins_later_is_not_told_what_somebody_else_was_told(
    northshire: Portal, victim: Joined, reader: Visitor
) -> None:
    changes(northshire, victim, status="charged")
    releases(reader, victim)
    other = case_json(reference=victim.case["reference"], status="charged")
    with time_machine.travel(clock.now() + timedelta(hours=1), tick=True):
        northshire.tell(other)
        newcomer = northshire.join(other)
        told = _items(about(newcomer))

    assert not [text for text in told if text.endswith(": Somebody has been charged")]
    assert [text for text in told if "you joined this service" in text]


def test_the_page_says_how_soon_officers_usually_reply_and_never_whether_they_are_on_duty(
    northshire: Portal, victim: Joined
) -> None:
    for page in (about(victim), victim.visitor.see(victim.url)):
        assert "Your officer usually replies within 2 working days" in page.words
        assert "duty" not in page.words

    northshire.add_force(usual_reply_working_days=1)
    assert "by the next working day" in about(victim).words


def test_a_day_that_the_officer_sets_shows_until_it_is_over(
    northshire: Portal, victim: Joined, reader: Visitor
) -> None:
    day = in_london(clock.now()).date() + timedelta(days=3)
    page = reader.see(f"/officer{victim.url}")
    cursor = victim.visitor.see(victim.url).find(".//ol[@id='messages']").get("data-cursor")
    reader.send(page.form("Save the day"), day=day.isoformat())

    expected = f"Next reply by {day_in_words(day)}"
    news = victim.visitor.get(f"{victim.url}/messages?after={cursor}", headers=HTMX)
    assert expected in Page(news, victim.url).words
    for page in (about(victim), victim.visitor.see(victim.url)):
        assert expected in page.words
        assert "usually replies" not in page.words

    form = reader.see(f"/officer{victim.url}").form("Save the day")
    reader.send(form, day="2020-01-01")
    reader.send(form, day="nonsense")
    assert expected in about(victim).words
    reader.send(form, day="")
    assert "usually replies" in about(victim).words


def test_a_day_that_is_over_is_not_shown(
    northshire: Portal, victim: Joined, reader: Visitor
) -> None:
    day = in_london(clock.now()).date()
    page = reader.see(f"/officer{victim.url}")
    reader.send(page.form("Save the day"), day=day.isoformat())
    assert "Next reply by" in about(victim).words

    with time_machine.travel(clock.now() + timedelta(days=1), tick=True):
        northshire.tell(victim.case)
        again = northshire.visitor()
        page = again.see("/sign-in")
        page = again.send(page.form("Continue"), address=victim.case["victim"]["email"])
        code = northshire.sign_in_code(victim.case["victim"]["email"])
        page = again.send(page.form("Sign in"), code=code)
        assert "Next reply by" not in page.words


def test_a_forces_own_support_is_on_the_page_and_in_the_settings(
    northshire: Portal, victim: Joined
) -> None:
    assert "Support near you" not in about(victim).words
    support = [{"name": "Northshire Victims First", "phone": "0800 000 0000", "about": "weekdays"}]
    settings = northshire.add_force(support=support)

    assert settings.support == (
        SupportSettings("Northshire Victims First", "0800 000 0000", "weekdays"),
    )
    page = about(victim)
    assert "Northshire Victims First, weekdays: 0800 000 0000" in page.words
    assert page.link("0800 000 0000") == "tel:08000000000"


def _items(page: Page) -> list[str]:
    return [" ".join("".join(each.itertext()).split()) for each in page.all(".//main//li")]
