"""The nets under delivery and feed: re-reads, warnings, constants, reconciliation."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
import structlog
import time_machine
from sqlalchemy import select

from app import clock
from app.cases.leaving import leave_portal
from app.cases.models import Case, Enrolment
from app.cases.queries import locked_cases
from app.cases.working_days import known_until
from app.forces.models import Feed, Force
from app.sync.adapters.memory import MemoryCaseSystem
from app.sync.feed import take_in
from app.sync.port import Entry, rfc3339
from app.sync.reconcile import Difference, differences
from app.sync.rereads import reread_some
from app.sync.risk_fields import ALARM_AFTER, RISK_FIELDS
from app.sync.warnings import FeedWatch
from tests.factories.entries import an_entry
from tests.factories.facts import case_json
from tests.integration.cases.steps import invitations_of, open_tasks, why_closed
from tests.integration.messages.steps import conversation_of, messages_of
from tests.portal import Joined, Portal

SOME_TIME = 1.0
"""Seconds in which another thread comes to wait for a lock that we hold."""


@pytest.fixture
def victim(northshire: Portal) -> Joined:
    return northshire.join()


def forget_to_tell(portal: Portal, case: dict[str, object]) -> None:
    """The case changes, and the feed does not say so."""
    system = portal.system()
    told = system.changes
    system.put_case(str(case["reference"]), case)
    end = told(None, 1000).next
    with portal.database.writing() as session:
        session.scalars(select(Feed)).one().cursor = end


def test_a_change_that_the_feed_forgot_is_found_within_a_day(
    northshire: Portal, victim: Joined
) -> None:
    forget_to_tell(northshire, {**victim.case, "domesticAbuse": True})
    northshire.work()
    assert why_closed(northshire, victim.case["reference"]) is None
    with time_machine.travel(clock.now() + timedelta(hours=25)):
        northshire.work()
        assert why_closed(northshire, victim.case["reference"]) == "held"


def test_a_case_that_the_case_system_does_not_know_any_more_is_somebodys_task(
    northshire: Portal, victim: Joined
) -> None:
    northshire.system().rename(victim.case["reference"], "NS/999999/26")
    with time_machine.travel(clock.now() + timedelta(hours=25)):
        northshire.work()
        northshire.work()
    assert "case-unknown" in open_tasks(northshire, victim.case["reference"])


def test_a_re_read_that_failed_is_made_up_for(northshire: Portal, victim: Joined) -> None:
    forget_to_tell(northshire, {**victim.case, "domesticAbuse": True})
    start = clock.now()
    northshire.system().fail("503")
    with time_machine.travel(start + timedelta(hours=25)):
        northshire.work()
        assert why_closed(northshire, victim.case["reference"]) is None
    with time_machine.travel(start + timedelta(hours=25, minutes=11)):
        northshire.work()
        assert why_closed(northshire, victim.case["reference"]) == "held"
    with northshire.database.reading() as session:
        assert session.scalars(select(Enrolment.reread_at)).one() is not None


def test_a_re_read_older_than_what_the_feed_told_changes_nothing(
    northshire: Portal, victim: Joined
) -> None:
    now = clock.now()
    newer = {**victim.case, "status": "charged", "updatedAt": rfc3339(now)}
    northshire.tell(newer)
    older = {**newer, "status": "reported", "updatedAt": rfc3339(now - timedelta(seconds=1))}
    forget_to_tell(northshire, older)
    with time_machine.travel(clock.now() + timedelta(hours=25)):
        northshire.work()
    assert northshire.case(victim.case_id).status == "charged"


def test_a_re_read_is_heard_though_the_case_was_once_dated_ahead_of_the_time(
    northshire: Portal, victim: Joined
) -> None:
    northshire.tell({**victim.case, "updatedAt": "2062-01-01T00:00:00Z"})
    forget_to_tell(northshire, {**victim.case, "domesticAbuse": True})
    with time_machine.travel(clock.now() + timedelta(hours=25)):
        northshire.work()
    assert why_closed(northshire, victim.case["reference"]) == "held"


def test_a_silent_case_system_and_a_case_that_cannot_be_opened_keep_no_other_waiting(
    northshire: Portal, victim: Joined, monkeypatch: pytest.MonkeyPatch
) -> None:
    northshire.add_force(
        slug="southshire", ons_code="E23000098", case_system={"url": "http://127.0.0.1:9200"}
    )
    spoilt, other = (northshire.join(case_json(), "southshire") for _ in range(2))
    with northshire.database.writing() as session:
        session.get_one(Case, spoilt.case_id).facts_text_sealed = b"not sealed by any key of ours"
        for hours, each in enumerate((other, spoilt, victim), start=1):
            joined = select(Enrolment).where(Enrolment.case_id == each.case_id)
            session.scalars(joined).one().reread_at = clock.now() - timedelta(hours=hours)
    northshire.system().is_reachable = False
    danger = {**other.case, "domesticAbuse": True}
    northshire.system("southshire").put_case(other.case["reference"], danger)
    # Each time one case of each force.
    monkeypatch.setattr("app.sync.rereads.BATCH", 1)
    with time_machine.travel(clock.now() + timedelta(hours=25)):
        for _ in range(2):
            reread_some(northshire.database, northshire.work_.systems)
    assert northshire.case(other.case_id).held_at is not None


def test_an_invited_case_is_asked_for_too(northshire: Portal) -> None:
    case = case_json()
    northshire.tell(case)
    northshire.invite(case)
    forget_to_tell(northshire, {**case, "domesticAbuse": True})
    with time_machine.travel(clock.now() + timedelta(hours=23)):
        northshire.work()
        assert why_closed(northshire, case["reference"]) is None
    with time_machine.travel(clock.now() + timedelta(hours=25)):
        northshire.work()
        assert why_closed(northshire, case["reference"]) == "domestic-abuse"
    [invitation] = invitations_of(northshire, northshire.case_id(case["reference"]))
    assert invitation.revoked_at is not None


def rereads(portal: Portal, asked: Event) -> None:
    """A worker re-reads, a day later; `asked` is set once the case system has answered."""
    case = portal.system().case

    def answer(reference: str) -> dict[str, object] | None:
        told = case(reference)
        asked.set()
        return told

    portal.system().case = answer  # type: ignore[method-assign]
    reread_some(portal.database, portal.work_.systems)


def test_what_the_feed_tells_while_a_case_is_re_read_is_not_overwritten(
    northshire: Portal, victim: Joined
) -> None:
    asked = Event()
    newer = {**victim.case, "status": "charged", "updatedAt": rfc3339(clock.now())}
    with (
        time_machine.travel(clock.now() + timedelta(hours=25)),
        ThreadPoolExecutor() as pool,
    ):
        with northshire.database.writing() as session:
            locked_cases(session, [victim.case_id])
            # On SQLite the worker waits before it asks, on PostgreSQL for the case.
            running = pool.submit(rereads, northshire, asked)
            force = session.get_one(Force, conversation_of(northshire, victim.case_id).force_id)
            if northshire.database.engine.dialect.name == "postgresql":
                assert asked.wait(10)
            time.sleep(SOME_TIME)
            take_in(session, force, "niche", newer, may_invite=False)
        running.result()
    assert northshire.case(victim.case_id).status == "charged"


def test_a_victim_can_leave_while_their_case_is_re_read(northshire: Portal, victim: Joined) -> None:
    asked = Event()
    with (
        time_machine.travel(clock.now() + timedelta(hours=25)),
        ThreadPoolExecutor() as pool,
    ):
        with northshire.database.writing() as session:
            enrolment = session.scalars(select(Enrolment)).one()
            locked_cases(session, [victim.case_id])
            running = pool.submit(rereads, northshire, asked)
            if northshire.database.engine.dialect.name == "postgresql":
                assert asked.wait(10)
            time.sleep(SOME_TIME)
            leave_portal(session, enrolment.victim_id, clock.now())
        running.result()
    with northshire.database.reading() as session:
        assert session.scalars(select(Enrolment.ended_at)).one() is not None


def test_operators_are_told_before_a_feed_is_too_old_and_only_of_changes(
    northshire: Portal,
) -> None:
    watch, now = FeedWatch(), clock.now()
    with structlog.testing.capture_logs() as said:
        for hours in (1, 11, 13, 14, 25, 26, 73, 74):
            with northshire.database.reading() as session:
                watch.look(session, now + timedelta(hours=hours))
    assert [each["standing"] for each in said] == ["grows-old", "stale", "too-old"]


def test_operators_are_told_before_the_bank_holidays_run_out(northshire: Portal) -> None:
    def said_at(moment: datetime) -> list[str]:
        with time_machine.travel(moment), structlog.testing.capture_logs() as said:
            northshire.work()
        return [each["known_until"] for each in said if each["event"] == "bank holidays run out"]

    end = datetime.combine(known_until(), datetime.min.time(), UTC)
    assert said_at(end - timedelta(days=200)) == []
    assert said_at(end - timedelta(days=20)) == [known_until().isoformat()]
    with time_machine.travel(end - timedelta(days=20)):
        told = northshire.app.test_client().get("/metrics").text
    assert "portal_bank_holidays_known_days 20.0" in told


def test_a_risk_field_that_never_varies_is_an_alarm(northshire: Portal) -> None:
    for number in range(ALARM_AFTER):
        case = case_json()
        case["victim"]["linkedToSuspect"] = number % 7 == 0
        case["flags"] = [] if number % 5 else ["repeat-victim"]
        northshire.system().put_case(case["reference"], case)
    with structlog.testing.capture_logs() as said:
        northshire.work()
    alarms = {each["field"] for each in said if each["event"] == "risk field never varies"}
    assert "domesticAbuse" in alarms
    assert alarms <= set(RISK_FIELDS) - {"victim.linkedToSuspect", "flags"}
    status = northshire.app.test_cli_runner().invoke(args=["sync", "status"]).output
    assert f"domesticAbuse has been false in the last {ALARM_AFTER} new cases" in status
    told = northshire.app.test_client().get("/metrics").text
    assert 'portal_risk_field_constant_cases{field="domesticAbuse",force="northshire"}' in told


def found(portal: Portal, victim: Joined) -> list[tuple[str | None, str]]:
    force_id = conversation_of(portal, victim.case_id).force_id
    every: list[Difference] = list(differences(portal.database, force_id, portal.system()))
    return [(each.external_id, each.what.value) for each in every]


def spoil_nothing(_held: list[Entry]) -> list[Entry]:
    return _held


Spoil = Callable[[list[Entry]], list[Entry]]


@pytest.mark.parametrize(
    "spoil, what",
    [
        (spoil_nothing, []),
        (lambda held: held[1:], ["missing"]),
        (lambda held: [*held, held[0]], ["doubled"]),
        (lambda held: [held[1], held[0]], ["out of order"]),
        (lambda held: [*held, an_entry("Who wrote this?")], ["not from here"]),
        (lambda held: [_altered(held[0]), held[1]], ["altered"]),
    ],
)
def test_every_difference_from_the_record_is_found(
    northshire: Portal, victim: Joined, spoil: Spoil, what: list[str]
) -> None:
    victim.writes("First")
    victim.writes("Second")
    northshire.work()
    reference = victim.case["reference"]
    held = list(northshire.system().held(reference))
    as_log = MemoryCaseSystem(is_idempotent=False)
    as_log.put_case(reference, victim.case)
    for entry in spoil(held):
        as_log.record(reference, entry)

    force_id = conversation_of(northshire, victim.case_id).force_id
    every = differences(northshire.database, force_id, as_log)

    # The receipts of that copy are its own wherever places have changed.
    assert [each.what.value for each in every if each.what != "other receipt"] == what


def _altered(entry: Entry) -> Entry:
    return Entry.from_json({**entry.to_json(), "text": "Altered"})


def test_words_owed_are_no_difference_and_a_silent_case_system_is_one(
    northshire: Portal, victim: Joined
) -> None:
    victim.writes("First")
    northshire.work()
    northshire.system().fail("cut-after")
    victim.writes("Second")
    northshire.work_.deliver()
    assert len(messages_of(northshire, victim.case_id)) == 2
    assert found(northshire, victim) == []
    northshire.system().is_reachable = False
    assert found(northshire, victim) == [(None, "cannot be read")]
