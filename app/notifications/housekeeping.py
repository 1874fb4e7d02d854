"""Handing owed notices over, each after a last look at whether it still may go."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from app import clock
from app.audit import actions as audit
from app.audit.vocabulary import WORKER, Action
from app.database import Database
from app.notifications.models import Notice, NoticeState
from app.notifications.senders import CannotSend, Letter, Sender, TellsFates, way_out
from app.notifications.templates import INVITATION, PUSH, SIGN_IN_CODE, UPDATE, URGENT, Text, write

log = structlog.get_logger(__name__)

MayStillGo = Callable[[Session, Notice, datetime], datetime | bool]
"""Locks what decides and answers: True, False (cancel), or a later time to ask again."""

NoteBounce = Callable[[Session, Notice, datetime], None]
"""Notes that a notice's address takes nothing, and tells the officer. `notice.to` may be gone."""

GIVE_UP_AFTER = timedelta(days=1)
"""Since the first try."""
ASK_FATE_AFTER = timedelta(minutes=5)
HAVE_A_FATE = frozenset({INVITATION, UPDATE})
"""Of these a bounce is noted also when it comes later. Who asked for a code asks again."""
AT_ONCE = 20
"""Looked up together: few, so that a code asked for meanwhile soon has its turn."""
SLOW_SECONDS = 2.0
"""After a notice that took longer, somebody may be waiting for a code: these are looked up anew."""

LOOK_IS_GOOD_FOR = 30.0
"""Seconds, by the clock that runs on while a machine sleeps. A database ends the transaction of
whoever was paused for minutes, and the locks that the look was taken under."""

_LOCK_NOT_AVAILABLE = "55P03"


@dataclass(frozen=True, slots=True)
class HandOver:
    """What handing notices over needs."""

    sender: Sender
    push: Sender
    public_url: str
    may_still_go: MayStillGo
    note_bounce: NoteBounce

    def sender_of(self, channel: str) -> Sender:
        """The way out of this channel's notices."""
        return self.push if channel == PUSH else self.sender


def _goes_on() -> bool:
    return False


def hand_over_due(
    database: Database,
    hand_over: HandOver,
    should_stop: Callable[[], bool] = _goes_on,
    *,
    due_by: datetime | None = None,
) -> int:
    """Hand over what is due (`due_by` then, else now), one transaction a notice; the number seen to
    (also put off). Who asks it to stop waits for one notice, not for all."""
    with database.reading() as session:
        due = session.execute(
            select(Notice.id, Notice.channel)
            .where(Notice.state == NoticeState.OWED.value, Notice.due_at <= (due_by or clock.now()))
            # Somebody waits for a code, or may be in danger; everything else can wait for it.
            .order_by(Notice.template.not_in([SIGN_IN_CODE, URGENT]), Notice.due_at)
            .limit(AT_ONCE)
        ).all()
    seen_to = 0
    for notice_id, channel in due:
        if should_stop():
            break
        began = time.monotonic()
        seen_to += _hand_over_alone(database, notice_id, hand_over.sender_of(channel), hand_over)
        if time.monotonic() - began > SLOW_SECONDS:
            # At least 1, so that the rest has its turn at once.
            return max(seen_to, 1)
    return seen_to


def _hand_over_alone(
    database: Database, notice_id: UUID, through: Sender, hand_over: HandOver
) -> bool:
    """One notice in a transaction of its own, the way out opened before it begins.

    The case's lock is held while the sender takes the notice, so that nothing leaves after a hold.
    Connecting to a slow server is not part of that: see `ConnectsFirst`. Whatever goes wrong with
    one notice is that notice's failure: those behind it must not wait for it.
    """
    try:
        to = _address_of(database, notice_id)
        if to is None:
            return False
        with way_out(through, to) as sender, database.writing() as session:
            return _hand_over_one(session, notice_id, hand_over, sender)
    except CannotSend as error:
        failure = error
    except OperationalError as error:
        if not _is_locked_elsewhere(error):
            raise
        # A report about the case is being taken in just now, so look again in the next round.
        return False
    except DBAPIError:
        raise
    except Exception as error:
        # Without its words: an address or a text may stand in them.
        why = f"unforeseen: {type(error).__name__}"
        log.error("notice cannot be handed over", notice_id=str(notice_id), why=why)
        failure = CannotSend(why, for_good=False)
    with database.writing() as session:
        notice = _due_notice(session, notice_id, clock.now())
        if notice is not None:
            _after_failure(session, notice, hand_over, failure, clock.now())
    return True


def _address_of(database: Database, notice_id: UUID) -> str | None:
    """None where the notice has gone meanwhile."""
    with database.reading() as session:
        return session.get_one(Notice, notice_id).to


def _is_locked_elsewhere(error: OperationalError) -> bool:
    return getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE


def _due_notice(session: Session, notice_id: UUID, now: datetime) -> Notice | None:
    """The notice, locked, if it is still owed and due and no other worker has it."""
    notice = session.scalar(
        select(Notice)
        .where(Notice.id == notice_id, Notice.state == NoticeState.OWED.value)
        .with_for_update(skip_locked=True)
    )
    return notice if notice is not None and notice.due_at <= now else None


def _hand_over_one(session: Session, notice_id: UUID, hand_over: HandOver, sender: Sender) -> bool:
    """True when this notice needs nothing more for now."""
    began, now = clock.boot_seconds(), clock.now()
    notice = _due_notice(session, notice_id, now)
    if notice is None:
        return False
    if notice.expires_at is not None and notice.expires_at <= now:
        _end(session, notice, NoticeState.CANCELLED, now, problem="expired")
        return True
    # The case's lock is held from this look until the sender has it: a hold comes before or after.
    verdict = hand_over.may_still_go(session, notice, now)
    if isinstance(verdict, datetime):
        notice.due_at = verdict
    elif not verdict:
        _end(session, notice, NoticeState.CANCELLED, now, problem="may-not-go")
    else:
        letter = _letter(notice, hand_over.public_url)
        if clock.boot_seconds() - began > LOOK_IS_GOOD_FOR:
            return False
        _send(session, notice, letter, hand_over, sender, now)
    return True


def _send(
    session: Session,
    notice: Notice,
    letter: Letter,
    hand_over: HandOver,
    sender: Sender,
    now: datetime,
) -> None:
    try:
        sender.send(letter)
    except CannotSend as error:
        _after_failure(session, notice, hand_over, error, now)
        return
    if isinstance(sender, TellsFates) and notice.template in HAVE_A_FATE:
        notice.fate_due_at = now + ASK_FATE_AFTER
    _end(session, notice, NoticeState.HANDED_OVER, now, problem=None)


def _letter(notice: Notice, public_url: str) -> Letter:
    context: dict[str, object] = json.loads(notice.context or "{}")
    return Letter(
        id=notice.id,
        created_at=notice.created_at,
        channel=notice.channel,
        to=notice.to or "",
        template=notice.template,
        text=_text(notice, context, public_url),
        is_tried_again=notice.attempts > 0,
    )


def _text(notice: Notice, context: dict[str, object], public_url: str) -> Text:
    if notice.template == INVITATION:
        context = {"url": f"{public_url}/invitations/{context['token']}", "days": 7}
    return write(notice.template, notice.channel, notice.language, context)


def _after_failure(
    session: Session, notice: Notice, hand_over: HandOver, error: CannotSend, now: datetime
) -> None:
    notice.attempts += 1
    notice.problem = error.why
    notice.first_tried_at = notice.first_tried_at or now
    if error.is_bounce:
        hand_over.note_bounce(session, notice, now)
    if error.for_good or now - notice.first_tried_at > GIVE_UP_AFTER:
        _end(session, notice, NoticeState.FAILED, now, problem=error.why)
        return
    notice.due_at = now + timedelta(seconds=min(300, 2**notice.attempts))


def _end(
    session: Session, notice: Notice, state: NoticeState, now: datetime, *, problem: str | None
) -> None:
    """The end of a notice: its key, address and contents are gone, its fate stays."""
    notice.state = state.value
    notice.ended_at = now
    notice.problem = problem
    notice.wrapped_key = None
    notice.to_sealed = None
    notice.context_sealed = None
    handed_over = state is NoticeState.HANDED_OVER
    audit.record(
        session,
        Action.NOTICE_DISCLOSED if handed_over else Action.NOTICE_CANCELLED,
        WORKER,
        force_id=notice.force_id,
        case_id=notice.case_id,
        subject_id=notice.id,
        template=notice.template,
        channel=notice.channel,
        problem=problem,
    )
