"""Which language a page speaks."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from flask import Flask

from app.web import language
from app.web.templates import service_name

WELSH_NAME = "Cadw mewn cysylltiad"


@pytest.fixture
def app(app: Flask, tmp_path: Path) -> Flask:
    """The application, with a small Welsh catalogue and one that is for no language at all."""
    for code in ("cy", "xx_nonsense"):
        folder = tmp_path / "translations" / code / "LC_MESSAGES"
        folder.mkdir(parents=True)
        catalogue = Catalog(locale="cy")
        catalogue.add("Keep in touch", WELSH_NAME)
        with (folder / "messages.mo").open("wb") as file:
            write_mo(file, catalogue)
    again = Flask("again", static_folder=None)
    again.config.update(app.config)
    language.init_app(again)
    return again


def test_languages_with_a_catalogue_can_be_spoken_english_first(app: Flask) -> None:
    with app.app_context():
        assert language.available() == ("en", "cy")


def test_the_address_chooses_the_language(app: Flask) -> None:
    with app.test_request_context("/?lang=cy"):
        assert language.current() == "cy"
        assert service_name() == WELSH_NAME


@pytest.mark.parametrize("asked", ["", "?lang=fr", "?lang=xx_nonsense", "?lang=../.."])
def test_a_language_that_is_not_there_is_english(app: Flask, asked: str) -> None:
    with app.test_request_context(f"/{asked}"):
        assert language.current() == "en"


def test_links_keep_the_language_that_was_asked_for(app: Flask) -> None:
    with app.test_request_context("/?lang=cy"):
        assert language.public_url("/privacy") == "/privacy?lang=cy"


def test_links_keep_english_too_since_the_next_page_may_know_better(app: Flask) -> None:
    with app.test_request_context("/?lang=en"):
        assert language.public_url("/privacy") == "/privacy?lang=en"


def test_links_keep_a_persons_own_language(app: Flask) -> None:
    with app.test_request_context("/"):
        language.speak("cy")
        assert language.public_url("/privacy") == "/privacy?lang=cy"


@pytest.mark.parametrize("address", ["/officer/inbox?lang=cy", "/officer/account?lang=cy"])
def test_officers_pages_are_in_english_whatever_is_asked(app: Flask, address: str) -> None:
    with app.test_request_context(address):
        language.speak("cy")
        assert language.current() == "en"
        assert language.public_url("/privacy") == "/privacy"


def test_links_are_plain_where_no_language_was_asked_for(app: Flask) -> None:
    with app.test_request_context("/"):
        assert language.public_url("/privacy") == "/privacy"


def test_a_persons_own_language_is_spoken_unless_the_address_says_otherwise(app: Flask) -> None:
    with app.test_request_context("/"):
        language.speak("cy")
        assert language.current() == "cy"
    with app.test_request_context("/?lang=en"):
        language.speak("cy")
        assert language.current() == "en"
