"""Asking a sender later what became of notices, where it can tell."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from app import clock
from app.database import Database
from app.notifications.housekeeping import NoteBounce
from app.notifications.models import Notice
from app.notifications.senders import CannotSend, Fate, Sender, TellsFates

AT_ONCE = 20
ASK_AGAIN_AFTER = timedelta(hours=1)
KNOWN_WITHIN = timedelta(days=4)
"""GOV.UK Notify tries for three days."""


def ask_after_fates(database: Database, sender: Sender, note_bounce: NoteBounce) -> int:
    """Ask about the notices whose turn it is, no lock held meanwhile; how many were asked about."""
    if not isinstance(sender, TellsFates):
        return 0
    with database.reading() as session:
        due = session.scalars(
            select(Notice.id)
            .where(Notice.fate_due_at <= clock.now())
            .order_by(Notice.fate_due_at)
            .limit(AT_ONCE)
        ).all()
    for notice_id in due:
        try:
            fate = sender.fate(notice_id)
        except CannotSend:
            fate = Fate.UNDER_WAY
        _note(database, notice_id, fate, note_bounce, clock.now())
    return len(due)


def _note(
    database: Database, notice_id: UUID, fate: Fate, note_bounce: NoteBounce, now: datetime
) -> None:
    with database.writing() as session:
        notice = session.scalar(
            select(Notice)
            .where(Notice.id == notice_id, Notice.fate_due_at.is_not(None))
            .with_for_update()
        )
        if notice is None or notice.ended_at is None:
            return
        goes_on = fate is Fate.UNDER_WAY and now - notice.ended_at < KNOWN_WITHIN
        notice.fate_due_at = now + ASK_AGAIN_AFTER if goes_on else None
        if fate in {Fate.BOUNCED, Fate.LOST}:
            notice.problem = fate.value
        if fate is Fate.BOUNCED:
            note_bounce(session, notice, now)
