"""Words of the screening list raise attention, and do nothing else."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from app import clock
from app.cases.models import Task
from tests.integration.cases.steps import open_tasks, owed_notices
from tests.integration.inbox.steps import audited, officers_url
from tests.integration.messages.steps import entries_of, messages_of, replies
from tests.pages import HTMX, Page
from tests.portal import Joined, OfficerAccount, Portal

DESK = "desk@northshire.example"
FOUND = "Please. He said he is going to KÍLL ME."
TASK = "Read a message now: it may be urgent"


@pytest.fixture
def watched(portal: Portal) -> Portal:
    """A portal with a force that has an urgent desk."""
    portal.add_force(urgent_desk=DESK)
    return portal


def priorities(portal: Portal, victim: Joined) -> list[str]:
    return [entry.priority for entry in entries_of(portal, victim.case_id)]


def test_words_of_the_list_are_a_task_a_notice_and_an_entry_of_high_priority(
    watched: Portal,
) -> None:
    officer = watched.add_officer()
    victim = watched.join()
    victim.writes("Is there any news?")
    victim.writes(FOUND)

    assert priorities(watched, victim) == ["normal", "high"]
    assert owed_notices(watched).count("urgent") == 1
    _first, message = messages_of(watched, victim.case_id)
    with watched.database.reading() as session:
        (task,) = session.scalars(select(Task)).all()
        assert (task.kind, task.subject_id) == ("urgent-words", message.id)
        assert task.due_at <= clock.now()
    (row,) = audited(watched, "message.attention-raised")
    assert (row.subject_id, row.actor_kind, row.details) == (message.id, "worker", {})
    someone = watched.officer_signs_in(officer)
    for url in ("/officer/inbox", "/officer/tasks", officers_url(victim)):
        assert TASK in someone.see(url).words

    watched.work()
    assert [each.priority.value for each in watched.system().held(victim.case["reference"])] == [
        "normal",
        "high",
    ]


def test_the_desk_is_told_that_a_task_waits_and_nothing_of_the_victim(watched: Portal) -> None:
    watched.add_officer()
    victim = watched.join()
    victim.writes(FOUND)
    watched.work()

    (letter,) = watched.sender.to(DESK, "urgent")
    told = f"{letter.text.subject} {letter.text.body}"
    assert letter.channel == "email"
    assert "An urgent task waits" in told
    assert "Northshire Police" in told
    person = victim.case["victim"]
    private = [
        *(person[name] for name in ("givenName", "familyName", "email", "id")),
        *("Please", "going", "KÍLL", "KILL"),
        *(victim.case["reference"], str(victim.case_id), "://"),
    ]
    assert [each for each in private if each in told] == ["Please"]
    assert told.count("Please") == 1, "of “Please do not reply”"


def test_the_victim_sees_no_difference(watched: Portal) -> None:
    watched.add_officer()
    quiet, loud = watched.join(), watched.join()

    def seen(victim: Joined, text: str) -> str:
        sent = victim.writes(text, htmx=True)
        page = victim.visitor.see(victim.url)
        poll = victim.visitor.get(f"{victim.url}/messages?after=0", headers=HTMX)
        shown = sent.text + page.text + poll.get_data(as_text=True)
        return same_but_for(shown, text, victim)

    assert seen(quiet, "Is there any news of my bicycle?") == seen(loud, FOUND)
    watched.work()
    assert len(watched.sender.to(loud.case["victim"]["email"], "update")) == 0
    assert [state for _, state, _ in watched.messages(loud.case_id)] == ["recorded"]


def same_but_for(shown: str, text: str, victim: Joined) -> str:
    """A page without its own words, ids, tokens and times."""
    for own in (text, str(victim.case_id), victim.case["reference"]):
        shown = shown.replace(own, "")
    shown = re.sub(r"<time.*?</time>", "", shown, flags=re.DOTALL)
    own = r'((csrf_token|client_id)" value|nonce|data-client-id|data-session-[a-z]+)="[^"]*"'
    return re.sub(own, "", shown)


def test_without_a_desk_the_list_is_off(northshire: Portal) -> None:
    northshire.add_officer()
    victim = northshire.join()
    victim.writes(FOUND)

    assert priorities(northshire, victim) == ["normal"]
    assert open_tasks(northshire, victim.case["reference"]) == []
    assert "urgent" not in owed_notices(northshire)


def test_an_officers_words_raise_nothing(watched: Portal) -> None:
    officer = watched.add_officer()
    victim = watched.join()
    replies(watched, officer, victim, f"You wrote: {FOUND}")

    assert priorities(watched, victim) == ["normal"]
    assert open_tasks(watched, victim.case["reference"]) == []


def test_a_message_that_is_sent_twice_raises_attention_once(watched: Portal) -> None:
    watched.add_officer()
    victim = watched.join()
    form = victim.visitor.see(victim.url).form("Send message")
    for _ in range(2):
        victim.visitor.send(form, text=FOUND)

    assert open_tasks(watched, victim.case["reference"]) == ["urgent-words"]
    assert owed_notices(watched).count("urgent") == 1


def test_each_message_that_is_found_is_a_task_and_a_notice_of_its_own(watched: Portal) -> None:
    watched.add_officer()
    victim = watched.join()
    for text in (FOUND, "Is there any news?", "Dw i mewn perygl"):
        victim.writes(text)
    watched.work()

    assert open_tasks(watched, victim.case["reference"]) == ["urgent-words"] * 2
    assert len(watched.sender.to(DESK, "urgent")) == 2


def test_a_hold_takes_nothing_back_from_the_desk(watched: Portal) -> None:
    watched.add_officer()
    victim = watched.join()
    form = victim.visitor.see(victim.url).form("Send message")
    victim.writes(FOUND)
    case = {**victim.case, "domesticAbuse": True}
    watched.system().put_case(case["reference"], case)
    watched.work_.refresh_systems()
    watched.work_.read_feeds(ignore_interval=True)
    assert owed_notices(watched) == ["urgent"]

    # Words from a page of before the hold raise attention as well; its answer stays the same.
    page = victim.visitor.send(form, text="I am not safe")
    assert page.h1 == "This case is not available online"
    watched.work()

    assert len(watched.sender.to(DESK, "urgent")) == 2
    tasks = open_tasks(watched, victim.case["reference"])
    assert tasks == ["safeguarding-hold", "urgent-words", "urgent-words", "words-in-the-gap"]


def test_an_urgent_message_that_is_late_goes_to_a_person_as_well(watched: Portal) -> None:
    watched.add_officer()
    victim = watched.join()
    watched.system().is_reachable = False
    victim.writes(FOUND)
    with time_machine.travel(clock.now() + timedelta(minutes=16)):
        watched.work()

    assert open_tasks(watched, victim.case["reference"]) == ["urgent-entry-late", "urgent-words"]


def test_what_the_page_says_of_the_task(watched: Portal) -> None:
    someone: OfficerAccount = watched.add_officer()
    victim = watched.join()
    victim.writes(FOUND)
    reader = watched.officer_signs_in(someone)
    page: Page = reader.see(reader.see("/officer/tasks").link(TASK))

    assert "nobody has read it yet" in page.words
    assert "KÍLL" not in page.words
