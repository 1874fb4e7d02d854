"""A message that is not on the record: why, another try, and the word of who entered it by hand."""

from __future__ import annotations

import pytest

from app.accounts.viewers import Role
from tests.integration.inbox.steps import audited, staff
from tests.integration.sync.steps import on_record, states
from tests.pages import Page, Visitor
from tests.portal import Joined, Portal

TASK = "A message is not on the case record"


@pytest.fixture
def stuck(northshire: Portal) -> Joined:
    northshire.add_officer()
    victim = northshire.join()
    northshire.system().fail("422")
    victim.writes("First")
    victim.writes("Second")
    northshire.work()
    return victim


def task_of(someone: Visitor) -> Page:
    return someone.see(someone.see("/officer/tasks").link(TASK))


@pytest.mark.parametrize("role", [Role.FORCE_ADMIN, Role.CONTACT_BUREAU, Role.SUPERVISOR])
def test_it_is_tried_again_by_a_button(northshire: Portal, stuck: Joined, role: Role) -> None:
    someone = staff(northshire, role)
    page = task_of(someone)
    assert "The case system does not accept the message as it is." in page.words
    assert "First" not in page.words

    page = someone.send(page.form("Try again"))

    assert "on its way to the case record again" in page.words
    assert states(northshire, stuck) == ["saved", "saved"]
    northshire.work()
    assert on_record(northshire, stuck) == ["First", "Second"]
    assert TASK not in someone.see("/officer/tasks").words
    (row,) = audited(northshire, "entry.tried-again")
    assert row.actor_kind == "officer"


def test_pressed_twice_it_is_tried_once(northshire: Portal, stuck: Joined) -> None:
    someone = staff(northshire, Role.CONTACT_BUREAU)
    form = task_of(someone).form("Try again")
    someone.send(form)
    page = someone.send(form)
    assert "on its way to the case record again" in page.words
    assert len(audited(northshire, "entry.tried-again")) == 1
    assert states(northshire, stuck) == ["saved", "saved"]


def test_it_is_not_done_by_saying_so(northshire: Portal, stuck: Joined) -> None:
    someone = staff(northshire, Role.CONTACT_BUREAU)
    page = task_of(someone)
    form = page.form("Try again")

    assert someone.post(page.url, data={**form.values, "outcome": "Done"}).status_code == 404

    assert states(northshire, stuck) == ["attention", "saved"]
    assert TASK in someone.see("/officer/tasks").words


def test_what_was_entered_by_hand_lets_the_rest_go_on(northshire: Portal, stuck: Joined) -> None:
    someone = staff(northshire, Role.CONTACT_BUREAU)
    url = task_of(someone).link("I have put the message on the case record myself")
    page = someone.see(url)
    refused = someone.send(page.form("It is on the case record"), receipt=" ", reason="Typed in")
    assert refused.error_messages == ["Enter the number that the case system gave the entry"]
    assert refused.form("It is on the case record").values["reason"].strip() == "Typed in"

    someone.send(refused.form("It is on the case record"), receipt="N-777", reason="Typed in")
    northshire.work()

    assert states(northshire, stuck) == ["recorded", "recorded"]
    assert on_record(northshire, stuck) == ["Second"]
    assert TASK not in someone.see("/officer/tasks").words
    (row,) = audited(northshire, "entry.recorded-by-hand")
    assert row.actor_kind == "officer"


def test_who_may_not_read_the_words_cannot_say_that_they_were_entered(
    northshire: Portal, stuck: Joined
) -> None:
    someone = staff(northshire, Role.FORCE_ADMIN)
    page = task_of(someone)
    assert "I have put the message" not in page.words
    form = page.form("Try again")

    by_hand = f"{page.url}/by-hand"
    assert someone.get(by_hand).status_code == 404
    told = {**form.values, "receipt": "N-1", "reason": "Typed in"}
    assert someone.post(by_hand, data=told).status_code == 404

    assert states(northshire, stuck) == ["attention", "saved"]
