"""What tests of being told do again and again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import time_machine
from sqlalchemy import select

from app import clock
from app.cases.models import Task, TaskKind
from app.notifications.models import Notice, NoticeState
from app.notifications.senders import CannotSend, Letter, Sender
from app.web.times import LONDON
from tests.integration.sign_in.steps import sign_in
from tests.pages import Page, Visitor
from tests.portal import Joined, Portal


def updates(portal: Portal, victim: Joined) -> list[Letter]:
    return portal.sender.to(victim.case["victim"]["email"], "update")


def says(inbox: Visitor, victim: Joined, words: str) -> None:
    inbox.send(inbox.see(f"/officer{victim.url}").form("Send reply"), text=words)


def later(**more: float) -> Any:
    """So much later than now."""
    return time_machine.travel(clock.now() + timedelta(**more))


def tomorrow_at(hour: int, *, days: int = 1) -> datetime:
    """An hour of tomorrow by a British clock."""
    here = clock.now().astimezone(LONDON) + timedelta(days=days)
    return here.replace(hour=hour, minute=0, second=0, microsecond=0)


def comes_back(portal: Portal, victim: Joined) -> Page:
    """Signs in with a code and looks at the case."""
    victim.visitor, _page = sign_in(portal, victim.case["victim"]["email"])
    return victim.visitor.see(victim.url)


def assessed_now(portal: Portal, victim: Joined) -> None:
    """The force has looked at the risk again, so that the case stays open for 90 days more."""
    victim.case["riskAssessedAt"] = clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    portal.tell(victim.case)


def owed_updates(portal: Portal) -> list[Notice]:
    with portal.database.reading() as session:
        return list(
            session.scalars(
                select(Notice).where(
                    Notice.template == "update", Notice.state == NoticeState.OWED.value
                )
            )
        )


def tasks(portal: Portal, kind: TaskKind, case_id: UUID | None = None) -> list[Task]:
    with portal.database.reading() as session:
        wanted = select(Task).where(Task.kind == kind.value).order_by(Task.made_at)
        found = session.scalars(wanted).all()
        return [each for each in found if case_id in (None, each.case_id)]


class Refusing:
    """Does not take these templates."""

    def __init__(self, sender: Sender, templates: tuple[str, ...], error: CannotSend) -> None:
        self._sender = sender
        self._templates = templates
        self._error = error

    def send(self, letter: Letter) -> None:
        if letter.template in self._templates:
            raise self._error
        self._sender.send(letter)


def refuses(portal: Portal, *templates: str) -> None:
    """From now on these are refused for good, as an address is that is not there; none: all go."""
    error = CannotSend("smtp: refused [550]", for_good=True, is_bounce=True)
    portal.work_ = replace(portal.work_, sender=Refusing(portal.sender, templates, error))


def busy(portal: Portal, *templates: str) -> None:
    """From now on these are to be tried again later."""
    error = CannotSend("smtp: 451", for_good=False)
    portal.work_ = replace(portal.work_, sender=Refusing(portal.sender, templates, error))
