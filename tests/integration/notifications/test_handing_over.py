"""Notices leave once, after a last look, and leave nothing behind."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import select

from app import clock
from app.notifications.chosen import sender_for
from app.notifications.models import Notice, NoticeState
from app.notifications.senders import CannotSend, FileSender, Letter, Sender, way_out
from app.notifications.templates import Text
from tests.factories.facts import case_json
from tests.integration.messages.steps import replies, stored_bytes
from tests.pages import Visitor
from tests.portal import Joined, OfficerAccount, Portal
from tests.servers import Mailbox


@pytest.fixture
def officer(northshire: Portal) -> OfficerAccount:
    return northshire.add_officer()


@pytest.fixture
def told(northshire: Portal, officer: OfficerAccount) -> Joined:
    """A victim who chose to be told by e-mail, and went away."""
    victim = northshire.join()
    page = victim.visitor.see("/safety")
    victim.visitor.send(page.form("Continue to your case"), channel="email", only_me="y")
    return victim


def updates(portal: Portal, victim: Joined) -> list[Letter]:
    return portal.sender.to(victim.case["victim"]["email"], "update")


def says(inbox: Visitor, victim: Joined, words: str) -> None:
    inbox.send(inbox.see(f"/officer{victim.url}").form("Send reply"), text=words)


def test_an_update_says_nothing_and_has_no_link(
    northshire: Portal, officer: OfficerAccount, told: Joined
) -> None:
    replies(northshire, officer, told, "We found your bicycle")
    northshire.work()

    [letter] = updates(northshire, told)
    words = f"{letter.text.subject} {letter.text.body}"
    assert "You have an update" in words
    assert "sign in the usual way" in words.lower()
    private = ("bicycle", told.case["reference"], "Okafor", "Northshire", "police", "http", "crime")
    assert [each for each in private if each.lower() in words.lower()] == []


def test_nobody_is_told_who_did_not_choose_to_be(
    northshire: Portal, officer: OfficerAccount
) -> None:
    victim = northshire.join()
    replies(northshire, officer, victim, "Hello")
    northshire.work()
    assert updates(northshire, victim) == []


def test_one_until_the_next_visit(
    northshire: Portal, officer: OfficerAccount, told: Joined
) -> None:
    inbox = northshire.officer_signs_in(officer)
    for number in range(3):
        says(inbox, told, f"Number {number}")
        northshire.work()
    assert len(updates(northshire, told)) == 1
    told.visitor.see(told.url)
    with time_machine.travel(clock.now() + timedelta(minutes=5)):
        says(inbox, told, "After the visit")
        northshire.work()
    assert len(updates(northshire, told)) == 2


def test_none_while_the_person_is_reading(
    northshire: Portal, officer: OfficerAccount, told: Joined
) -> None:
    inbox = northshire.officer_signs_in(officer)
    says(inbox, told, "First")
    northshire.work()
    told.visitor.see(told.url)
    says(inbox, told, "Second, at once")
    northshire.work()
    assert len(updates(northshire, told)) == 1


def test_none_after_ninety_days_without_saying_so_again(
    northshire: Portal, officer: OfficerAccount, told: Joined
) -> None:
    with time_machine.travel(clock.now() + timedelta(days=91)):
        case = {**told.case, "riskAssessedAt": clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")}
        northshire.tell(case)
        replies(northshire, officer, told, "Hello")
        northshire.work()
    assert updates(northshire, told) == []


def test_a_hold_cancels_what_is_owed(
    northshire: Portal, officer: OfficerAccount, told: Joined
) -> None:
    replies(northshire, officer, told, "Hello")
    northshire.tell({**told.case, "domesticAbuse": True})
    northshire.work()
    assert updates(northshire, told) == []
    with northshire.database.reading() as session:
        left = session.scalars(
            select(Notice.id).where(Notice.state == NoticeState.OWED.value)
        ).all()
    assert left == []


def test_a_feed_that_is_stale_keeps_notices_back_until_it_is_fresh(
    northshire: Portal, officer: OfficerAccount, told: Joined
) -> None:
    with time_machine.travel(clock.now() + timedelta(hours=25)):
        # The case system cannot be asked, so nothing is known of the last day.
        northshire.system().is_reachable = False
        replies(northshire, officer, told, "Hello")
        northshire.work()
        assert updates(northshire, told) == []
        northshire.system().is_reachable = True
        northshire.work()
    with time_machine.travel(clock.now() + timedelta(hours=25, minutes=2)):
        northshire.work()
    assert len(updates(northshire, told)) == 1


def test_what_was_handed_over_is_erased(
    northshire: Portal, officer: OfficerAccount, told: Joined
) -> None:
    with northshire.database.reading() as session:
        for notice in session.scalars(select(Notice)):
            assert notice.state == NoticeState.HANDED_OVER.value
            assert notice.wrapped_key is None
            assert notice.to_sealed is None
            assert notice.context_sealed is None
    address = told.case["victim"]["email"].encode()
    assert address not in stored_bytes(northshire.database)


class Moody:
    """Takes nothing the first two times."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._failures = 2

    def send(self, letter: Letter) -> None:
        if self._failures:
            self._failures -= 1
            raise CannotSend("smtp: 451", for_good=False)
        self._sender.send(letter)


def test_a_sender_that_fails_is_tried_again(northshire: Portal) -> None:
    case = case_json()
    northshire.work_ = replace(northshire.work_, sender=Moody(northshire.sender))
    northshire.tell(case)
    with pytest.raises(IndexError):
        northshire.invite(case)
    for minutes in (1, 2):
        with time_machine.travel(clock.now() + timedelta(minutes=minutes)):
            northshire.work()
    assert len(northshire.sender.to(case["victim"]["email"], "invitation")) == 1


def letter(channel: str = "email", to: str = "sam@mail.example") -> Letter:
    text = Text("You have an update" if channel == "email" else "", "Sign in – thank you.")
    return Letter(uuid4(), clock.now(), channel, to, "update", text)


def test_a_file_gets_one_object_a_line(tmp_path: Path) -> None:
    path = tmp_path / "new" / "notices.jsonl"
    sender = sender_for(f"file:{path}")
    assert isinstance(sender, FileSender)
    first, second = letter(), letter("sms", "+447700900123")
    for each in (first, second):
        sender.send(each)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    keys = {"id", "created_at", "channel", "to", "template", "subject", "body"}
    assert [set(line) for line in lines] == [keys, keys]
    assert [line["id"] for line in lines] == [str(first.id), str(second.id)]
    assert lines[1]["to"] == "+447700900123"
    assert path.stat().st_mode & 0o077 == 0


def test_a_mail_server_gets_what_was_written(smtp_server: Mailbox) -> None:
    sent = letter()
    with way_out(sender_for(f"{smtp_server.url}?from=portal@force.example")) as sender:
        sender.send(sent)
    [message] = smtp_server.messages
    assert (message["To"], message["From"]) == ("sam@mail.example", "portal@force.example")
    assert message["Subject"] == "You have an update"
    assert message.get_content().strip() == "Sign in – thank you."
    assert str(sent.id) in message["Message-ID"]


def test_texts_go_by_mail_where_there_is_a_domain_for_them(smtp_server: Mailbox) -> None:
    url = f"{smtp_server.url}?from=portal@force.example"
    with pytest.raises(CannotSend) as stopped, way_out(sender_for(url)) as sender:
        sender.send(letter("sms", "+447700900123"))
    assert stopped.value.for_good
    with way_out(sender_for(f"{url}&sms_domain=texts.example")) as sender:
        sender.send(letter("sms", "+447700900123"))
    assert smtp_server.messages[0]["To"] == "447700900123@texts.example"


def test_a_mail_server_that_refuses_is_asked_again_and_never_quoted(smtp_server: Mailbox) -> None:
    smtp_server.refuse_with = "451 sam@mail.example try later"
    url = f"{smtp_server.url}?from=portal@force.example"
    with pytest.raises(CannotSend) as stopped, way_out(sender_for(url)) as sender:
        sender.send(letter())
    assert not stopped.value.for_good
    assert "sam" not in stopped.value.why
