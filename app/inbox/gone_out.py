"""What had gone out to a victim before a safeguarding hold, for those who make contact with them:
somebody else may have seen it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from flask_babel import gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.accounts.models import PUSH
from app.cases.hold import known_of_person
from app.cases.models import Task, TaskKind
from app.notifications.models import Notice, NoticeState
from app.notifications.templates import ADDRESS_CODE, INVITATION, SIGN_IN_CODE, UPDATE

BEFORE_A_HOLD: Final = timedelta(hours=72)
MOST: Final = 50


@dataclass(frozen=True, slots=True)
class GoneOut:
    """One notice that a sender took: its kind, its channel and when. Never where to, nor what."""

    what: str
    channel: str
    at: datetime


def gone_out_before(session: Session, task: Task) -> list[GoneOut] | None:
    """What went out to the person in the 72 hours before the hold that a task is about, and later;
    the newest first. None: it is about something else."""
    if task.kind != TaskKind.SAFEGUARDING_HOLD:
        return None
    cases, accounts = known_of_person(session, task.case)
    found = session.execute(
        select(Notice.template, Notice.channel, Notice.ended_at)
        .where(
            or_(Notice.case_id.in_(cases), Notice.victim_id.in_(accounts)),
            # Codes are no force's; what another force sent is not for this one to know.
            or_(Notice.force_id == task.force_id, Notice.force_id.is_(None)),
            Notice.template.in_([INVITATION, SIGN_IN_CODE, ADDRESS_CODE, UPDATE]),
            Notice.state == NoticeState.HANDED_OVER.value,
            Notice.ended_at >= task.made_at - BEFORE_A_HOLD,
        )
        .order_by(Notice.ended_at.desc())
        .limit(MOST)
    )
    return [
        GoneOut(_kind(template), _channel(channel), ended_at)
        for template, channel, ended_at in found
        if ended_at is not None
    ]


def _kind(template: str) -> str:
    kinds: dict[str, str] = {
        INVITATION: _("Invitation to join a case"),
        SIGN_IN_CODE: _("Code to sign in"),
        ADDRESS_CODE: _("Code for a new address"),
        UPDATE: _("“You have an update”"),
    }
    return kinds[template]


def _channel(channel: str) -> str:
    channels: dict[str, str] = {
        "email": _("by email"),
        "sms": _("by text message"),
        PUSH: _("on their device"),
    }
    return channels.get(channel, channel)
