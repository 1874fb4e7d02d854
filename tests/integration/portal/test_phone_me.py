"""A victim asks to be phoned: a task for the officer and an entry on the case record, once."""

from __future__ import annotations

import pytest

from app.accounts.viewers import Role
from app.cases.models import TaskKind
from tests.factories.facts import case_json
from tests.integration.cases.steps import open_tasks
from tests.integration.messages.steps import entries_of
from tests.integration.portal.steps import sent
from tests.pages import Page
from tests.portal import Joined, OfficerAccount, Portal

ASK = "Ask us to phone you"


@pytest.fixture
def officer(northshire: Portal) -> OfficerAccount:
    return northshire.add_officer()


@pytest.fixture
def victim(northshire: Portal, officer: OfficerAccount) -> Joined:
    return northshire.join()


def asks(victim: Joined, **values: str) -> Page:
    page = victim.visitor.see(f"{victim.url}/phone-me")
    return sent(victim.visitor, page.form(ASK), values)


def texts(portal: Portal, victim: Joined) -> list[tuple[str, str, str]]:
    """Kind, priority and text of what the case record holds."""
    return [
        (each.kind.value, each.priority.value, each.text)
        for each in portal.system().held(victim.case["reference"])
    ]


def test_a_request_goes_onto_the_record_and_the_page_says_so(
    northshire: Portal, victim: Joined
) -> None:
    page = asks(victim, which="other", number="07700 900 123", times="Weekday mornings")
    northshire.work()

    assert "We have your request to be phoned." in page.words
    assert "You last asked us on" in page.words
    assert "07700" not in page.words
    assert texts(northshire, victim) == [
        (
            "contact-request",
            "normal",
            "The victim asks to be phoned on this number: 07700 900 123. Good times, in the"
            " victim's words: Weekday mornings",
        )
    ]
    assert open_tasks(northshire, victim.case["reference"]) == [TaskKind.CALL_WANTED]


def test_it_stands_behind_what_was_written_before_it(northshire: Portal, victim: Joined) -> None:
    victim.writes("One.")
    asks(victim, which="known")
    victim.writes("Two.")
    northshire.work()

    kinds = [kind for kind, _priority, _text in texts(northshire, victim)]
    assert kinds == ["victim-message", "contact-request", "victim-message"]
    assert [words for _n, _state, words in northshire.messages(victim.case_id)] == ["One.", "Two."]


def test_the_same_form_sent_twice_asks_once(northshire: Portal, victim: Joined) -> None:
    form = victim.visitor.see(f"{victim.url}/phone-me").form(ASK)
    for _ in range(2):
        page = victim.visitor.send(form, which="known", times="Mornings")
        assert "We have your request" in page.words
    assert len(entries_of(northshire, victim.case_id)) == 1

    victim.visitor.send(form, which="known", times="Evenings")
    assert len(entries_of(northshire, victim.case_id)) == 2


@pytest.mark.parametrize(
    "values,error",
    [
        ({}, "Choose which number is safe"),
        ({"which": "nonsense"}, "Choose which number is safe"),
        ({"which": "other"}, "Enter a phone number, like 07700 900 123"),
        ({"which": "other", "number": "my sister’s"}, "Enter a phone number, like 07700 900 123"),
        (
            {"which": "known", "number": "07700 900123"},
            "Choose “Another number”, or take away the number that you typed",
        ),
        ({"which": "known", "times": "x" * 201}, "Write 200 characters or fewer"),
    ],
)
def test_what_is_not_clear_is_asked_again_with_what_was_typed(
    northshire: Portal, victim: Joined, values: dict[str, str], error: str
) -> None:
    page = asks(victim, **values)

    assert page.error_messages == [error]
    assert page.form(ASK).values["times"] == values.get("times", "")
    assert page.form(ASK).values["number"] == values.get("number", "")
    assert entries_of(northshire, victim.case_id) == []


def test_somebody_who_asks_very_often_is_told_of_other_ways(
    northshire: Portal, victim: Joined
) -> None:
    for number in range(5):
        asks(victim, which="known", times=f"At {number}")
    page = asks(victim, which="known", times="At once")

    assert page.error_messages == [
        "You have asked several times today, so this one was not sent. Your officer can see the"
        " others. You can also call"
    ]
    assert len(entries_of(northshire, victim.case_id)) == 5


def test_a_request_from_a_page_of_before_a_hold_goes_to_the_record_urgently(
    northshire: Portal, victim: Joined
) -> None:
    form = victim.visitor.see(f"{victim.url}/phone-me").form(ASK)
    northshire.tell({**victim.case, "domesticAbuse": True})

    # Nothing can be asked again, so what was typed is taken as it is.
    page = victim.visitor.send(form, number="0113 496 0000", times="When he is at work")
    northshire.work()

    assert page.h1 == "This case is not available online"
    [(kind, priority, text)] = texts(northshire, victim)
    assert (kind, priority) == ("contact-request", "high")
    assert "0113 496 0000" in text
    tasks = open_tasks(northshire, victim.case["reference"])
    assert TaskKind.WORDS_IN_THE_GAP in tasks
    assert TaskKind.CALL_WANTED not in tasks


def test_words_that_may_mean_danger_raise_attention_there_too(
    northshire: Portal, officer: OfficerAccount
) -> None:
    northshire.add_force(urgent_desk="desk@northshire.example")
    victim = northshire.join()
    asks(victim, which="known", times="He said he will kill me")
    northshire.work()

    assert [priority for _kind, priority, _text in texts(northshire, victim)] == ["high"]
    assert TaskKind.URGENT_WORDS in open_tasks(northshire, victim.case["reference"])
    assert len(northshire.sender.to("desk@northshire.example", "urgent")) == 1


def test_the_officer_reads_on_the_task_what_was_asked(
    northshire: Portal, officer: OfficerAccount, victim: Joined
) -> None:
    noise = northshire.join(case_json())
    asks(noise, which="other", number="0113 496 0999")
    asks(victim, which="other", number="0113 496 0000", times="Mornings")
    someone = northshire.officer_signs_in(officer)

    page = someone.see(f"/officer{victim.url}")
    task = someone.see(page.link("Phone the victim"))
    assert "0113 496 0000" in task.words
    assert "Mornings" in task.words

    refused = someone.send(task.form("Done"), outcome="")
    assert "0113 496 0000" in refused.words
    done = someone.send(task.form("Done"), outcome="Phoned")
    assert "Tasks" in done.h1
    assert TaskKind.CALL_WANTED not in open_tasks(northshire, victim.case["reference"])


def test_a_supervisor_says_why_before_they_read_it(northshire: Portal, victim: Joined) -> None:
    asks(victim, which="other", number="0113 496 0000")
    supervisor = northshire.officer_signs_in(northshire.add_officer("77", roles=[Role.SUPERVISOR]))
    tasks = supervisor.see("/officer/tasks")
    task_url = tasks.link("Phone the victim")

    page = supervisor.see(task_url)
    assert "0113 496 0000" not in page.words

    asked = supervisor.see(page.link("Say why you need to read"))
    supervisor.send(asked.form("Open"), reason="Cover for leave")
    assert "0113 496 0000" in supervisor.see(task_url).words


def test_the_number_never_becomes_an_address(northshire: Portal, victim: Joined) -> None:
    asks(victim, which="other", number="07700 900 999")
    northshire.work()

    assert not [letter for letter in northshire.sender.letters if "900999" in letter.to]
    page = northshire.visitor().see("/sign-in")
    northshire.visitor().send(page.form("Continue"), address="07700 900999")
    northshire.work()
    assert northshire.sender.to("+447700900999", "sign-in-code") == []
