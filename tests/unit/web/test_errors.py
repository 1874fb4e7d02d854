"""When something went wrong, people get a calm page and their words back."""

from __future__ import annotations

import sqlite3

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionIsFree
from werkzeug.exceptions import abort

# A port on which nothing listens; a folder that is not there; a database without tables.
_DATABASES = {
    "postgresql": "postgresql+psycopg://nobody:x@127.0.0.1:1/none",
    "no-file": "sqlite:////nowhere/at/all.db",
    "no-table": "sqlite://",
}


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    @app.get("/fail/<int:code>")
    def fail(code: int) -> str:
        abort(code)

    @app.get("/crash")
    def crash() -> str:
        raise RuntimeError("a secret detail")

    @app.route("/ask/<what>", methods=["GET", "POST"])
    def ask(what: str) -> str:
        if what == "pool":
            raise NoConnectionIsFree
        if what == "busy":
            busy = sqlite3.OperationalError("database is locked")
            busy.sqlite_errorcode = sqlite3.SQLITE_BUSY | 1 << 8
            raise OperationalError("SELECT", {}, busy)
        with create_engine(_DATABASES[what]).connect() as connection:
            connection.execute(text("SELECT * FROM no_such_table"))
        return ""

    @app.get("/officer/fail")
    def fail_an_officer() -> str:
        abort(404)

    @app.post("/send")
    def send() -> str:
        return "sent"

    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app.test_client()


@pytest.mark.parametrize("code", [400, 403, 404, 405, 409, 413, 429, 500, 502, 503])
def test_every_error_has_a_calm_page_with_ways_to_call(client: FlaskClient, code: int) -> None:
    answer = client.get(f"/fail/{code}")

    assert answer.status_code == code
    assert answer.text.count("<h1") == 1
    assert "999" in answer.text
    assert "Exit this page" in answer.text


@pytest.mark.parametrize("url", ["/officer/fail", "/problem/400?for=officer"])
def test_officers_get_it_in_their_own_frame(client: FlaskClient, url: str) -> None:
    answer = client.get(url)

    assert answer.status_code in {400, 404}
    assert "Exit this page" not in answer.text
    assert "/officer/" in answer.text
    assert "Sign out" not in answer.text


def test_a_crash_shows_nothing_of_its_cause(client: FlaskClient) -> None:
    answer = client.get("/crash")

    assert answer.status_code == 500
    assert "secret" not in answer.text


@pytest.mark.parametrize("what", ["postgresql", "no-file", "busy", "pool"])
def test_who_comes_while_the_database_is_away_is_told_to_come_back(
    client: FlaskClient, what: str
) -> None:
    answer = client.get(f"/ask/{what}")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "10"
    assert "Try again in a few minutes" in answer.text


def test_a_question_that_the_database_does_not_understand_is_a_fault_of_ours(
    client: FlaskClient,
) -> None:
    answer = client.get("/ask/no-table")

    assert answer.status_code == 500
    assert "Retry-After" not in answer.headers


@pytest.mark.parametrize("what, code", [("busy", 503), ("no-table", 500)])
def test_words_that_could_not_be_stored_come_back(
    client: FlaskClient, what: str, code: int
) -> None:
    client.application.config["WTF_CSRF_ENABLED"] = False

    answer = client.post(
        f"/ask/{what}",
        data={"text": "My words", "client_id": "abc"},
        headers={"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate"},
    )

    assert answer.status_code == code
    assert "may not be sent yet" in answer.text
    assert "My words</textarea>" in answer.text
    assert 'value="abc"' in answer.text
    assert f'action="/ask/{what}"' in answer.text


def test_a_wrong_method_is_told_which_ones_are_right(client: FlaskClient) -> None:
    assert "POST" in client.get("/send").headers["Allow"]


def test_htmx_gets_a_short_error(client: FlaskClient) -> None:
    answer = client.get("/fail/500", headers={"HX-Request": "true"})

    assert answer.status_code == 500
    assert "<html" not in answer.text


def test_words_in_a_form_that_was_open_too_long_come_back(client: FlaskClient) -> None:
    answer = client.post(
        "/send",
        data={"text": "\n<b>mine</b>", "client_id": "abc"},
        headers={"Sec-Fetch-Site": "same-origin"},
    )

    assert answer.status_code == 400
    assert ">\n\n&lt;b&gt;mine&lt;/b&gt;</textarea>" in answer.text
    assert 'value="abc"' in answer.text


@pytest.mark.parametrize("name", ["words", "times", "outcome", "reason"])
def test_words_of_every_field_in_which_people_write_come_back(
    client: FlaskClient, name: str
) -> None:
    answer = client.post(
        "/send",
        data={name: "My words", "code": "12345678", "password": "secret", "word": "secret"},
        headers={"Sec-Fetch-Site": "same-origin"},
    )

    assert f'name="{name}"' in answer.text
    assert "My words</textarea>" in answer.text
    assert "12345678" not in answer.text
    assert "secret" not in answer.text


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "cross-site"}])
def test_another_site_cannot_put_words_on_our_page(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    answer = client.post("/send", data={"text": "planted"}, headers=headers)

    assert answer.status_code == 400
    assert "planted" not in answer.text
