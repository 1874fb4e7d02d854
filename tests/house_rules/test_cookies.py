"""Cookies: none where there is no form, one where there is, and no form goes without its token."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from flask import Flask

from app import create_app
from tests.databases import Databases
from tests.house_rules.access_people import Answer
from tests.house_rules.access_table import PUBLIC, TABLE, Line, Person
from tests.house_rules.town import Town
from tests.pages import Page, Visitor, visitor
from tests.portal import environment

PUBLIC_LINES = [line for line in TABLE if line.answers is PUBLIC and line.method == "GET"]
TO_SIGN_IN = {Answer.SIGN_IN, Answer.OFFICER_SIGN_IN}
POSTS = [line for line in TABLE if line.method == "POST"]
HTTPS = {"PUBLIC_URL": "https://portal.example", "NOTIFY_URL": "smtp://mail.example"}


@pytest.fixture(scope="module")
def secure_app(databases: Databases) -> Iterator[Flask]:
    """A portal whose public address is HTTPS."""
    with databases.migrated("sqlite") as url:
        app = create_app(environment(url, **HTTPS))
        app.testing = True
        yield app
        app.extensions["database"].engine.dispose()


@pytest.mark.parametrize("line", PUBLIC_LINES, ids=lambda line: line.rule)
def test_a_public_page_sets_a_cookie_only_if_it_has_a_form(town: Town, line: Line) -> None:
    page = Page(town.visitor(Person.NOBODY).get(line.rule), line.rule)
    cookies = page.response.headers.getlist("Set-Cookie")

    assert len(cookies) == (1 if page.all(".//form") else 0)


def flags(cookie: str) -> set[str]:
    return {part.strip() for part in cookie.split(";")[1:]}


def test_over_http_the_one_cookie_is_shut_to_scripts_and_other_sites(town: Town) -> None:
    [cookie] = town.visitor(Person.NOBODY).get("/sign-in").headers.getlist("Set-Cookie")

    assert cookie.startswith("session=")
    assert flags(cookie) == {"HttpOnly", "Path=/", "SameSite=Lax"}


def test_over_https_the_one_cookie_is_bound_to_this_host_as_well(secure_app: Flask) -> None:
    someone = visitor(secure_app)
    [cookie] = someone.get("/sign-in", base_url=HTTPS["PUBLIC_URL"]).headers.getlist("Set-Cookie")

    assert cookie.startswith("__Host-session=")
    assert flags(cookie) == {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"}


@pytest.mark.parametrize("path", ["/", "/sign-in", "/nothing", "/cases", "/healthz", "/exit"])
def test_browsers_are_told_to_stay_on_https_at_every_answer(
    secure_app: Flask, town: Town, path: str
) -> None:
    header = "Strict-Transport-Security"
    secure = visitor(secure_app).get(path, base_url=HTTPS["PUBLIC_URL"])

    assert re.match(r"max-age=\d{8,};", secure.headers[header])
    assert header not in town.visitor(Person.NOBODY).get(path).headers


def test_a_form_can_be_sent_over_https(secure_app: Flask) -> None:
    someone = visitor(secure_app)
    base = HTTPS["PUBLIC_URL"]
    page = Page(someone.get("/sign-in", base_url=base), "/sign-in")
    form = page.form("Continue").values | {"address": "nobody@mail.example"}

    sent = someone.post(
        "/sign-in", data=form, base_url=base, headers={"Referer": f"{base}/sign-in"}
    )
    assert (sent.status_code, urlsplit(sent.location).path) == (303, "/sign-in/code")


@pytest.mark.parametrize("line", POSTS, ids=lambda line: line.rule)
def test_a_form_without_its_token_does_nothing_unless_it_leaves(town: Town, line: Line) -> None:
    for person in (Person.NOBODY, Person.VICTIM, Person.OFFICER_IN_CASE):
        someone = town.visitor(person)
        url = town.url(line)
        sent = someone.post(url, data=line.form)
        leads_on = person is Person.NOBODY and line.answers[person] in TO_SIGN_IN
        expected = 204 if line.rule == "/exit" else 303 if leads_on else 400
        assert sent.status_code == expected, person
        if person is not Person.NOBODY:
            assert is_signed_in(someone, person) is (line.rule != "/exit")


def test_anothers_token_is_no_token(town: Town) -> None:
    page = town.visitor(Person.OTHER_VICTIM).see("/safety")
    stolen = page.form("Sign out").values
    someone = town.visitor(Person.VICTIM)
    someone.get("/sign-in")

    assert someone.post("/sign-out", data=stolen).status_code == 400


def is_signed_in(someone: Visitor, person: Person) -> bool:
    private = "/officer/inbox" if person is Person.OFFICER_IN_CASE else "/safety"
    return someone.get(private).status_code == 200
