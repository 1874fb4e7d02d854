"""Reading a force's change feed: page by page, each page and its cursor in one transaction.

A crash repeats at most one page, and repeating a report changes nothing. The feed's age counts
from the start of the last read that reached the end.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import structlog
from sqlalchemy import or_, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app import clock
from app.cases.facts import CaseIsNonsense
from app.cases.intake import Report, take_report
from app.cases.rules import KNOWN_STATUSES
from app.database import Database
from app.forces.models import Feed, Force
from app.messages.actions import follow_case
from app.sync.port import (
    CALL_SECONDS,
    LONGEST_RETRY_AFTER,
    Case,
    CaseSystem,
    CaseSystemFailed,
    ChangesPage,
)
from app.sync.risk_fields import count_risk_fields

log = structlog.get_logger(__name__)

PAGE = 50
TURN_SECONDS = CALL_SECONDS
"""A feed with more than can be read in this time (a first read, or one without end) is gone on with
after those that are due: news of danger in them must not wait for it."""
LEASE = timedelta(seconds=60)


def due_feeds(session: Session, now: datetime, *, ignore_interval: bool) -> list[tuple[UUID, UUID]]:
    """Ids of the feeds to read now, with their forces' ids."""
    free = or_(Feed.leased_until.is_(None), Feed.leased_until <= now)
    # A feed that is no longer the force's record would be read with another's adapter.
    of_record = Feed.system == Force.record_system
    wanted = select(Feed.id, Feed.force_id).join(Feed.force).where(free, of_record)
    wanted = wanted.order_by(Feed.due_at)
    if not ignore_interval:
        wanted = wanted.where(or_(Feed.due_at.is_(None), Feed.due_at <= now))
    return [(feed_id, force_id) for feed_id, force_id in session.execute(wanted)]


def unfinished_feeds(session: Session) -> list[tuple[UUID, UUID]]:
    """Ids of the feeds that were given back before their end, with their forces' ids."""
    wanted = select(Feed.id, Feed.force_id).join(Feed.force)
    wanted = wanted.where(
        Feed.reading_since.is_not(None),
        Feed.lease_token.is_(None),
        Feed.system == Force.record_system,
    )
    return [(feed_id, force_id) for feed_id, force_id in session.execute(wanted)]


def is_any_leased(session: Session, now: datetime) -> bool:
    """Whether some worker is reading a feed, or died while it did and its lease has not run out."""
    leased = select(Feed.id).join(Feed.force)
    leased = leased.where(Feed.leased_until > now, Feed.system == Force.record_system)
    return session.scalar(leased.limit(1)) is not None


def read_on(
    database: Database,
    feed_id: UUID,
    system: CaseSystem,
    *,
    ignore_interval: bool,
    should_stop: Callable[[], bool] = lambda: False,
) -> bool:
    """Read one feed on, to its end or as long as its turn lasts; False where it failed, or another
    worker reads it or just has, or this one was asked to stop between two pages."""
    token = _claim(database, feed_id, ignore_interval=ignore_interval)
    if token is None:
        return False
    began = clock.boot_seconds()
    try:
        while _read_page(database, feed_id, token, system):
            is_stopped = should_stop()
            if is_stopped or clock.boot_seconds() - began > TURN_SECONDS:
                _give_back(database, feed_id, token)
                return not is_stopped
    except CaseSystemFailed as error:
        problem = f"{error.status or 'no answer'}: {error.why}"
        _note_failure(database, feed_id, token, problem, error.retry_after)
        return False
    except Exception as error:
        # A deadlock, or a defect of ours: the next try need not wait until the lease runs out.
        with suppress(DBAPIError):
            _note_failure(database, feed_id, token, type(error).__name__)
        raise
    return True


def _claim(database: Database, feed_id: UUID, *, ignore_interval: bool) -> UUID | None:
    now = clock.now()
    with database.writing() as session:
        feed = session.scalar(select(Feed).where(Feed.id == feed_id).with_for_update())
        if feed is None or (feed.leased_until is not None and feed.leased_until > now):
            return None
        if not ignore_interval and feed.due_at is not None and feed.due_at > now:
            return None
        feed.lease_token = uuid4()
        feed.leased_until = now + LEASE
        # Kept over a crash in the middle: what changed since is only known to be read then.
        feed.reading_since = feed.reading_since or now
        return feed.lease_token


def _read_page(database: Database, feed_id: UUID, token: UUID, system: CaseSystem) -> bool:
    """Fetch and apply one page; True while there is more."""
    with database.reading() as session:
        cursor = session.scalars(select(Feed.cursor).where(Feed.id == feed_id)).one()
    page = system.changes(cursor, PAGE)
    with database.writing() as session:
        feed = _held(session, feed_id, token)
        if feed is None or feed.cursor != cursor:
            return False
        _apply(session, feed, page)
        _go_on(feed, page, clock.now())
    return page.more


def _held(session: Session, feed_id: UUID, token: UUID) -> Feed | None:
    """The feed, locked, if it is still ours to read: also not where the force has moved on."""
    feed = session.scalar(select(Feed).where(Feed.id == feed_id).with_for_update())
    if feed is None or feed.lease_token != token or feed.system != feed.force.record_system:
        return None
    return feed


def _apply(session: Session, feed: Feed, page: ChangesPage) -> None:
    new: list[Case] = []
    for said in page.cases:
        report = take_in(session, feed.force, feed.system, said, may_invite=feed.invites)
        if report is not None and report.is_new:
            new.append(said)
    count_risk_fields(session, feed.force, feed.system, new)


def take_in(
    session: Session,
    force: Force,
    system: str,
    said: Case,
    *,
    may_invite: bool,
    only_if_newest: bool = False,
) -> Report | None:
    """Apply what the case system said of one case, conversations included; None: it is nonsense,
    and operators are told."""
    try:
        report = take_report(
            session,
            force,
            system,
            said,
            may_invite=may_invite,
            now=clock.now(),
            only_if_newest=only_if_newest,
        )
    except CaseIsNonsense:
        log.warning("case without a usable reference", force=force.slug)
        return None
    if report.problems:
        log.warning("unreadable keys", force=force.slug, keys=list(report.problems))
    if said.get("status") not in KNOWN_STATUSES:
        log.warning("unknown status", force=force.slug, case_id=str(report.case.id))
    for case_id in report.touched:
        follow_case(session, case_id)
    return report


def _go_on(feed: Feed, page: ChangesPage, now: datetime) -> None:
    feed.cursor = page.next
    feed.problem = None
    if page.more:
        feed.leased_until = now + LEASE
        return
    feed.fresh_at = feed.reading_since
    feed.reading_since = None
    feed.invites = True
    feed.lease_token = None
    feed.leased_until = None
    feed.due_at = now + timedelta(seconds=feed.force.settings.case_system.poll_seconds)


def _give_back(database: Database, feed_id: UUID, token: UUID) -> None:
    """Let whoever comes go on from the cursor at once, after the feeds that are due already."""
    with database.writing() as session:
        feed = _held(session, feed_id, token)
        if feed is not None:
            feed.lease_token = None
            feed.leased_until = None
            feed.due_at = clock.now()


def _note_failure(
    database: Database,
    feed_id: UUID,
    token: UUID,
    problem: str,
    retry_after: float | None = None,
) -> None:
    now = clock.now()
    with database.writing() as session:
        feed = _held(session, feed_id, token)
        if feed is None:
            return
        feed.problem = problem[:200]
        # The next try is a read of its own: whatever changed before it is told behind the cursor.
        feed.reading_since = None
        feed.lease_token = None
        feed.leased_until = None
        wait = min(60, feed.force.settings.case_system.poll_seconds)
        asked = min(retry_after or 0, LONGEST_RETRY_AFTER)
        feed.due_at = now + timedelta(seconds=max(wait, asked))
        log.warning("feed failed", force=feed.force.slug, problem=feed.problem)
