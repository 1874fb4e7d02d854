"""What a victim typed into a form comes back, to them alone, whatever kept it from being taken."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine

from app import clock
from tests.factories.facts import case_json
from tests.integration.cases.steps import everything_stored, open_tasks
from tests.integration.messages.steps import kept_texts
from tests.integration.portal.steps import sent
from tests.pages import Page, Visitor
from tests.portal import Joined, Portal

FROM_OUR_PAGE = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate"}
WORDS = "You sent my letter\nto my old address"
FORMS = {
    "data-complaint": ("Send complaint", {"words": WORDS}),
    "phone-me": (
        "Ask us to phone you",
        {"which": "other", "number": "0113 496 0000", "times": "Mornings"},
    ),
}
ALL = pytest.mark.parametrize("name", FORMS)


@pytest.fixture
def victim(northshire: Portal) -> Joined:
    northshire.add_officer()
    return northshire.join()


@pytest.fixture
def clock_stands() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(clock.now(), tick=False) as coordinates:
        yield coordinates


def typed(page: Page, name: str) -> dict[str, str]:
    """What stands in the form, but for the choice, which the test does not read."""
    button, values = FORMS[name]
    shown = page.form(button).values
    return {each: shown[each] for each in values if each != "which"}


def expected(name: str) -> dict[str, str]:
    return {each: value for each, value in FORMS[name][1].items() if each != "which"}


@ALL
def test_what_was_sent_after_the_session_ended_waits_on_that_page(
    northshire: Portal, victim: Joined, clock_stands: time_machine.Traveller, name: str
) -> None:
    form = victim.visitor.see(f"{victim.url}/{name}").form(FORMS[name][0])
    clock_stands.shift(timedelta(minutes=21))
    data = {**form.values, **FORMS[name][1]}
    answer = victim.visitor.post(form.action, data=data, headers=FROM_OUR_PAGE)
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert "old address" not in everything_stored(northshire)
    northshire.tell(victim.case)

    page = signs_in(northshire, victim, victim.visitor)

    assert page.url == f"{victim.url}/{name}"
    assert typed(page, name) == expected(name)
    # Never where one writes to the officer.
    assert victim.visitor.see(victim.url).form("Send message").values["text"] == ""
    done = sent(victim.visitor, page.form(FORMS[name][0]), FORMS[name][1])
    assert "has your complaint" in done.words or "We have your request" in done.words
    assert kept_texts(northshire) == 0
    assert set(typed(victim.visitor.see(f"{victim.url}/{name}"), name).values()) == {""}


def signs_in(portal: Portal, victim: Joined, someone: Visitor) -> Page:
    """The page that signing in leads to."""
    address = victim.case["victim"]["email"]
    page = someone.see("/sign-in")
    page = someone.send(page.form("Continue"), address=address)
    return someone.send(page.form("Sign in"), code=portal.sign_in_code(address))


@ALL
def test_another_person_who_signs_in_there_gets_neither_page_nor_words(
    northshire: Portal, victim: Joined, clock_stands: time_machine.Traveller, name: str
) -> None:
    other = northshire.join(case_json())
    form = victim.visitor.see(f"{victim.url}/{name}").form(FORMS[name][0])
    clock_stands.shift(timedelta(minutes=21))
    victim.visitor.post(form.action, data={**form.values, **FORMS[name][1]}, headers=FROM_OUR_PAGE)
    for each in (victim, other):
        northshire.tell(each.case)

    page = signs_in(northshire, other, victim.visitor)

    assert page.url == other.url
    assert victim.visitor.see(f"{victim.url}/{name}").status == 404
    form_of_theirs = victim.visitor.see(f"{other.url}/{name}")
    assert set(typed(form_of_theirs, name).values()) == {""}


@ALL
def test_in_a_browser_that_nobody_is_known_in_they_wait_for_whoever_could_have_typed_them(
    northshire: Portal, victim: Joined, name: str
) -> None:
    other = northshire.join(case_json())
    for who, gets_them in ((victim, True), (other, False)):
        someone = northshire.visitor()
        token = someone.see("/sign-in").form("Continue").values["csrf_token"]
        data = {"csrf_token": token, **FORMS[name][1]}
        url = f"{victim.url}/{name}"
        answer = someone.post(url, data=data, headers=FROM_OUR_PAGE)
        assert (answer.status_code, answer.location) == (303, "/sign-in")

        page = signs_in(northshire, who, someone)

        assert page.url == (url if gets_them else other.url)
        if gets_them:
            assert typed(page, name) == expected(name)
    assert open_tasks(northshire, victim.case["reference"]) == []


@ALL
def test_a_form_without_its_token_gives_back_what_was_typed_to_be_sent(
    northshire: Portal, victim: Joined, name: str
) -> None:
    button, values = FORMS[name]
    form = victim.visitor.see(f"{victim.url}/{name}").form(button)
    data = {**form.values, **values, "csrf_token": "wrong"}

    page = Page(victim.visitor.post(form.action, data=data, headers=FROM_OUR_PAGE), form.action)

    assert page.h1 == "This page was open too long"
    assert "In an emergency call 999." in page.words
    again = page.form("Send")
    assert {each: again.values[each] for each in values} == values
    victim.visitor.send(again)
    assert len(open_tasks(northshire, victim.case["reference"])) == 1
    from_elsewhere = victim.visitor.post(form.action, data=data)
    assert "old address" not in from_elsewhere.text
    assert "0113" not in from_elsewhere.text


def test_feedback_without_its_token_comes_back_too(northshire: Portal) -> None:
    someone = northshire.visitor()
    form = someone.see("/feedback").form("Send feedback")
    data = {**form.values, "rating": "2", "words": "Too small", "csrf_token": "wrong"}

    page = Page(someone.post("/feedback", data=data, headers=FROM_OUR_PAGE), "/feedback")

    assert page.form("Send").values["words"] == "Too small"
    assert someone.send(page.form("Send")).h1 == "Thank you for telling us"


@ALL
def test_a_form_too_many_gives_back_what_was_typed(
    northshire: Portal, victim: Joined, name: str
) -> None:
    button, values = FORMS[name]
    form = victim.visitor.see(f"{victim.url}/{name}").form(button)
    northshire.app.config["PER_ACCOUNT"] = "1 per hour"
    answers = [
        Page(
            victim.visitor.post(form.action, data={**form.values, **values}, headers=FROM_OUR_PAGE),
            form.action,
        )
        for _ in range(3)
    ]

    page = answers[-1]
    assert (page.status, page.h1) == (429, "Please wait a little")
    assert {each: page.form("Send").values[each] for each in values} == values
    assert page.form("Send").values["client_id"] == form.values["client_id"]
