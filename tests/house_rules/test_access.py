"""Everybody gets at every address what the table says, and no address is left out of it."""

from __future__ import annotations

import json
from collections import Counter
from urllib.parse import urlsplit

import pytest
import time_machine
from flask import Flask
from werkzeug.routing import Rule

from app import clock
from app.web import access
from app.web.access import PRIVATE_PREFIXES, Audience, declared, open_to
from tests.house_rules.access_document import DOCUMENT, write_document
from tests.house_rules.access_people import Answer, Person, Which
from tests.house_rules.access_table import TABLE, Line, cells_of
from tests.house_rules.town import Town
from tests.pages import HTMX, Page

ROOT = DOCUMENT.parents[1]
ADDRESSES = {f"{line.method} {line.rule}" for line in TABLE}
SAFE_EXIT = "www.bbc.co.uk"
TITLES = {
    "This case is not available online": Answer.NEUTRAL,
    "This invitation cannot be used": Answer.CLOSED_INVITATION,
    "Page not found": Answer.NOT_THERE,
    "Say why you are opening this case": Answer.REASON,
}
STATUSES = {
    200: Answer.PAGE,
    204: Answer.ENDED,
    401: Answer.SIGNED_OUT,
    409: Answer.REFUSED,
    422: Answer.PAGE,
}
FILES = {
    "text/plain": Answer.TEXT,
    "text/csv": Answer.FILE,
    "text/javascript": Answer.FILE,
    "application/manifest+json": Answer.FILE,
}
FIRST_STEPS = {
    "/sign-in/code": "/sign-in",
    "/sign-in/word": "/sign-in",
    "/officer/sign-in/code": "/officer/sign-in",
    "/officer/sign-in/northshire": "/officer/sign-in",
    "/officer/sign-in/callback": "/officer/sign-in",
    "/preferences/address/confirm": "/preferences/address",
    "/officer/account/authenticator/confirm": "/officer/account/authenticator",
    "/officer/sign-in/passkey": "/officer/sign-in",
    "/officer/account/passkeys/add": "/officer/account/passkeys",
    "/officer/account/recovery-codes/new": "/officer/account/recovery-codes",
}


def kind_of(page: Page) -> Answer | str:
    """Which kind of answer this is; in words where it is none of the table's."""
    status, headers = page.status, page.response.headers
    if TITLES.get(page.h1) is Answer.REASON:
        return Answer.REASON
    if status == 303:
        return _kind_of_step(page) or _kind_of_redirect(page)
    if status == 404 and headers.get("HX-Refresh") == "true":
        return Answer.RELOAD
    if status == 404:
        return TITLES.get(page.h1, f"404 {page.h1}")
    if status == 200 and page.response.mimetype in FILES:
        return FILES[page.response.mimetype]
    return STATUSES.get(status, str(status))


def _kind_of_step(page: Page) -> Answer | None:
    """What the address says to which a form, or a look, leads on."""
    if page.response.location.endswith("/opening"):
        return Answer.REASON
    return Answer.REFUSED if page.response.location.endswith(("#problem", "#stays")) else None


def _kind_of_redirect(page: Page) -> Answer:
    to = urlsplit(page.response.location)
    if to.netloc:
        assert to.hostname == SAFE_EXIT
        return Answer.AWAY
    if FIRST_STEPS.get(page.url.partition("?")[0]) == to.path:
        return Answer.START_AGAIN
    if page.url == "/cases":
        return Answer.TO_OWN_CASE if to.path.startswith("/cases/") else Answer.SIGN_IN
    is_public = page.url.startswith(("/sign-", "/invitation"))
    if to.path == "/officer/sign-in" and not is_public:
        return Answer.OFFICER_SIGN_IN
    if to.path == "/sign-in":
        return Answer.SIGN_IN
    return Answer.DONE


@pytest.mark.parametrize("line", TABLE, ids=lambda line: f"{line.method} {line.rule}")
def test_everybody_gets_what_the_table_says(town: Town, line: Line) -> None:
    asked = cells_of(line)
    got = {(person, which): kind_of(town.ask(line, person, which=which)) for person, which in asked}
    wrong = {cell: (got[cell], said) for cell, said in asked.items() if got[cell] is not said}
    _note(line, len(asked), len(wrong))
    assert wrong == {}


def _note(line: Line, cells: int, wrong: int) -> None:
    """Add to `var/access.json` how many cells of the table were tried, and how many were wrong."""
    path = ROOT / "var" / "access.json"
    path.parent.mkdir(exist_ok=True)
    tried = json.loads(path.read_text()) if path.exists() else {}
    addresses = {each: n for each, n in tried.get("addresses", {}).items() if each in ADDRESSES}
    addresses[f"{line.method} {line.rule}"] = {"cells": cells, "wrong": wrong}
    total = {key: sum(each[key] for each in addresses.values()) for key in ("cells", "wrong")}
    path.write_text(json.dumps({**total, "addresses": addresses}, indent=2) + "\n")


def test_the_table_asks_for_every_case_as_everybody() -> None:
    cells = sum(len(cells_of(line)) for line in TABLE)
    by_case = [line for line in TABLE if line.cases is not None]
    assert cells == len(Person) * (len(TABLE) + (len(Which) - 1) * len(by_case))
    assert all(("<case_id>" in each.rule or "<task_id>" in each.rule) for each in by_case)
    others = [line.rule for line in TABLE if line.cases is None]
    assert not any("<case_id>" in rule or "<task_id>" in rule for rule in others)


def rules(app: Flask) -> list[Rule]:
    return list(app.url_map.iter_rules())


def test_every_address_stands_in_the_table_once_for_each_method(town: Town) -> None:
    asked = Counter(
        (method, rule.rule)
        for rule in rules(town.portal.app)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    )
    assert Counter((line.method, line.rule) for line in TABLE) == asked


def test_every_line_of_the_table_says_something_for_every_person() -> None:
    for line in TABLE:
        for answers in (line.answers, *(line.cases or {}).values()):
            assert set(answers) == set(Person), line.rule


def test_every_endpoint_declares_whom_it_is_for(town: Town) -> None:
    undeclared = [
        name for name, view in town.portal.app.view_functions.items() if declared(view) is None
    ]
    assert undeclared == []


def test_an_application_with_an_endpoint_that_declares_nothing_does_not_start() -> None:
    app = Flask("nothing-declared", static_folder=None)
    app.add_url_rule("/open", view_func=open_to(Audience.EVERYBODY)(lambda: ""), endpoint="open")
    app.add_url_rule("/leak", view_func=lambda: "everything", endpoint="leak")

    with pytest.raises(RuntimeError, match="no audience declared: leak"):
        access.init_app(app)


@pytest.mark.parametrize("path", ["/cases/x/y", "/safety/x", "/preferences", "/cases/"])
def test_a_private_address_that_does_not_exist_looks_signed_out_like_one_that_does(
    town: Town, path: str
) -> None:
    answer = town.visitor(Person.NOBODY).get(path)

    assert (answer.status_code, answer.location) == (303, "/sign-in")


@pytest.mark.parametrize(
    "line",
    [
        line
        for line in TABLE
        if line.method == "POST"
        and line.answers[Person.NOBODY] in {Answer.SIGN_IN, Answer.OFFICER_SIGN_IN}
        and line.rule.startswith(PRIVATE_PREFIXES)
    ],
    ids=lambda line: line.rule,
)
def test_a_private_form_without_a_token_leads_to_sign_in_too(town: Town, line: Line) -> None:
    nobody, url = town.visitor(Person.NOBODY), town.url(line)
    answer = nobody.post(url)

    assert kind_of(Page(answer, url)) is line.answers[Person.NOBODY]
    assert nobody.post(url, headers=HTMX).status_code == 401


@pytest.mark.parametrize(
    "method,rule",
    [
        ("GET", "/officer/cases/<case_id>/invitation"),
        ("GET", "/officer/cases/<case_id>/released-status/<status>"),
        ("POST", "/officer/inbox"),
        ("DELETE", "/officer/cases/<case_id>"),
        ("GET", "/officer/nothing"),
    ],
)
def test_a_private_address_asked_in_a_wrong_way_tells_nothing(
    town: Town, method: str, rule: str
) -> None:
    for person in Person:
        visitor = town.visitor(person)
        url = town.url(Line(method, rule, "", {}))
        page = Page(visitor.open(url, method=method), url)
        allowed = {Answer.OFFICER_SIGN_IN, Answer.NOT_THERE, "400"}
        assert kind_of(page) in allowed, person


def test_somebody_elses_case_looks_like_one_that_never_was(town: Town) -> None:
    nonsense = "/cases/00000000-0000-4000-8000-000000000000"
    for person in (Person.OTHER_VICTIM, Person.HELD_VICTIM, Person.OTHER_OFFICER):
        visitor = town.visitor(person)
        prefix = "/officer" if person is Person.OTHER_OFFICER else ""
        # The first page of all brings the cookie for forms; a form's token tells the second.
        visitor.get(prefix + nonsense)
        with time_machine.travel(clock.now(), tick=False):
            real = visitor.get(f"{prefix}/cases/{town.case.case_id}")
            made_up = visitor.get(prefix + nonsense)
            odd = visitor.get(f"{prefix}/cases/%00")
        assert real.status_code == made_up.status_code == odd.status_code == 404
        assert real.get_data() == made_up.get_data() == odd.get_data()
        assert list(real.headers) == list(made_up.headers)


def test_the_document_says_what_the_table_says() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == write_document(), (
        "run: python -m tests.house_rules.access_document"
    )
