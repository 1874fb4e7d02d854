"""A force's case system changes while workers run: nothing more goes to the old one, or is read
from it."""

from __future__ import annotations

from typing import Any

import pytest

from app.forces.actions import load_forces
from app.sync.adapters.memory import MemoryCaseSystem
from app.sync.port import Answer, Entry
from app.sync.systems import LEFT_SECONDS, ConnectedSystems
from tests.factories.facts import case_json, force_settings
from tests.integration.cases.steps import why_closed
from tests.integration.messages.steps import conversation_of
from tests.integration.sync.steps import states
from tests.portal import Joined, Portal, memory_of

OTHER_URL = "http://127.0.0.1:9111"


class Closing(MemoryCaseSystem):
    """Knows whether its connections were given back."""

    is_closed = False

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def victim(northshire: Portal) -> Joined:
    return northshire.join()


def load(portal: Portal, **case_system: Any) -> None:
    with portal.database.writing() as session:
        load_forces(session, [force_settings(case_system=case_system)])


def test_a_force_whose_new_token_is_missing_waits_and_its_old_system_is_closed(
    northshire: Portal, victim: Joined, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = {"NORTHSHIRE_CASE_SYSTEM_TOKEN": "a"}
    old = Closing()
    systems = ConnectedSystems(token, lambda _settings, _token: old)
    with northshire.database.reading() as session:
        systems.refresh(session)
    force_id = conversation_of(northshire, victim.case_id).force_id
    assert systems.get(force_id) is old

    load(northshire, url=OTHER_URL, token_env="NOT_SET")
    with northshire.database.reading() as session:
        systems.refresh(session)
    assert systems.get(force_id) is None
    # A call may be under way still.
    assert not old.is_closed
    monkeypatch.setattr("app.clock.boot_seconds", lambda: 1e9 + LEFT_SECONDS)
    with northshire.database.reading() as session:
        systems.refresh(session)
    assert old.is_closed


def test_a_turn_under_way_ends_when_the_force_has_another_case_system(
    northshire: Portal, victim: Joined
) -> None:
    old = northshire.system()
    record = old.record
    victim.writes("First")
    victim.writes("Second")

    def record_and_change(reference: str, entry: Entry, ends_by: float | None = None) -> Answer:
        load(northshire, url=OTHER_URL)
        northshire.work_.refresh_systems()
        return record(reference, entry, ends_by)

    old.record = record_and_change  # type: ignore[method-assign]
    northshire.work_.deliver()
    reference = victim.case["reference"]
    assert [entry.text for entry in old.held(reference)] == ["First"]

    northshire.system().put_case(reference, victim.case)
    northshire.work()
    assert [entry.text for entry in old.held(reference)] == ["First"]
    assert [entry.text for entry in northshire.system().held(reference)] == ["Second"]
    assert states(northshire, victim) == ["recorded", "recorded"]


def test_a_feed_at_another_address_is_read_from_its_start(
    northshire: Portal, victim: Joined
) -> None:
    northshire.systems[OTHER_URL] = memory_of(force_settings().case_system)
    told = {**victim.case, "domesticAbuse": True}
    northshire.systems[OTHER_URL].put_case(told["reference"], told)

    load(northshire, url=OTHER_URL)
    northshire.work()

    assert why_closed(northshire, victim.case["reference"]) == "held"


def test_the_feed_of_a_case_system_that_was_left_is_not_read_any_more(
    northshire: Portal, victim: Joined
) -> None:
    load(northshire, profile="connect", url=OTHER_URL)
    northshire.work_.refresh_systems()
    system, cursors = northshire.system(), list[str | None]()
    changes = system.changes

    def note(cursor: str | None, limit: int) -> object:
        cursors.append(cursor)
        return changes(cursor, limit)

    system.changes = note  # type: ignore[assignment, method-assign]
    northshire.work()
    assert cursors == [None]


def test_back_at_an_earlier_profile_its_feed_is_read_from_its_start(
    northshire: Portal,
) -> None:
    first = northshire.system()
    case = case_json()
    first.put_case(case["reference"], case)
    northshire.work()
    load(northshire, profile="connect", url=OTHER_URL)
    northshire.work_.refresh_systems()
    for _ in range(3):
        another = case_json()
        northshire.system().put_case(another["reference"], another)
    northshire.work()
    load(northshire, url=OTHER_URL + "/niche")
    northshire.work_.refresh_systems()
    told = {**case, "domesticAbuse": True}
    northshire.system().put_case(case["reference"], told)
    northshire.work()
    assert why_closed(northshire, case["reference"]) == "domestic-abuse"
