"""A rotation that is killed at any moment, while people use the portal, is gone on with."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator

import pytest

from tests.factories.facts import case_json
from tests.integration.cases.steps import why_closed
from tests.integration.keys.steps import (
    NEW,
    OLD,
    Town,
    command,
    listed,
    number,
    ran,
    reopened,
    settle,
    used,
)
from tests.integration.keys.test_rotation import everything_works
from tests.portal import Portal, open_portal

KILLS = 4


@pytest.fixture
def town(migrated_url: str) -> Iterator[Town]:
    portal = open_portal(migrated_url, ENCRYPTION_KEYS=listed(OLD))
    town = settle(portal)
    for _ in range(20):
        portal.tell(case_json(domesticAbuse=True))
        portal.tell(case_json())
    yield town
    town.portal.database.engine.dispose()


def test_a_killed_rotation_is_gone_on_with_while_the_portal_is_used(town: Town) -> None:
    town.portal = portal = reopened(town.portal, NEW, OLD)
    stop, wrong = threading.Event(), []

    def go_on_using() -> None:
        while not stop.is_set():
            try:
                everything_works(town, portal)
            except BaseException as error:
                wrong.append(error)
                return

    user = threading.Thread(target=go_on_using)
    user.start()
    try:
        left = [_rotate_and_kill(portal) for _ in range(KILLS)]
        code, out, err = ran(portal, (NEW, OLD), "keys", "rotate", "--batch", "3")
    finally:
        stop.set()
        user.join(timeout=60)
    assert wrong == []
    assert left == sorted(left, reverse=True), "each goes on where the last one was killed"
    assert 0 < left[-1] < left[0]
    assert code == 0, err
    assert f"key {number(OLD).hex()} may go" in out

    town.portal = portal = reopened(portal, NEW)
    everything_works(town, portal)
    same = case_json(victim={"id": town.dangerous["victim"]["id"]})
    portal.tell(same)
    assert why_closed(portal, same["reference"]) == "danger-elsewhere"


def _rotate_and_kill(portal: Portal) -> int:
    """Kill the command somewhere on its way; how much is under the old key after that."""
    before = _under_old(portal)
    process = command(portal, (NEW, OLD), "keys", "rotate", "--batch", "1")
    with process:
        give_up = time.monotonic() + 60
        while _under_old(portal) == before:
            assert process.poll() is None, "it ended"
            assert time.monotonic() < give_up, "it does not get on"
            time.sleep(0.01)
        time.sleep(random.uniform(0, 0.2))
        process.kill()
    return _under_old(portal)


def _under_old(portal: Portal) -> int:
    return used(portal).of(number(OLD)).total()
