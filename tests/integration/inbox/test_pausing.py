"""A supervisor pauses a victim's sending: nothing bounces, and the contact bureau reads."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from app import clock
from app.accounts.viewers import Role
from tests.integration.inbox.steps import (
    audited,
    details,
    gives_reason,
    officers_url,
    reasons,
    staff,
)
from tests.integration.messages.steps import conversation_of, entries_of
from tests.pages import HTMX, Page, Visitor
from tests.portal import Joined, Portal

WHY = "Forty messages a night"
PAUSED = "your messages go to our contact team instead of your officer"


def pauses(someone: Visitor, joined: Joined, days: str = "3", reason: str = WHY) -> Page:
    """From the case page; the page that follows."""
    page = gives_reason(someone, officers_url(joined))
    page = someone.see(page.link("Pause messages to the officer"))
    return someone.send(page.form("Pause messages"), days=days, reason=reason)


def test_words_in_a_pause_go_to_the_record_and_to_the_contact_bureau(northshire: Portal) -> None:
    officer = northshire.add_officer()
    joined = northshire.join()
    pauses(staff(northshire, Role.SUPERVISOR), joined)

    page = joined.writes("Please answer me")
    northshire.work()

    assert "Please answer me" in page.messages[0].text
    assert northshire.messages(joined.case_id) == [(1, "recorded", "Please answer me")]
    assert len(entries_of(northshire, joined.case_id)) == 1
    assert northshire.sender.to(officer.email, "officer-update") == []
    inbox = northshire.officer_signs_in(officer).see("/officer/inbox")
    assert "Nobody is waiting for your answer." in inbox.words
    bureau = staff(northshire, Role.CONTACT_BUREAU, collar="9002")
    page = bureau.see("/officer/conversations")
    assert "To read since" in page.words
    assert "Nobody is waiting." in page.words

    gives_reason(bureau, page.link(joined.case["reference"]))

    assert "There is nothing to read." in bureau.see("/officer/conversations").words


def test_a_supervisor_who_looks_leaves_the_words_for_the_contact_bureau(
    northshire: Portal,
) -> None:
    northshire.add_officer()
    joined = northshire.join()
    supervisor = staff(northshire, Role.SUPERVISOR)
    pauses(supervisor, joined)
    joined.writes("Please answer me")

    supervisor.see(officers_url(joined))

    assert "To read since" in supervisor.see("/officer/conversations").words


def test_the_victim_is_told_kindly_and_an_open_page_learns_it_too(northshire: Portal) -> None:
    northshire.add_officer()
    joined = northshire.join()
    joined.visitor.see(joined.url)
    cursor = conversation_of(northshire, joined.case_id).revision
    poll = f"{joined.url}/messages?after={cursor}"
    supervisor = staff(northshire, Role.SUPERVISOR)
    pauses(supervisor, joined)

    for page in (
        joined.visitor.see(joined.url),
        Page(joined.visitor.get(poll, headers=HTMX), poll),
    ):
        assert PAUSED in page.words
        assert "call 101" in page.words
        assert page.link("complain").endswith("/other-ways-to-contact-us#complain")
        assert WHY not in page.text

    page = supervisor.see(officers_url(joined))
    supervisor.send(page.form("End the pause now"))
    assert PAUSED not in joined.visitor.see(joined.url).words
    page = Page(joined.visitor.get(poll, headers=HTMX), poll)
    assert (page.status, PAUSED in page.words) == (200, False)


def test_a_pause_ends_by_itself_with_or_without_a_worker(northshire: Portal) -> None:
    officer = northshire.add_officer()
    joined = northshire.join()
    pauses(staff(northshire, Role.SUPERVISOR), joined, days="1")

    with time_machine.travel(clock.now() + timedelta(hours=24, seconds=1)):
        again = northshire.visitor()
        page = again.see("/sign-in")
        address = joined.case["victim"]["email"]
        page = again.send(page.form("Continue"), address=address)
        page = again.send(page.form("Sign in"), code=northshire.sign_in_code(address))
        page = again.see(joined.url)
        assert PAUSED not in page.words
        again.send(page.form("Send message"), text="Good morning")
        northshire.work()
        assert len(northshire.sender.to(officer.email, "officer-update")) == 1

    assert conversation_of(northshire, joined.case_id).paused_until is None
    assert details(audited(northshire, "case.sending-resumed")) == [{"why": "over"}]


def test_a_pause_is_on_the_audit_record_with_its_reason_sealed(northshire: Portal) -> None:
    northshire.add_officer()
    joined = northshire.join()
    supervisor = staff(northshire, Role.SUPERVISOR)
    pauses(supervisor, joined)
    supervisor.send(supervisor.see(officers_url(joined)).form("End the pause now"))

    (row,) = audited(northshire, "case.sending-paused")
    assert row.subject_id is not None
    assert reasons(northshire)[row.subject_id] == ("pausing", WHY)
    assert row.details == {"days": 3}
    (row,) = audited(northshire, "case.sending-resumed")
    assert (row.actor_kind, row.details) == ("officer", {"why": "ended"})


@pytest.mark.parametrize("days", ["", "0", "8", "4", "-1", "x"])
def test_a_pause_is_one_of_the_choices_and_a_week_at_most(northshire: Portal, days: str) -> None:
    northshire.add_officer()
    joined = northshire.join()

    page = pauses(staff(northshire, Role.SUPERVISOR), joined, days=days)

    assert (page.status, page.error_messages) == (422, ["Choose for how long"])
    assert conversation_of(northshire, joined.case_id).paused_until is None


def test_a_pause_asks_for_a_reason(northshire: Portal) -> None:
    northshire.add_officer()
    joined = northshire.join()

    page = pauses(staff(northshire, Role.SUPERVISOR), joined, reason="")

    assert page.status == 422
    assert conversation_of(northshire, joined.case_id).paused_until is None


def test_the_officer_in_the_case_pauses_nothing_even_as_a_supervisor(northshire: Portal) -> None:
    officer = northshire.add_officer(roles=[Role.OFFICER, Role.SUPERVISOR])
    joined = northshire.join()
    someone = northshire.officer_signs_in(officer)

    page = someone.see(officers_url(joined))

    assert "Pause messages to the officer" not in page.words
    form = {**page.form("Send reply").values, "days": "3", "reason": WHY}
    assert someone.post(f"{officers_url(joined)}/pause", data=form).status_code == 404


def test_the_officer_can_still_reply_in_a_pause(northshire: Portal) -> None:
    officer = northshire.add_officer()
    joined = northshire.join()
    pauses(staff(northshire, Role.SUPERVISOR), joined)
    inbox = northshire.officer_signs_in(officer)

    page = inbox.see(officers_url(joined))
    assert "Messages to the officer are paused until" in page.words
    inbox.send(page.form("Send reply"), text="We will call you on Monday")

    assert len(northshire.messages(joined.case_id)) == 1
