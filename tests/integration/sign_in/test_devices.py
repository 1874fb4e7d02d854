"""Devices that are known, what the others tell of a new one, and signing out from afar."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from app import clock
from app.audit.vocabulary import Action
from app.sign_in.devices import browser_of
from tests.integration.sign_in.steps import recorded, sign_in
from tests.pages import Page, Visitor, words
from tests.portal import Joined, Portal

ANDROID = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/156.0.0.0 Mobile Safari/537.36"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)
NEWS = "New sign-in to your account"


@pytest.fixture
def joined(northshire: Portal) -> Joined:
    return northshire.join()


@pytest.fixture
def address(joined: Joined) -> str:
    found: str = joined.case["victim"]["email"]
    return found


def on(portal: Portal, user_agent: str) -> Visitor:
    someone = portal.visitor()
    someone.environ_base["HTTP_USER_AGENT"] = user_agent
    return someone


def listed(page: Page) -> list[str]:
    """The devices in the settings, in words."""
    return [words(each) for each in page.all(".//li") if each.get("data-device") is not None]


@pytest.mark.parametrize(
    "said, shown",
    [
        (ANDROID, "Chrome on Android"),
        (IPHONE, "Safari on iPhone"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox on Windows",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
            " Chrome/156.0.0.0 Safari/537.36 Edg/156.0.0.0",
            "Edge on Windows",
        ),
        ("<script>alert(1)</script>", None),
        ("", None),
    ],
)
def test_a_browser_is_named_in_words_and_by_nothing_more(said: str, shown: str | None) -> None:
    assert browser_of(said) == shown


def test_the_devices_cookie_says_nothing_and_is_shut_to_scripts(joined: Joined) -> None:
    cookie = joined.visitor.get_cookie("device")
    assert cookie is not None
    assert cookie.http_only
    assert cookie.same_site == "Lax"
    assert cookie.max_age == timedelta(days=365).total_seconds()
    assert len(cookie.value) == 43


def test_a_sign_in_on_a_new_device_shows_on_the_next_page_of_the_others(
    northshire: Portal, joined: Joined, address: str
) -> None:
    assert NEWS not in joined.visitor.see(joined.url).words
    other, page = sign_in(northshire, address, on(northshire, ANDROID))
    assert NEWS not in page.words
    page = joined.visitor.see(joined.url)
    assert NEWS in page.words
    assert "Chrome on Android" in page.words
    assert "call 101" in page.words
    joined.visitor.send(page.form("It was me"))
    assert NEWS not in joined.visitor.see(joined.url).words
    assert other.see(joined.url).h1 == "Your case"


@pytest.mark.parametrize(
    "path",
    [
        "/cases/{}",
        "/cases/{}/about",
        "/cases/{}/phone-me",
        "/cases/{}/data-complaint",
        "/safety",
        "/preferences",
        "/preferences/leave",
    ],
)
def test_it_shows_whichever_page_that_is(
    northshire: Portal, joined: Joined, address: str, path: str
) -> None:
    sign_in(northshire, address, on(northshire, ANDROID))
    page = joined.visitor.see(path.format(joined.url.rpartition("/")[2]))
    assert page.status == 200
    assert NEWS in page.words


def test_a_device_that_is_known_is_no_news(
    northshire: Portal, joined: Joined, address: str
) -> None:
    other, _page = sign_in(northshire, address)
    joined.visitor.send(joined.visitor.see(joined.url).form("It was me"))
    other.send(other.see(joined.url).form("Sign out"))
    sign_in(northshire, address, other)
    assert NEWS not in joined.visitor.see(joined.url).words
    assert [
        each.details.get("is_new_device") for each in recorded(northshire, Action.SIGNED_IN)
    ] == [
        True,
        True,
        False,
    ]


def test_it_was_not_me_signs_out_everywhere_else(
    northshire: Portal, joined: Joined, address: str
) -> None:
    other, _page = sign_in(northshire, address)
    page = joined.visitor.see(joined.url)
    page = joined.visitor.send(page.form("Sign out everywhere else"))
    assert page.h1 == "Your settings"
    assert NEWS not in page.words
    assert other.see(joined.url).h1 == "Sign in"
    assert joined.visitor.see(joined.url).h1 == "Your case"
    # And that browser is a stranger again.
    sign_in(northshire, address, other)
    assert recorded(northshire, Action.SIGNED_IN)[-1].details["is_new_device"] is True


def test_one_device_can_be_signed_out(northshire: Portal, joined: Joined, address: str) -> None:
    phone, _page = sign_in(northshire, address, on(northshire, IPHONE))
    tablet, _page = sign_in(northshire, address, on(northshire, ANDROID))
    page = joined.visitor.see("/preferences")
    assert len(listed(page)) == 3
    assert "This device" in listed(page)[0]
    page = joined.visitor.send(page.form("(Safari on iPhone)"))
    assert [each for each in listed(page) if "iPhone" in each] == []
    assert phone.see(joined.url).h1 == "Sign in"
    assert tablet.see(joined.url).h1 == "Your case"
    assert len(recorded(northshire, Action.DEVICE_SIGNED_OUT)) == 1


def test_nobody_signs_out_somebody_elses_device(northshire: Portal, joined: Joined) -> None:
    sign_in(northshire, joined.case["victim"]["email"])
    theirs = joined.visitor.see("/preferences").form("Sign this device out").action
    other = northshire.join()
    form = other.visitor.see("/preferences").form("Save")
    form.action, form.values = theirs, {"csrf_token": form.values["csrf_token"]}
    other.visitor.send(form)
    assert recorded(northshire, Action.DEVICE_SIGNED_OUT) == []


def test_devices_that_have_run_out_are_not_listed(
    northshire: Portal, joined: Joined, address: str
) -> None:
    sign_in(northshire, address)
    with time_machine.travel(clock.now() + timedelta(minutes=15), tick=True):
        joined.visitor.see("/preferences")
    with time_machine.travel(clock.now() + timedelta(minutes=25), tick=True):
        page = joined.visitor.see("/preferences")
    assert len(listed(page)) == 1


def test_leaving_in_a_hurry_forgets_the_device_here_and_on_the_server(
    northshire: Portal, joined: Joined, address: str
) -> None:
    kept = joined.visitor.get_cookie("device")
    assert kept is not None
    joined.visitor.get("/exit")
    assert joined.visitor.get_cookie("device") is None
    thief = northshire.visitor()
    thief.set_cookie("device", kept.value)
    sign_in(northshire, address, thief)
    assert recorded(northshire, Action.SIGNED_IN)[-1].details["is_new_device"] is True
