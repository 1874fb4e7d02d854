"""People who have not signed in for weeks."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager

from app.cases.models import Enrolment, TaskKind
from app.cases.not_reached import BATCH, BATCHES_AT_ONCE, is_worth_telling, tell_officers
from app.database import Database
from app.sign_in.models import SignInSession

NOT_SEEN_FOR = timedelta(days=28)


def note_absent_people(database: Database, now: datetime) -> int:
    """Tell officers of people who were not here for 28 days, once for each absence; at how many
    enrolments it was looked. Each is looked at when its person may have been away so long."""
    looked = 0
    for _ in range(BATCHES_AT_ONCE):
        with database.writing() as session:
            due = session.scalars(
                select(Enrolment)
                .join(Enrolment.case)
                .where(Enrolment.look_at <= now, Enrolment.ended_at.is_(None))
                .order_by(Enrolment.look_at)
                .limit(BATCH)
                .options(contains_eager(Enrolment.case))
                .with_for_update(of=Enrolment, skip_locked=True)
            ).all()
            seen = _last_seen(session, {each.victim_id for each in due})
            about = []
            for each in due:
                seen_at = max(seen.get(each.victim_id, each.joined_at), each.joined_at)
                is_absent = now - seen_at >= NOT_SEEN_FOR
                each.look_at = (now if is_absent else seen_at) + NOT_SEEN_FOR
                is_told = each.absent_told_at is not None and each.absent_told_at > seen_at
                if is_absent and not is_told and is_worth_telling(each.case):
                    each.absent_told_at = now
                    about.append((each.case, each.id))
            tell_officers(session, TaskKind.NOT_SEEN, about, now)
        looked += len(due)
        if len(due) < BATCH:
            break
    return looked


def _last_seen(session: Session, victims: Collection[UUID]) -> dict[UUID, datetime]:
    """When each was last seen; nobody whose sessions are all forgotten."""
    found = session.execute(
        select(SignInSession.victim_id, func.max(SignInSession.seen_at))
        .where(SignInSession.victim_id.in_(victims))
        .group_by(SignInSession.victim_id)
    )
    return {victim_id: seen_at for victim_id, seen_at in found if victim_id is not None}
