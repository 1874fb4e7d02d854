"""What a victim is shown of a case's status: nothing after `reported` before its release."""

from __future__ import annotations

REPORTED = "reported"
UNDER_INVESTIGATION = "under-investigation"
CLOSED = "closed"


def shown_status(status: str | None, released_status: str | None) -> str:
    """The status code to show a victim. An officer releases one status at a time."""
    if status == REPORTED:
        return REPORTED
    if status is not None and status == released_status:
        return status
    return UNDER_INVESTIGATION


def can_be_released(status: str | None, released_status: str | None) -> bool:
    """Whether there is news that only the officer's release would show."""
    return status not in {None, REPORTED, UNDER_INVESTIGATION, released_status}
