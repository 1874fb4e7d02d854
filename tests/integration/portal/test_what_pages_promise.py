"""Pages promise nothing that is not so."""

from __future__ import annotations

import pytest

from app import create_app
from tests.pages import Page, visitor
from tests.portal import Joined, OfficerAccount, Portal, environment

HTTPS = {"PUBLIC_URL": "https://portal.example", "NOTIFY_URL": "smtp://mail.example"}


def test_the_cookies_page_names_the_cookies_as_they_are_stored(
    northshire: Portal, migrated_sqlite_url: str
) -> None:
    joined = northshire.join()
    page = joined.visitor.see("/cookies")
    for name in ("session", "device"):
        assert joined.visitor.get_cookie(name) is not None
        assert f"named “{name}”" in page.words

    app = create_app(environment(migrated_sqlite_url, **HTTPS))
    secure = Page(visitor(app).get("/cookies", base_url=HTTPS["PUBLIC_URL"]), "/cookies")
    for name in ("session", "device"):
        assert f"named “__Host-{name}”" in secure.words
    app.extensions["database"].engine.dispose()


def test_nothing_is_said_to_be_erased_by_itself(northshire: Portal) -> None:
    page = northshire.visitor().see("/privacy")

    assert "set time" not in page.words
    assert "The force decides how long your messages and details stay" in page.words


def test_where_101_stands_alone_the_ways_without_speech_are_a_link_away(
    northshire: Portal,
) -> None:
    joined = northshire.join()
    someone = northshire.visitor()
    code = someone.send(someone.see("/sign-in").form("Continue"), address="a@mail.example")
    mine = [joined.visitor.see(url) for url in ("/preferences", "/preferences/address")]
    for page in (code, *mine):
        assert "101" in page.words
        assert page.link("If you cannot speak, or cannot hear") == "/other-ways-to-contact-us"


@pytest.mark.parametrize("url", ["/", "/offline"])
def test_the_numbers_to_call_can_be_tapped(northshire: Portal, url: str) -> None:
    page = northshire.visitor().see(url)

    assert (page.link("999"), page.link("101")) == ("tel:999", "tel:101")


def test_the_message_on_a_page_of_its_own_says_in_which_language_it_is(
    northshire: Portal,
) -> None:
    officer: OfficerAccount = northshire.add_officer()
    victim: Joined = northshire.join()
    victim.writes("Oes unrhyw newyddion i mi? Diolch.")
    inbox = northshire.officer_signs_in(officer)

    page = inbox.see(f"/officer{victim.url}/messages/1/marks")

    assert page.find(".//*[@data-body]").get("lang") == "cy"
