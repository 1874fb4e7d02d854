"""Notices leave once, after a last look, and leave nothing behind."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from app import clock
from app.cases.invitations import invite
from app.cases.models import Case
from app.cases.not_reached import note_bounced_notice
from app.messages.notices import may_still_go
from app.notifications import housekeeping
from app.notifications.housekeeping import LOOK_IS_GOOD_FOR, HandOver, hand_over_due
from app.notifications.models import Notice, NoticeState
from app.notifications.senders import CannotSend, Letter, Sender
from app.worker import run_once
from tests.factories.facts import case_json
from tests.integration.cases.steps import owed_notices
from tests.integration.messages.steps import replies, stored_bytes
from tests.integration.notifications.steps import later, owed_updates, says, updates
from tests.pages import HTMX, Page
from tests.portal import Joined, OfficerAccount, Portal


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


def asks_for_news(victim: Joined) -> Page:
    """As an open page does every few seconds."""
    return victim.visitor.see(f"{victim.url}/messages?after=0", headers=HTMX)


@pytest.mark.parametrize("earlier", [[], ["Said before"]], ids=["first", "another"])
def test_none_while_the_person_is_reading(
    northshire: Portal, officer: OfficerAccount, told: Joined, earlier: list[str]
) -> None:
    inbox = northshire.officer_signs_in(officer)
    for words in earlier:
        says(inbox, told, words)
    asks_for_news(told)
    says(inbox, told, "While the page is open")
    northshire.work()
    assert "While the page is open" in asks_for_news(told).text
    with later(seconds=13):
        northshire.work()
    assert updates(northshire, told) == []


def test_whoever_closed_the_page_is_told_once_an_open_one_would_have_asked(
    northshire: Portal, officer: OfficerAccount, told: Joined
) -> None:
    inbox = northshire.officer_signs_in(officer)
    begin = clock.now()
    with time_machine.travel(begin, tick=False):
        asks_for_news(told)
        says(inbox, told, "First")
    for seconds, expected in ((11, 0), (13, 1)):
        with time_machine.travel(begin + timedelta(seconds=seconds), tick=False):
            northshire.work()
        assert len(updates(northshire, told)) == expected


def test_what_has_waited_for_another_reason_does_not_wait_for_a_page_once_more(
    northshire: Portal, officer: OfficerAccount, told: Joined
) -> None:
    inbox = northshire.officer_signs_in(officer)
    asks_for_news(told)
    says(inbox, told, "First")
    with later(seconds=13):
        says(inbox, told, "Second")
        northshire.work()
    assert len(updates(northshire, told)) == 1


@pytest.mark.parametrize("hours, expected", [(12, 0), (14, 1)])
def test_a_page_is_no_longer_open_when_every_session_has_ended(
    northshire: Portal, officer: OfficerAccount, told: Joined, hours: int, expected: int
) -> None:
    asks_for_news(told)
    with later(hours=hours):
        northshire.tell(told.case)
        replies(northshire, officer, told, "First")
        northshire.work()
    assert len(updates(northshire, told)) == expected


def test_whoever_reads_a_page_that_does_not_ask_for_news_is_told_at_once(
    northshire: Portal, officer: OfficerAccount, told: Joined
) -> None:
    inbox = northshire.officer_signs_in(officer)
    says(inbox, told, "First")
    told.visitor.see(told.url)
    says(inbox, told, "Second")
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


class Broken:
    """Has a defect that shows with some notices."""

    def __init__(self, sender: Sender, template: str) -> None:
        self._sender = sender
        self._template = template
        self.letters: list[Letter] = []

    def send(self, letter: Letter) -> None:
        if letter.template == self._template:
            self.letters.append(letter)
            raise RuntimeError(f"cannot write to {letter.to}")
        self._sender.send(letter)


def test_a_notice_that_nobody_foresaw_keeps_none_behind_it(
    northshire: Portal, officer: OfficerAccount, told: Joined
) -> None:
    broken = Broken(northshire.sender, "update")
    northshire.work_ = replace(northshire.work_, sender=broken)
    replies(northshire, officer, told, "We found your bicycle")
    owe_invitations(northshire, 1)
    with capture_logs() as logs:
        assert northshire.work_.hand_over_notices()

    assert len(broken.letters) == 1
    assert owed_notices(northshire) == ["update", "update"], "the second is its repeat"
    [notice] = [each for each in owed_updates(northshire) if each.repeats_id is None]
    assert (notice.attempts, notice.problem) == (1, "unforeseen: RuntimeError")
    assert notice.due_at > clock.now()
    [said] = [each for each in logs if each["event"] == "notice cannot be handed over"]
    assert told.case["victim"]["email"] not in str(said)

    with later(hours=1):
        northshire.work()
    with later(days=1.1):
        northshire.work()
    assert len(broken.letters) == 3
    with northshire.database.reading() as session:
        ended = session.get_one(Notice, notice.id)
        assert (ended.state, ended.to_sealed) == (NoticeState.FAILED.value, None)


class Slow:
    """Takes its time over everything but codes."""

    def __init__(self, sender: Sender, seconds: float) -> None:
        self._sender = sender
        self._seconds = seconds
        self.asked: list[str] = []

    def send(self, letter: Letter) -> None:
        self.asked.append(letter.template)
        if letter.template != "sign-in-code":
            time.sleep(self._seconds)
        self._sender.send(letter)


def owe_invitations(portal: Portal, number: int) -> None:
    """They are owed, and no worker has come by yet."""
    cases = [case_json() for _ in range(number)]
    for case in cases:
        portal.system().put_case(case["reference"], case)
    portal.work_.read_feeds(ignore_interval=True)
    ids = [portal.case_id(case["reference"]) for case in cases]
    with portal.database.writing() as session:
        for case_id in ids:
            invite(session, session.get_one(Case, case_id), clock.now())


def test_after_a_slow_notice_codes_are_looked_for_again(
    northshire: Portal, told: Joined, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "SLOW_SECONDS", 0.2)
    owe_invitations(northshire, 3)
    slow = Slow(northshire.sender, 0.3)
    northshire.work_ = replace(northshire.work_, sender=slow)

    assert northshire.work_.hand_over_notices()
    someone = northshire.visitor()
    form = someone.see("/sign-in").form("Continue")
    someone.send(form, address=told.case["victim"]["email"])
    northshire.work()

    assert slow.asked == ["invitation", "sign-in-code", "invitation", "invitation"]


def test_whoever_asks_it_to_stop_waits_for_one_notice_only(northshire: Portal) -> None:
    owe_invitations(northshire, 2)
    taken: list[Letter] = []

    class Stopping:
        def send(self, letter: Letter) -> None:
            taken.append(letter)
            northshire.work_.stop.set()

    northshire.work_ = replace(northshire.work_, sender=Stopping())
    northshire.work_.hand_over_notices()
    northshire.work_.hand_over_notices()
    assert len(taken) == 1
    assert owed_notices(northshire) == ["invitation"]


def test_once_means_that_a_mail_server_which_hangs_is_tried_once(northshire: Portal) -> None:
    invited = [case_json() for _ in range(2)]
    for case in invited:
        northshire.tell(case)
    with northshire.database.writing() as session:
        for case in invited:
            found = session.get_one(Case, northshire.case_id(case["reference"]))
            invite(session, found, clock.now())
    with time_machine.travel(clock.now() + timedelta(seconds=1), tick=False) as now:

        class Hanging(Sender):
            def send(self, _letter: Letter) -> None:
                now.shift(timedelta(minutes=10))
                raise CannotSend("smtp: TimeoutError", for_good=False)

        run_once(replace(northshire.work_, sender=Hanging()))
    with northshire.database.reading() as session:
        tried = session.scalars(select(Notice.attempts).where(Notice.template == "invitation"))
        assert list(tried) == [1, 1]


def test_nothing_leaves_after_a_pause_in_which_the_case_went_on_hold(
    northshire: Portal, officer: OfficerAccount, told: Joined, monkeypatch: pytest.MonkeyPatch
) -> None:
    replies(northshire, officer, told, "We found your bicycle")
    awake = clock.boot_seconds

    def look_and_fall_asleep(session: Session, notice: Notice, now: datetime) -> datetime | bool:
        verdict = may_still_go(session, notice, now)
        monkeypatch.setattr(clock, "boot_seconds", lambda: awake() + LOOK_IS_GOOD_FOR + 1)
        if northshire.database.engine.dialect.name == "postgresql":
            # The server ends a transaction that idles for two minutes; SQLite keeps its lock.
            ours = session.scalar(text("SELECT pg_backend_pid()"))
            with northshire.database.writing() as another:
                another.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": ours})
            danger = {**told.case, "domesticAbuse": True}
            northshire.system().put_case(told.case["reference"], danger)
            assert northshire.work_.read_feeds(ignore_interval=True)
            assert northshire.case(told.case_id).held_at is not None
        return verdict

    hand_over = HandOver(
        northshire.sender,
        northshire.work_.push,
        "http://localhost",
        look_and_fall_asleep,
        note_bounced_notice,
    )
    with suppress(DBAPIError):
        hand_over_due(northshire.database, hand_over)
    assert updates(northshire, told) == []
