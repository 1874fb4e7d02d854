"""A case got another reference, and its old record goes on in the case system: it may warn of a
danger, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import structlog
import time_machine

from app import clock
from app.cases.models import Case
from app.cases.queries import facts_of
from app.forces.actions import load_forces
from app.messages.models import Conversation
from app.messages.references import earlier_references
from tests.factories.facts import case_json, force_settings
from tests.integration.cases.steps import why_closed
from tests.integration.messages.steps import conversation_of
from tests.portal import Joined, Portal

NEW = "NS/777777/26"


@pytest.fixture
def victim(northshire: Portal) -> Joined:
    """Of a case that has moved to NEW; both records are in the case system."""
    return northshire.join()


@pytest.fixture
def moved(northshire: Portal, victim: Joined) -> dict[str, Any]:
    """The case as it is told under its new reference."""
    case = {
        **victim.case,
        "reference": NEW,
        "previousReference": victim.case["reference"],
        "status": "charged",
        "officerInCase": {"collar": "5678", "name": "DC Ellis", "email": None},
    }
    northshire.tell(case)
    return case


def told_anew(case: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The old record is changed once more."""
    return {**case, "updatedAt": "2030-01-01T00:00:00Z", **changes}


def goes_to(portal: Portal, victim: Joined) -> str | None:
    """The reference to which the conversation's messages go."""
    conversation_id = conversation_of(portal, victim.case_id).id
    with portal.database.reading() as session:
        return session.get_one(Conversation, conversation_id).reference


def is_as_moved(portal: Portal, victim: Joined) -> None:
    case = portal.case(victim.case_id)
    assert (case.reason, case.held_at, case.status) == (None, None, "charged")
    with portal.database.reading() as session:
        facts = facts_of(session.get_one(Case, victim.case_id))
        assert facts is not None
        assert facts.reference == NEW
    assert "DC Ellis" in victim.visitor.see(victim.url).words
    assert goes_to(portal, victim) == NEW


def test_the_old_record_changed_once_more_takes_nothing_back(
    northshire: Portal, victim: Joined, moved: dict[str, Any]
) -> None:
    northshire.tell(told_anew(victim.case, flags=["repeat-victim"]))
    victim.writes("Where does this go?")
    northshire.work()
    is_as_moved(northshire, victim)
    assert [entry.text for entry in northshire.system().held(NEW)] == ["Where does this go?"]


def test_the_whole_feed_told_again_takes_nothing_back(
    northshire: Portal, victim: Joined, moved: dict[str, Any]
) -> None:
    offences = ["burglary-dwelling", "theft-person"]
    with northshire.database.writing() as session:
        [loaded] = load_forces(session, [force_settings(eligible_offences=offences)])
    assert loaded.decides_anew
    northshire.work()
    is_as_moved(northshire, victim)
    conversation_id = conversation_of(northshire, victim.case_id).id
    with northshire.database.reading() as session:
        conversation = session.get_one(Conversation, conversation_id)
        assert earlier_references(conversation) == [victim.case["reference"]]


def test_the_old_record_does_not_say_that_a_danger_is_over(
    northshire: Portal, victim: Joined, moved: dict[str, Any]
) -> None:
    northshire.tell({**moved, "domesticAbuse": True})
    northshire.tell(told_anew(victim.case, domesticAbuse=False))
    case = northshire.case(victim.case_id)
    assert (case.reason, case.is_danger) == ("domestic-abuse", True)
    assert why_closed(northshire, NEW) == "held"


def test_a_danger_in_the_old_record_holds_the_case_and_bars_the_persons_others(
    northshire: Portal, victim: Joined, moved: dict[str, Any]
) -> None:
    other = case_json(victim=victim.case["victim"])
    northshire.tell(other)
    stranger = case_json()
    northshire.tell(stranger)
    assert why_closed(northshire, other["reference"]) is None

    northshire.tell(told_anew(victim.case, domesticAbuse=True))
    northshire.tell(told_anew(moved))

    assert why_closed(northshire, NEW) == "held"
    assert northshire.case(victim.case_id).reason == "danger-elsewhere"
    assert why_closed(northshire, other["reference"]) == "danger-elsewhere"
    assert why_closed(northshire, stranger["reference"]) is None
    assert goes_to(northshire, victim) == NEW


def test_a_danger_told_in_the_old_record_is_taken_back_only_there_and_in_clear_words(
    northshire: Portal, victim: Joined, moved: dict[str, Any]
) -> None:
    northshire.tell(told_anew(victim.case, domesticAbuse=True))
    for unclear in ({**moved, "domesticAbuse": False}, told_anew(victim.case, domesticAbuse=None)):
        northshire.tell(unclear)
        assert northshire.case(victim.case_id).reason == "danger-elsewhere"
    northshire.tell(told_anew(victim.case, domesticAbuse=False))
    assert northshire.case(victim.case_id).reason is None
    # Only a supervisor lifts the hold.
    assert why_closed(northshire, NEW) == "held"


def test_an_old_record_that_is_told_for_the_first_time_is_no_case_of_its_own(
    northshire: Portal,
) -> None:
    old = case_json()
    new = {**old, "reference": NEW, "previousReference": old["reference"]}
    northshire.tell(new)
    northshire.tell(old)
    assert northshire.case_id(old["reference"]) == northshire.case_id(NEW)
    assert why_closed(northshire, NEW) is None


def test_a_second_record_that_names_the_same_old_one_is_another_case(
    northshire: Portal, victim: Joined, moved: dict[str, Any]
) -> None:
    second = case_json(previousReference=victim.case["reference"])
    with structlog.testing.capture_logs() as said:
        northshire.tell(second)
    assert "case goes on under two references" in {each["event"] for each in said}
    assert northshire.case_id(second["reference"]) != victim.case_id
    is_as_moved(northshire, victim)


def test_operators_are_told_of_a_case_that_is_known_twice(
    northshire: Portal, victim: Joined
) -> None:
    new = {**victim.case, "reference": NEW}
    northshire.tell(new)
    with structlog.testing.capture_logs() as said:
        northshire.tell({**new, "previousReference": victim.case["reference"]})
    assert "case is known twice" in {each["event"] for each in said}


def test_the_daily_re_read_asks_for_the_new_record(
    northshire: Portal, victim: Joined, moved: dict[str, Any]
) -> None:
    northshire.tell(told_anew(victim.case))
    system, asked = northshire.system(), list[str]()
    case = system.case

    def note(reference: str) -> dict[str, object] | None:
        asked.append(reference)
        return case(reference)

    system.case = note  # type: ignore[method-assign]
    with time_machine.travel(clock.now() + timedelta(hours=25)):
        northshire.work()
    assert asked == [NEW]
