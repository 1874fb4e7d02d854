"""What a sender tells later of a notice that it took."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.cases.models import TaskKind
from app.notifications.chosen import sender_for
from app.notifications.fates import KNOWN_WITHIN
from tests.factories.facts import case_json
from tests.integration.messages.steps import replies
from tests.integration.notifications.steps import later, tasks
from tests.notify import NotifyStandIn
from tests.portal import Joined, OfficerAccount, Portal


@pytest.fixture
def notify(northshire: Portal, told: Joined) -> Iterator[NotifyStandIn]:
    """From now on this portal sends through GOV.UK Notify."""
    with NotifyStandIn().open() as stand_in:
        northshire.work_ = replace(northshire.work_, sender=sender_for(stand_in.notify_url))
        yield stand_in


def test_an_address_that_notify_gives_up_on_later_is_a_bounce(
    northshire: Portal, officer: OfficerAccount, told: Joined, notify: NotifyStandIn
) -> None:
    replies(northshire, officer, told, "Hello")
    northshire.work()
    assert [each.to for each in notify.taken if each.subject] != []
    with later(minutes=6):
        northshire.work()
    assert tasks(northshire, TaskKind.ADDRESS_BOUNCED) == []
    for each in notify.taken:
        each.status = "permanent-failure"
    with later(hours=2):
        northshire.work()
    assert len(tasks(northshire, TaskKind.ADDRESS_BOUNCED, told.case_id)) == 1
    before = len(notify.taken)
    with later(days=4):
        northshire.work()
    assert len(notify.taken) == before
    assert len(tasks(northshire, TaskKind.ADDRESS_BOUNCED)) == 1


def test_an_invitation_that_notify_gives_up_on_is_told_to_the_officer(
    northshire: Portal, told: Joined, notify: NotifyStandIn
) -> None:
    case = case_json()
    northshire.tell(case)
    with pytest.raises(IndexError):
        northshire.invite(case)
    notify.taken[-1].status = "permanent-failure"
    with later(minutes=6):
        northshire.work()
    case_id = northshire.case_id(case["reference"])
    assert len(tasks(northshire, TaskKind.ADDRESS_BOUNCED, case_id)) == 1


def test_what_arrived_or_stays_unknown_is_not_asked_about_for_ever(
    northshire: Portal, officer: OfficerAccount, told: Joined, notify: NotifyStandIn
) -> None:
    replies(northshire, officer, told, "Hello")
    northshire.work()
    with later(days=KNOWN_WITHIN.days, hours=1):
        northshire.work()
        assert not northshire.work_.ask_after_notices()
    with later(days=KNOWN_WITHIN.days + 1):
        # The repeat has been sent since; of the first one nothing more is asked.
        for each in notify.taken:
            each.status = "delivered"
        northshire.work()
    with later(days=KNOWN_WITHIN.days + 9):
        assert not northshire.work_.ask_after_notices()
    assert tasks(northshire, TaskKind.ADDRESS_BOUNCED) == []
