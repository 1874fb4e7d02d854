"""Nobody waves a sign-in of their own away for the devices to come: neither by saying that it was
them, nor by signing the others out."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from app import clock
from app.audit.vocabulary import Action
from tests.factories.facts import case_json
from tests.integration.sign_in.steps import recorded, sign_in
from tests.integration.sign_in.test_address_change import ask_for, code_at, confirm
from tests.integration.sign_in.test_devices import ANDROID, IPHONE, NEWS, on
from tests.pages import Page, words
from tests.portal import Joined, Portal

NEW_NUMBER = "New mobile number that ends in 987"


@pytest.fixture
def careful(northshire: Portal) -> Joined:
    """A victim who joined on an iPhone and left by "Exit this page", as always."""
    joined = northshire.join()
    joined.visitor.get("/exit")
    return joined


def signs_in(portal: Portal, victim: Joined, user_agent: str = IPHONE) -> Page:
    """On a device that is new, or was forgotten."""
    someone, _page = sign_in(portal, victim.case["victim"]["email"], on(portal, user_agent))
    victim.visitor = someone
    return someone.see(victim.url)


def told(page: Page) -> list[str]:
    """The lines of the news."""
    for section in page.all(".//section"):
        if section.get("aria-labelledby") == "news-heading":
            return [words(each).split(",")[0] for each in section.iter("li")]
    return []


def test_who_always_exits_is_told_of_a_strangers_sign_in_at_the_next_visit(
    northshire: Portal, careful: Joined
) -> None:
    stranger, _page = sign_in(northshire, careful.case["victim"]["email"], on(northshire, ANDROID))
    stranger.send(stranger.see(careful.url).form("Sign out"))
    page = signs_in(northshire, careful)
    assert NEWS in page.words
    assert told(page) == ["Chrome on Android"]


def test_a_stranger_who_signs_everybody_else_out_is_told_of(northshire: Portal) -> None:
    joined = northshire.join()
    stranger, _page = sign_in(northshire, joined.case["victim"]["email"], on(northshire, ANDROID))
    stranger.send(stranger.see("/preferences").form("Sign out of all other devices"))
    assert joined.visitor.see(joined.url).h1 == "Sign in"
    sign_in(northshire, joined.case["victim"]["email"], joined.visitor)
    assert told(joined.visitor.see(joined.url)) == ["Chrome on Android"]


def test_a_stranger_with_two_devices_who_says_it_was_me_is_told_of(
    northshire: Portal, careful: Joined
) -> None:
    signs_in(northshire, careful)
    careful.visitor.get("/exit")
    first, _page = sign_in(northshire, careful.case["victim"]["email"], on(northshire, ANDROID))
    second, _page = sign_in(northshire, careful.case["victim"]["email"], on(northshire, ANDROID))
    for each in (second, first):
        each.send(each.see(careful.url).form("It was me"))
        each.send(each.see(careful.url).form("Sign out"))
    assert told(signs_in(northshire, careful)) == ["Chrome on Android"]


def test_neither_the_first_device_nor_the_sign_in_just_made_is_told_of(
    northshire: Portal, careful: Joined
) -> None:
    page = signs_in(northshire, careful)
    assert told(page) == []
    assert [row.details["is_new_device"] for row in recorded(northshire, Action.SIGNED_IN)] == [
        True,
        True,
    ]


def test_what_was_seen_is_not_told_again_on_the_next_device_but_the_visit_is(
    northshire: Portal, careful: Joined
) -> None:
    sign_in(northshire, careful.case["victim"]["email"], on(northshire, ANDROID))
    page = signs_in(northshire, careful)
    careful.visitor.send(page.form("It was me"))
    assert told(careful.visitor.see(careful.url)) == []
    careful.visitor.get("/exit")
    assert told(signs_in(northshire, careful)) == ["Safari on iPhone"]


def test_other_victims_devices_say_nothing_of_it(northshire: Portal, careful: Joined) -> None:
    other = northshire.join()
    sign_in(northshire, other.case["victim"]["email"], on(northshire, ANDROID))
    other.visitor.send(other.visitor.see(other.url).form("It was me"))
    sign_in(northshire, careful.case["victim"]["email"], on(northshire, ANDROID))
    assert told(signs_in(northshire, careful)) == ["Chrome on Android"]


def test_signing_out_everywhere_else_forgets_devices_whose_session_ran_out(
    northshire: Portal, careful: Joined
) -> None:
    stranger, _page = sign_in(northshire, careful.case["victim"]["email"], on(northshire, ANDROID))
    with time_machine.travel(clock.now() + timedelta(minutes=30), tick=True):
        page = signs_in(northshire, careful)
        careful.visitor.send(page.form("Sign out everywhere else"))
        assert told(careful.visitor.see(careful.url)) == []
        sign_in(northshire, careful.case["victim"]["email"], stranger)
        assert told(careful.visitor.see(careful.url)) == ["Chrome on Android"]


def test_a_number_that_a_stranger_added_is_told_of_on_the_next_device(northshire: Portal) -> None:
    victim = northshire.join(case_json(victim={"mobile": None}))
    victim.case["victim"]["mobile"] = "07700 900111"
    northshire.tell(victim.case)
    email, mobile = victim.case["victim"]["email"], "+447700900987"
    stranger, _page = sign_in(northshire, email, on(northshire, ANDROID))
    ask_for(stranger, mobile)
    confirm(stranger, code_at(northshire, email), code_at(northshire, mobile))
    assert NEW_NUMBER not in stranger.see(victim.url).words
    page = signs_in(northshire, victim)
    assert NEW_NUMBER in page.words
    assert len(told(page)) == 2
    victim.visitor.send(page.form("It was me"))
    page = victim.visitor.see("/preferences")
    assert told(page) == []
    assert f"{email[0]}…@m….example" in page.words
    assert "Mobile number that ends in 987" in page.words
    assert email not in page.words
