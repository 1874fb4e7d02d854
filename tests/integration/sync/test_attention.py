"""What needs a person: the task, the retry, the record by hand, and what is urgent."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from app import clock
from app.audit.models import AuditRow
from app.cases.models import Task, TaskKind
from app.messages.attention import hand_reason_place
from app.messages.models import Conversation
from app.outbox.actions import forces_with_something_due
from tests.factories.facts import case_json
from tests.integration.cases.steps import open_tasks
from tests.integration.messages.steps import conversation_of, entries_of, messages_of
from tests.integration.sync.steps import on_record, states
from tests.portal import Joined, Portal

TASK = "entry-needs-a-person"


@pytest.fixture
def victim(northshire: Portal) -> Joined:
    return northshire.join()


@pytest.fixture
def stuck(northshire: Portal, victim: Joined) -> Joined:
    """A victim whose first message was refused and whose second waits behind it."""
    northshire.system().fail("422")
    victim.writes("First")
    victim.writes("Second")
    northshire.work()
    return victim


def flask(portal: Portal, *args: str) -> tuple[int, str]:
    result = portal.app.test_cli_runner().invoke(args=["sync", *args])
    return result.exit_code, result.output


def actions(portal: Portal, victim: Joined) -> list[str]:
    with portal.database.reading() as session:
        return [
            row.action
            for row in session.scalars(select(AuditRow).order_by(AuditRow.id))
            if row.case_id == victim.case_id and row.action.startswith("entry.")
        ]


def test_what_needs_a_person_is_a_task_once(northshire: Portal, stuck: Joined) -> None:
    northshire.work()
    assert open_tasks(northshire, stuck.case["reference"]) == [TASK]


def test_retry_puts_it_back_and_all_behind_it_follows(northshire: Portal, stuck: Joined) -> None:
    assert flask(northshire, "retry") == (0, "put back: 1\n")
    northshire.work()
    assert on_record(northshire, stuck) == ["First", "Second"]
    assert states(northshire, stuck) == ["recorded", "recorded"]
    assert open_tasks(northshire, stuck.case["reference"]) == []
    assert "entry.tried-again" in actions(northshire, stuck)
    assert conversation_of(northshire, stuck.case_id).needs_a_person == 0


def test_retry_that_fails_again_is_a_task_again(northshire: Portal, stuck: Joined) -> None:
    northshire.system().fail("422")
    flask(northshire, "retry")
    northshire.work()
    assert states(northshire, stuck) == ["attention", "saved"]
    assert open_tasks(northshire, stuck.case["reference"]) == [TASK]


def test_retry_can_be_kept_to_a_force_or_a_message(portal: Portal) -> None:
    portal.add_force()
    url = {"url": "http://127.0.0.1:9200"}
    portal.add_force(slug="southshire", ons_code="E23000098", case_system=url)
    joined = {slug: portal.join(case_json(), slug) for slug in ("northshire", "southshire")}
    for slug, each in joined.items():
        portal.system(slug).fail("422")
        each.writes("First")
    portal.work()
    [message] = messages_of(portal, joined["northshire"].case_id)

    assert flask(portal, "retry", "--force", "southshire") == (0, "put back: 1\n")
    assert flask(portal, "retry", "--message", str(message.id)) == (0, "put back: 1\n")
    assert flask(portal, "retry", "--message", str(message.id))[0] == 1
    assert flask(portal, "retry", "--force", "nowhere")[0] == 1
    portal.work()
    assert {portal.messages(each.case_id)[0][1] for each in joined.values()} == {"recorded"}


def test_what_was_recorded_by_hand_lets_the_rest_go_on(northshire: Portal, stuck: Joined) -> None:
    first, _ = messages_of(northshire, stuck.case_id)
    told = ("--message", str(first.id), "--receipt", "N-777", "--reason", "Typed in by DC Ellis")
    assert flask(northshire, "record-by-hand", *told)[0] == 0
    northshire.work()
    assert states(northshire, stuck) == ["recorded", "recorded"]
    assert on_record(northshire, stuck) == ["Second"]
    assert open_tasks(northshire, stuck.case["reference"]) == []
    assert "entry.recorded-by-hand" in actions(northshire, stuck)
    entry, _ = entries_of(northshire, stuck.case_id)
    assert (entry.receipts[0]["entryId"], entry.receipts[0]["byHand"]) == ("N-777", True)
    with northshire.database.reading() as session:
        conversation = session.get_one(Conversation, entry.stream_id)
        assert entry.hand_reason_sealed is not None
        reason = conversation.data_key.open(entry.hand_reason_sealed, hand_reason_place(entry.id))
    assert reason == "Typed in by DC Ellis"
    assert flask(northshire, "record-by-hand", *told)[0] == 1


@pytest.mark.parametrize("receipt, reason", [(" ", "Why"), ("N-1", " "), ("x" * 256, "Why")])
def test_recording_by_hand_needs_a_receipt_and_a_reason(
    northshire: Portal, stuck: Joined, receipt: str, reason: str
) -> None:
    first, _ = messages_of(northshire, stuck.case_id)
    told = ("--message", str(first.id), "--receipt", receipt, "--reason", reason)
    assert flask(northshire, "record-by-hand", *told)[0] == 1
    assert states(northshire, stuck) == ["attention", "saved"]


def urgent(portal: Portal, victim: Joined) -> None:
    """Words in the gap: written on a page from before the hold, so of high priority."""
    form = victim.visitor.see(victim.url).form("Send message")
    portal.tell({**victim.case, "domesticAbuse": True})
    portal.system().fail("503", times=1000)
    victim.visitor.send(form, text="I am frightened")
    portal.work()


def test_what_is_urgent_and_late_goes_to_a_person_and_is_tried_on(
    northshire: Portal, victim: Joined
) -> None:
    urgent(northshire, victim)
    reference = victim.case["reference"]
    with time_machine.travel(clock.now() + timedelta(minutes=14)):
        northshire.work()
        assert "urgent-entry-late" not in open_tasks(northshire, reference)
    with time_machine.travel(clock.now() + timedelta(minutes=16)):
        northshire.work()
        northshire.work()
        assert open_tasks(northshire, reference).count("urgent-entry-late") == 1
        assert states(northshire, victim) == ["saved"]
    northshire.system().heal()
    with time_machine.travel(clock.now() + timedelta(minutes=40)):
        northshire.work()
    assert states(northshire, victim) == ["recorded"]
    assert "urgent-entry-late" not in open_tasks(northshire, reference)


def test_who_has_seen_to_what_is_urgent_and_late_is_not_asked_again(
    northshire: Portal, victim: Joined
) -> None:
    urgent(northshire, victim)
    with time_machine.travel(clock.now() + timedelta(minutes=16)):
        northshire.work()
        with northshire.database.writing() as session:
            late = Task.kind == TaskKind.URGENT_ENTRY_LATE.value
            session.execute(update(Task).where(late).values(done_at=clock.now()))
        northshire.work()
    assert states(northshire, victim) == ["saved"]
    assert "urgent-entry-late" not in open_tasks(northshire, victim.case["reference"])


def test_what_is_urgent_overtakes_other_conversations(northshire: Portal, victim: Joined) -> None:
    others = [northshire.join() for _ in range(3)]
    form = victim.visitor.see(victim.url).form("Send message")
    northshire.tell({**victim.case, "domesticAbuse": True})
    for other in others:
        other.writes("Ordinary")
    victim.visitor.send(form, text="I am frightened")

    northshire.work_.deliver()

    assert on_record(northshire, victim) == ["I am frightened"]
    assert [on_record(northshire, other) for other in others] == [[], [], []]
    with northshire.database.reading() as session:
        assert len(forces_with_something_due(session, clock.now())) == 1
