"""A whole page for browsers, a fragment for htmx."""

from __future__ import annotations

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from jinja2 import UndefinedError

from app.web import pages


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    @app.get("/here")
    def here() -> Response:
        pages.use_colour("#8a1538")
        return pages.render("portal/start.html", "errors/_short.html")

    return app.test_client()


def test_a_browser_gets_the_whole_page(client: FlaskClient) -> None:
    assert "<h1" in client.get("/here").text


def test_htmx_gets_the_fragment(client: FlaskClient) -> None:
    answer = client.get("/here", headers={"HX-Request": "true"})

    assert "<html" not in answer.text
    assert answer.text.startswith("<p")


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_both_say_that_the_answer_depends_on_who_asked(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    assert "HX-Request" in client.get("/here", headers=headers).headers["Vary"]


def test_a_page_wears_its_forces_colour(client: FlaskClient) -> None:
    assert 'data-palette="brick"' in client.get("/here").text


def test_a_page_title_begins_with_its_heading_and_tells_a_stranger_nothing(
    client: FlaskClient,
) -> None:
    title = client.get("/here").text.partition("<title>")[2].partition("</title>")[0]

    assert title.startswith("Keep in touch about your case")
    assert not {"police", "crime", "victim"} & set(title.lower().split())


def test_a_name_that_nobody_gave_stops_the_page(app: Flask) -> None:
    with app.test_request_context(), pytest.raises(UndefinedError):
        pages.render("portal/not_available.html")
