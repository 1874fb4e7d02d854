"""Reading the audit record and the accounts of the viewer's own force, and of no other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.accounts.models import Officer
from app.accounts.viewers import OfficerViewer
from app.audit.models import AuditRow

PAGE = 50
MOST_EXPORTED = 50_000
_BATCH = 1_000
_LONDON = ZoneInfo("Europe/London")

Place = tuple[datetime, UUID]


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which rows are wanted; what is None is not asked about. `day` is a day in London."""

    day: date | None = None
    action: str | None = None
    case_id: UUID | None = None


def audit_rows(
    session: Session, viewer: OfficerViewer, wanted: AuditFilter, *, before: int | None
) -> list[AuditRow]:
    """Rows of the viewer's force, newest first; PAGE + 1 at most."""
    return list(session.scalars(_rows(viewer, wanted, before).limit(PAGE + 1)))


def all_audit_rows(
    session: Session, viewer: OfficerViewer, wanted: AuditFilter
) -> Iterator[AuditRow]:
    """Every row, newest first, MOST_EXPORTED at most."""
    before: int | None = None
    for _batch in range(MOST_EXPORTED // _BATCH):
        rows = session.scalars(_rows(viewer, wanted, before).limit(_BATCH)).all()
        yield from rows
        if len(rows) < _BATCH:
            return
        before = rows[-1].id


def _rows(viewer: OfficerViewer, wanted: AuditFilter, before: int | None) -> Select[AuditRow]:
    rows = select(AuditRow).where(AuditRow.force_id == viewer.force_id)
    if wanted.day is not None:
        start, end = _of_day(wanted.day)
        rows = rows.where(AuditRow.at >= start, AuditRow.at < end)
    if wanted.action is not None:
        rows = rows.where(AuditRow.action == wanted.action)
    if wanted.case_id is not None:
        rows = rows.where(AuditRow.case_id == wanted.case_id)
    if before is not None:
        rows = rows.where(AuditRow.id < before)
    return rows.order_by(AuditRow.id.desc())


def _of_day(day: date) -> tuple[datetime, datetime]:
    return tuple(  # type: ignore[return-value]
        datetime.combine(each, time.min, tzinfo=_LONDON) for each in (day, day + timedelta(days=1))
    )


def counts_by_action(
    session: Session, viewer: OfficerViewer, first: date, days: int
) -> dict[str, int]:
    """How often each kind of thing happened in the viewer's force, in some days from `first`."""
    start, _ = _of_day(first)
    end, _ = _of_day(first + timedelta(days=days))
    rows = session.execute(
        select(AuditRow.action, func.count().label("times"))
        .where(AuditRow.force_id == viewer.force_id, AuditRow.at >= start, AuditRow.at < end)
        .group_by(AuditRow.action)
    )
    return {row.action: row.times for row in rows}


def officers_of_force(
    session: Session, viewer: OfficerViewer, *, after: str | None
) -> list[Officer]:
    """The accounts of the viewer's force by collar number; PAGE + 1 at most."""
    wanted = select(Officer).where(Officer.force_id == viewer.force_id)
    if after is not None:
        wanted = wanted.where(Officer.collar > after)
    return list(session.scalars(wanted.order_by(Officer.collar).limit(PAGE + 1)))
