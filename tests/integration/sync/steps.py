"""What tests of delivery look at."""

from __future__ import annotations

from tests.portal import Joined, Portal


def on_record(portal: Portal, victim: Joined) -> list[str]:
    """The texts on the case record, in its order."""
    return [entry.text for entry in portal.system().held(victim.case["reference"])]


def states(portal: Portal, victim: Joined) -> list[str]:
    return [state for _, state, _ in portal.messages(victim.case_id)]
