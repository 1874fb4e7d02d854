"""Everything that people read can be translated: in a made-up language no plain word is left."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import render_template

from app.notifications import templates as notices
from app.web.errors import WITH_A_PAGE
from app.web.labels import status_label
from tests.databases import Databases
from tests.factories.facts import case_json
from tests.house_rules.access_table import PUBLIC, TABLE, Answer, Line, Person
from tests.house_rules.plain_words import plain_words, plain_words_of
from tests.house_rules.pseudo import CODE, make_catalogue
from tests.house_rules.town import COLLAR, Town, csrf_token, found_town
from tests.pages import HTMX, Form, Page
from tests.portal import open_portal

ASKED = f"?lang={CODE}"
PUBLIC_LINES = [line for line in TABLE if line.answers is PUBLIC and line.method == "GET"]
LEADS_ON = {Answer.DONE, Answer.START_AGAIN, Answer.SIGN_IN, Answer.OFFICER_SIGN_IN}
EVERY_STATUS = (
    "reported",
    "under-investigation",
    "suspect-identified",
    "awaiting-charge-decision",
    "charged",
    "at-court",
    "closed",
)


@pytest.fixture(scope="module")
def translations(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("translations")
    make_catalogue(folder)
    return folder


@pytest.fixture(scope="module")
def town(databases: Databases, translations: Path) -> Iterator[Town]:
    with databases.migrated("sqlite") as url:
        portal = open_portal(url, translations=translations)
        portal.app.config["OFFICERS_LANGUAGES"] = ("en", CODE)
        yield found_town(portal)
        portal.database.engine.dispose()


@pytest.mark.parametrize("line", TABLE, ids=lambda line: f"{line.method} {line.rule}")
def test_every_word_of_every_answer_can_be_translated(town: Town, line: Line) -> None:
    for person in Person:
        page = town.ask(line, person, query=ASKED)
        if page.response.mimetype != "text/html" or 300 <= page.status < 400:
            continue
        assert plain_words(page) == set(), person
        if page.is_whole:
            assert page.root.get("lang") == CODE


@pytest.mark.parametrize(
    "path,person",
    [
        ("/sign-in", Person.NOBODY),
        ("/officer/sign-in", Person.NOBODY),
        ("/safety", Person.VICTIM),
    ],
)
@pytest.mark.parametrize("value", ["", "nonsense", "x" * 6000])
def test_every_error_of_a_form_can_be_translated(
    town: Town, path: str, person: Person, value: str
) -> None:
    someone = town.visitor(person)
    page = someone.see(path + ASKED)
    form = Form.read(page.find(".//main//form"), path)
    empty = {name: value for name in form.values if name != "csrf_token"}
    extra = {"channel": "email"} if path == "/safety" else {}
    sent = {**form.values, **empty, **extra}
    answer = Page(someone.post(path + ASKED, data=sent), path)

    assert plain_words(answer) - {"nonsense", "x" * 6000} == set()
    assert answer.status == 303 or answer.error_messages


@pytest.mark.parametrize("text", ["", "x" * 5001])
@pytest.mark.parametrize("person", [Person.VICTIM, Person.OFFICER_IN_CASE])
def test_every_refusal_of_a_message_can_be_translated(
    town: Town, person: Person, text: str
) -> None:
    someone = town.visitor(person)
    prefix = "" if person is Person.VICTIM else "/officer"
    url = f"{prefix}/cases/{town.case.case_id}"
    sent = {"text": text, "csrf_token": csrf_token(someone)}
    refused = Page(someone.post(f"{url}/messages{ASKED}", data=sent, headers=HTMX), url)
    assert refused.status == 422
    assert plain_words(refused) - {text} == set()

    someone.post(f"{url}/messages{ASKED}", data=sent)
    page = someone.see(url + ASKED)
    assert page.error_messages
    assert plain_words(page) - {text} == set()


def test_an_invitation_can_be_answered_wrongly_in_any_language(town: Town) -> None:
    case = case_json(officerInCase={"collar": COLLAR})
    town.portal.tell(case)
    someone = town.visitor(Person.NOBODY)
    someone.get(town.portal.invite(case))
    wrong = {"reference": "NS/0", "day": "1", "month": "2", "year": "1980"}
    for answers in ({"reference": ""}, {**wrong, "month": "x"}, wrong):
        form = someone.see(f"/invitation{ASKED}").find(".//main//form")
        sent = {**Form.read(form, "/invitation").values, **answers}
        page = Page(someone.post(f"/invitation{ASKED}", data=sent), "/invitation")
        assert page.error_messages
        assert plain_words(page) == set()


def test_every_status_of_a_case_can_be_translated(town: Town) -> None:
    with town.portal.app.test_request_context(f"/{ASKED}"):
        labels = [status_label(status) for status in EVERY_STATUS]

    assert len(set(labels)) == len(EVERY_STATUS)
    assert plain_words_of(" ".join(labels)) == set()


@pytest.mark.parametrize("code", WITH_A_PAGE)
def test_every_error_page_can_be_translated(town: Town, code: int) -> None:
    app = town.portal.app
    with app.test_request_context(f"/{ASKED}"):
        for name in (f"errors/{code}.html", "errors/_short.html"):
            answer = app.response_class(render_template(name), mimetype="text/html")
            page = Page(answer, name)  # type: ignore[arg-type]
            assert plain_words(page) == set(), name


@pytest.mark.parametrize("channel", ["email", "sms"])
@pytest.mark.parametrize(
    "name", [notices.INVITATION, notices.SIGN_IN_CODE, notices.ADDRESS_CODE, notices.UPDATE]
)
def test_every_notice_to_a_victim_can_be_translated(
    translations: Path, name: str, channel: str
) -> None:
    context = {"url": "1", "days": 7, "code": "1234 5678"}
    text = notices.write(name, channel, CODE, context, translations=translations)

    assert text.body
    assert plain_words_of(f"{text.subject} {text.body}") == set()


def test_the_notice_to_the_urgent_desk_can_be_translated(translations: Path) -> None:
    text = notices.write(
        notices.URGENT, "email", CODE, {"force": "Northshire Police"}, translations=translations
    )

    assert plain_words_of(f"{text.subject} {text.body}") == set()


@pytest.mark.parametrize("line", PUBLIC_LINES, ids=lambda line: line.rule)
def test_links_and_forms_of_public_pages_keep_the_language(town: Town, line: Line) -> None:
    page = town.ask(line, Person.NOBODY, query=ASKED)
    links = [each.get("href") or "" for each in page.all(".//a")]
    actions = [each.get("action") for each in page.all(".//form")]
    ours = [url for url in [*links, *actions] if url is not None and url.startswith("/")]

    assert [url for url in ours if not keeps_language(url)] == []


def keeps_language(url: str) -> bool:
    return parse_qs(urlsplit(url).query).get("lang") == [CODE]


@pytest.mark.parametrize("line", TABLE, ids=lambda line: f"{line.method} {line.rule}")
def test_being_led_on_to_a_public_page_keeps_the_language(town: Town, line: Line) -> None:
    if line.answers[Person.NOBODY] in LEADS_ON:
        page = town.ask(line, Person.NOBODY, query=ASKED)
        assert keeps_language(page.response.location), page.response.location


def test_a_victims_own_language_is_spoken_without_asking(
    databases: Databases, translations: Path
) -> None:
    with databases.migrated("sqlite") as url:
        portal = open_portal(url, translations=translations)
        portal.add_force(languages=["en", "cy"])
        case = case_json(victim={"language": CODE})
        portal.tell(case)
        someone = portal.visitor()
        portal.answer(someone, case, portal.invite(case) + "?lang=en")
        page = someone.see("/safety")
        assert page.root.get("lang") == CODE
        assert plain_words(page) == set()
        portal.database.engine.dispose()
