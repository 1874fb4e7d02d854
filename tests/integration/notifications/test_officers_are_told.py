"""The officer in the case is told that a victim waits, whoever that is by then."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.cases.models import Task, TaskKind
from tests.integration.cases.steps import owed_notices
from tests.portal import Joined, Portal

FIRST, SECOND = "first@northshire.example", "second@northshire.example"


def in_case(collar: str, email: str) -> dict[str, Any]:
    return {"officerInCase": {"collar": collar, "name": f"PC {collar}", "email": email}}


@pytest.fixture
def waiting(northshire: Portal) -> Joined:
    """A victim who waits for an answer of the first officer, who was told."""
    northshire.join()
    victim = northshire.join()
    northshire.tell({**victim.case, **in_case("1111", FIRST)})
    victim.writes("Is there any news?")
    northshire.work()
    assert told(northshire) == {FIRST: 1, SECOND: 0}
    return victim


def told(portal: Portal) -> dict[str, int]:
    return {each: len(portal.sender.to(each, "officer-update")) for each in (FIRST, SECOND)}


def test_another_officer_is_told_once_that_a_victim_waits(
    northshire: Portal, waiting: Joined
) -> None:
    for _ in range(2):
        northshire.tell({**waiting.case, **in_case("2222", SECOND)})
    assert told(northshire) == {FIRST: 1, SECOND: 1}
    waiting.writes("Hello?")
    northshire.work()
    assert told(northshire) == {FIRST: 1, SECOND: 1}, "once for as long as they wait"


def test_the_first_officer_is_told_of_a_victim_who_waited_before(northshire: Portal) -> None:
    victim = northshire.join()
    northshire.tell({**victim.case, "officerInCase": None})
    victim.writes("Is anybody there?")
    northshire.work()
    northshire.tell({**victim.case, **in_case("2222", SECOND)})
    assert told(northshire) == {FIRST: 0, SECOND: 1}


def test_another_officer_hears_nothing_while_nobody_waits(northshire: Portal) -> None:
    victim = northshire.join()
    for collar, email in (("1111", FIRST), ("2222", SECOND)):
        northshire.tell({**victim.case, **in_case(collar, email)})
    assert told(northshire) == {FIRST: 0, SECOND: 0}


def test_a_case_that_goes_to_and_fro_before_anything_left_is_one_notice(
    northshire: Portal,
) -> None:
    victim = northshire.join()
    northshire.tell({**victim.case, **in_case("1111", FIRST)})
    victim.writes("Is there any news?")
    system = northshire.system()
    for collar, email in (("2222", SECOND), ("1111", FIRST)):
        system.put_case(victim.case["reference"], {**victim.case, **in_case(collar, email)})
        northshire.work_.read_feeds(ignore_interval=True)
    northshire.work()
    assert told(northshire) == {FIRST: 1, SECOND: 0}


def test_after_a_hold_nothing_is_handed_over_and_the_officer_has_a_task(northshire: Portal) -> None:
    victim = northshire.join()
    case = {**victim.case, **in_case("1111", FIRST)}
    northshire.tell(case)
    victim.writes("Is there any news?")
    northshire.system().put_case(case["reference"], {**case, "domesticAbuse": True})
    northshire.work_.read_feeds(ignore_interval=True)
    assert owed_notices(northshire) == []
    northshire.work()
    assert told(northshire) == {FIRST: 0, SECOND: 0}
    with northshire.database.reading() as session:
        [kind] = session.scalars(select(Task.kind).where(Task.case_id == victim.case_id)).all()
    assert kind == TaskKind.SAFEGUARDING_HOLD


def test_words_from_a_page_of_before_the_hold_are_a_task_and_no_notice(northshire: Portal) -> None:
    victim = northshire.join()
    northshire.tell({**victim.case, **in_case("1111", FIRST)})
    form = victim.visitor.see(victim.url).form("Send message")
    northshire.tell({**victim.case, **in_case("1111", FIRST), "domesticAbuse": True})
    victim.visitor.send(form, text="Please read this")
    northshire.work()
    northshire.tell({**victim.case, **in_case("2222", SECOND), "domesticAbuse": True})
    assert told(northshire) == {FIRST: 0, SECOND: 0}
    with northshire.database.reading() as session:
        kinds = session.scalars(select(Task.kind).where(Task.case_id == victim.case_id)).all()
    assert set(kinds) == {TaskKind.SAFEGUARDING_HOLD, TaskKind.WORDS_IN_THE_GAP}
