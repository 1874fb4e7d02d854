"""Every answer carries the headers that keep a browser careful."""

from __future__ import annotations

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from app.web import headers


def _directives(policy: str) -> dict[str, str]:
    parts = (directive.strip().partition(" ") for directive in policy.split(";"))
    return {name: sources for name, _space, sources in parts}


def test_the_content_policy_lets_only_our_own_files_in(client: FlaskClient) -> None:
    policy = _directives(client.get("/missing").headers["Content-Security-Policy"])

    assert policy.pop("default-src") == "'none'"
    assert policy.pop("base-uri") == "'none'"
    assert policy.pop("frame-ancestors") == "'none'"
    assert set(policy.values()) == {"'self'"}


def test_nothing_that_the_application_makes_is_stored(client: FlaskClient) -> None:
    assert client.get("/missing").headers["Cache-Control"] == "no-store"


def test_the_referrer_stays_with_us(client: FlaskClient) -> None:
    # Without any referrer Flask-WTF would refuse every form sent over HTTPS.
    assert client.get("/missing").headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("is_https,is_told", [(True, True), (False, False)])
def test_browsers_are_told_to_stay_on_https_where_there_is_https(
    app: Flask, is_https: bool, is_told: bool
) -> None:
    app.config["HTTPS"] = is_https

    answer = app.test_client().get("/missing")

    assert ("Strict-Transport-Security" in answer.headers) is is_told


def test_an_answer_without_a_body_is_short_and_still_not_stored(app: Flask) -> None:
    with app.test_request_context():
        answer = headers.add_headers(Response(status=204))

    assert dict(answer.headers) == {
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
