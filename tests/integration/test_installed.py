"""What a browser is told that keeps the site on a home screen, or a page for bad times."""

from __future__ import annotations

import json
import re
import struct
from pathlib import Path

import pytest
from flask import Response
from flask.testing import FlaskClient

from app import create_app
from tests.house_rules.pseudo import CODE, make_catalogue
from tests.pages import Page, Visitor, visitor
from tests.portal import environment

REVEALING = re.compile(r"polic|crime|victim|case|officer|force|999", re.IGNORECASE)


@pytest.fixture
def someone(migrated_sqlite_url: str, tmp_path: Path) -> Visitor:
    make_catalogue(tmp_path)
    return visitor(create_app(environment(migrated_sqlite_url), translations=tmp_path))


def test_the_home_screen_says_nothing_of_what_the_site_is_for(someone: Visitor) -> None:
    answer = someone.get("/manifest.webmanifest")
    told = json.loads(answer.get_data(as_text=True))

    assert answer.mimetype == "application/manifest+json"
    shown = {name: value for name, value in told.items() if name != "start_url"}
    assert not REVEALING.search(json.dumps(shown))
    assert (told["scope"], told["display"], told["id"]) == ("/", "standalone", "/")


def test_icons_are_pictures_of_the_sizes_that_phones_ask_for(someone: Visitor) -> None:
    told = json.loads(someone.get("/manifest.webmanifest").get_data(as_text=True))
    sizes = set()
    files = FlaskClient(someone.application, Response)
    for icon in told["icons"]:
        answer = files.get(icon["src"], buffered=True)
        assert answer.status_code == 200
        assert answer.mimetype == icon["type"]
        assert "immutable" in answer.headers["Cache-Control"]
        if icon["type"] == "image/png":
            width, height = struct.unpack(">II", answer.get_data()[16:24])
            assert icon["sizes"] == f"{width}x{height}"
            sizes.add((width, icon.get("purpose", "any")))
    assert sizes == {(side, use) for side in (192, 512) for use in ("any", "maskable")}


def test_the_worker_may_speak_for_the_whole_site_and_is_asked_for_anew_each_time(
    someone: Visitor,
) -> None:
    answer = someone.get("/sw.js")
    again = someone.get("/sw.js", headers={"If-None-Match": answer.headers["ETag"]})

    assert answer.mimetype == "text/javascript"
    assert answer.headers["Service-Worker-Allowed"] == "/"
    assert answer.headers["Cache-Control"] == again.headers["Cache-Control"] == "no-cache"
    assert (again.status_code, again.get_data()) == (304, b"")
    assert "Set-Cookie" not in answer.headers


def test_a_page_in_another_language_is_kept_by_another_worker(someone: Visitor) -> None:
    english, other = someone.get("/sw.js"), someone.get(f"/sw.js?lang={CODE}")

    assert english.headers["ETag"] != other.headers["ETag"]
    assert f'"/offline?lang={CODE}"' in other.get_data(as_text=True)
    page = Page(someone.get(f"/offline?lang={CODE}"), "/offline")
    assert page.root.get("lang") == CODE


def test_only_pages_for_victims_and_the_public_can_be_installed(someone: Visitor) -> None:
    for path, can in (("/", True), ("/sign-in", True), ("/officer/sign-in", False)):
        page = someone.see(path)
        found = page.all(".//link[@rel='manifest']")
        assert [each.get("href") for each in found] == ["/manifest.webmanifest"] * can
