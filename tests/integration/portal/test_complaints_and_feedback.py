"""Complaints about data protection, and what people think of the service."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app import clock
from app.accounts.viewers import Role
from app.cases.models import TaskKind
from app.portal.feedback import all_since
from app.web.times import date_in_words
from tests.integration.cases.steps import everything_stored, open_tasks
from tests.integration.messages.steps import entries_of
from tests.integration.portal.steps import sent
from tests.pages import Page
from tests.portal import Joined, OfficerAccount, Portal

WORDS = "You sent my letter to my old address"


@pytest.fixture
def officer(northshire: Portal) -> OfficerAccount:
    return northshire.add_officer()


@pytest.fixture
def victim(northshire: Portal, officer: OfficerAccount) -> Joined:
    return northshire.join()


def complains(victim: Joined, words: str) -> Page:
    page = victim.visitor.see(f"{victim.url}/data-complaint")
    return victim.visitor.send(page.form("Send complaint"), words=words)


def test_a_complaint_is_acknowledged_at_once_with_its_number_and_the_30_days(
    northshire: Portal, victim: Joined
) -> None:
    page = complains(victim, WORDS)
    northshire.work()

    assert "Northshire Police has your complaint." in page.words
    assert "Its number is " in page.words
    assert "within 30 days" in page.words
    assert date_in_words(clock.now() + timedelta(days=30)) in page.words
    assert WORDS not in page.words
    assert open_tasks(northshire, victim.case["reference"]) == [TaskKind.DATA_COMPLAINT]
    # It is for the data protection team, and nothing of the case.
    assert entries_of(northshire, victim.case_id) == []
    assert WORDS not in everything_stored(northshire)


def test_a_complaint_sent_twice_is_one(northshire: Portal, victim: Joined) -> None:
    form = victim.visitor.see(f"{victim.url}/data-complaint").form("Send complaint")
    numbers = {
        victim.visitor.send(form, words=WORDS).words.split("Its number is ")[1][:8]
        for _ in range(2)
    }
    assert len(numbers) == 1
    assert len(open_tasks(northshire, victim.case["reference"])) == 1


def test_other_words_in_the_same_form_are_another_complaint(
    northshire: Portal, victim: Joined
) -> None:
    form = victim.visitor.see(f"{victim.url}/data-complaint").form("Send complaint")
    for words in (WORDS, "And it was open"):
        victim.visitor.send(form, words=words)

    assert len(open_tasks(northshire, victim.case["reference"])) == 2


def test_where_people_write_the_page_says_what_to_do_in_an_emergency(victim: Joined) -> None:
    for url in (f"{victim.url}/data-complaint", f"{victim.url}/phone-me", "/feedback"):
        page = victim.visitor.see(url)
        assert "This is not watched round the clock. In an emergency call 999." in page.words, url
    assert "Nobody who works on your case reads this" in victim.visitor.see("/feedback").words


def test_words_in_a_complaint_that_may_mean_danger_tell_the_desk_and_not_the_officer(
    northshire: Portal, officer: OfficerAccount
) -> None:
    northshire.add_force(urgent_desk="desk@northshire.example")
    victim = northshire.join()
    for words in (WORDS, "He said he will kill me"):
        complains(victim, words)
    northshire.work()

    assert open_tasks(northshire, victim.case["reference"]) == [
        TaskKind.DATA_COMPLAINT,
        TaskKind.DATA_COMPLAINT,
        TaskKind.URGENT_COMPLAINT,
    ]
    [letter] = northshire.sender.to("desk@northshire.example", "urgent")
    assert "kill" not in f"{letter.text.subject} {letter.text.body}"
    for_officer = northshire.officer_signs_in(officer)
    for url in ("/officer/inbox", "/officer/tasks", f"/officer{victim.url}"):
        assert "complaint" not in for_officer.see(url).words
    supervisor = northshire.officer_signs_in(northshire.add_officer("77", roles=[Role.SUPERVISOR]))
    task_url = supervisor.see("/officer/tasks").link("Read a complaint now: it may be urgent")
    assert "He said he will kill me" in supervisor.see(task_url).words
    assert for_officer.get(task_url).status_code == 404


def test_the_words_of_a_complaint_say_in_which_language_they_are(
    northshire: Portal, victim: Joined
) -> None:
    complains(victim, "Mae fy llythyr wedi mynd i’r hen gyfeiriad, ac nid wyf yn hapus")
    supervisor = northshire.officer_signs_in(northshire.add_officer("77", roles=[Role.SUPERVISOR]))
    task_url = supervisor.see("/officer/tasks").link("Pass on a complaint about data protection")
    words = supervisor.see(task_url).find(".//*[@class='govuk-inset-text app-words']")
    assert words.get("lang") == "cy"


@pytest.mark.parametrize(
    "words,error",
    [
        ("  ", "Write what your complaint is about"),
        ("x" * 2001, "Write 2,000 characters or fewer"),
    ],
)
def test_what_cannot_be_taken_comes_back(
    northshire: Portal, victim: Joined, words: str, error: str
) -> None:
    page = complains(victim, words)

    assert page.error_messages == [error]
    assert page.form("Send complaint").values["words"].strip() == words.strip()
    assert open_tasks(northshire, victim.case["reference"]) == []


def test_very_many_complaints_in_a_day_are_held(northshire: Portal, victim: Joined) -> None:
    for number in range(5):
        complains(victim, f"{WORDS} {number}")
    page = complains(victim, WORDS)

    assert page.error_messages == [
        "You have sent us several today, so this one was not sent. Your words are still below."
        " Contact us another way, or send them tomorrow"
    ]
    assert page.form("Send complaint").values["words"] == WORDS
    assert page.link("Other ways to contact us")
    assert len(open_tasks(northshire, victim.case["reference"])) == 5


def test_the_officer_in_the_case_does_not_see_it_and_a_supervisor_does(
    northshire: Portal, officer: OfficerAccount, victim: Joined
) -> None:
    complains(victim, WORDS)
    for_officer = northshire.officer_signs_in(officer)
    for url in ("/officer/inbox", "/officer/tasks", f"/officer{victim.url}"):
        assert "data protection" not in for_officer.see(url).words

    supervisor = northshire.officer_signs_in(northshire.add_officer("77", roles=[Role.SUPERVISOR]))
    tasks = supervisor.see("/officer/tasks")
    task_url = tasks.link("Pass on a complaint about data protection")
    assert WORDS in supervisor.see(task_url).words
    assert for_officer.get(task_url).status_code == 404


def test_a_complaint_from_a_page_of_before_a_hold_is_taken(
    northshire: Portal, victim: Joined
) -> None:
    form = victim.visitor.see(f"{victim.url}/data-complaint").form("Send complaint")
    northshire.tell({**victim.case, "domesticAbuse": True})

    page = victim.visitor.send(form, words=WORDS)

    assert page.h1 == "This case is not available online"
    assert TaskKind.DATA_COMPLAINT in open_tasks(northshire, victim.case["reference"])


def test_feedback_is_kept_with_the_day_and_nothing_else(northshire: Portal, victim: Joined) -> None:
    page = victim.visitor.see("/feedback")
    thanks = victim.visitor.send(page.form("Send feedback"), rating="4", words="Clear and calm")

    assert thanks.h1 == "Thank you for telling us"
    with northshire.database.reading() as session:
        [given] = all_since(session, clock.now().date() - timedelta(days=1))
        assert (given.rating, given.words) == (4, "Clear and calm")
        columns = {column.name for column in type(given).__table__.columns}
    assert columns == {"id", "given_on", "rating", "words_sealed", "wrapped_key"}
    assert "Clear and calm" not in everything_stored(northshire)


@pytest.mark.parametrize(
    "values,error",
    [
        ({}, "Choose an answer, or write something"),
        ({"rating": "9"}, "Choose an answer, or write something"),
        ({"rating": "1", "words": "x" * 1001}, "Write 1,000 characters or fewer"),
    ],
)
def test_feedback_that_says_nothing_is_asked_again(
    northshire: Portal, values: dict[str, str], error: str
) -> None:
    someone = northshire.visitor()
    page = sent(someone, someone.see("/feedback").form("Send feedback"), values)

    assert page.error_messages == [error]


def test_whoever_runs_it_lists_the_feedback(northshire: Portal) -> None:
    someone = northshire.visitor()
    for words in ("Clear", ""):
        someone.send(someone.see("/feedback").form("Send feedback"), rating="5", words=words)

    listed = northshire.app.test_cli_runner().invoke(args=["feedback", "list"]).output

    assert sorted(line.split()[1:] for line in listed.splitlines()[:-1]) == [
        ["5", "-"],
        ["5", "Clear"],
    ]
