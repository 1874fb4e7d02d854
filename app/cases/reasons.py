"""Reasons that people of the force give before they look at, or decide about, another's case."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.viewers import OfficerViewer
from app.audit import actions as audit
from app.audit.vocabulary import Action
from app.cases.access import way_into
from app.cases.models import Case, GivenReason, ReasonFor
from app.cases.queries import ties_of
from app.database import add_sealed

OPENING_LASTS: Final = timedelta(minutes=60)


def keep_reason(
    session: Session,
    case: Case,
    viewer: OfficerViewer,
    given_for: ReasonFor,
    words: str,
    now: datetime,
    *,
    lasts_until: datetime | None = None,
) -> UUID:
    """Seal a reason; its id, by which an audit row names it."""
    reason = add_sealed(
        session,
        GivenReason(
            case_id=case.id,
            force_id=case.force_id,
            officer_id=viewer.id,
            given_for=given_for.value,
            given_at=now,
            lasts_until=lasts_until,
        ),
    )
    reason.words = words
    session.flush()
    return reason.id


def open_with_reason(
    session: Session, case: Case, viewer: OfficerViewer, words: str, now: datetime
) -> None:
    """Open a case to this person for a while; afterwards they are asked again."""
    reason_id = keep_reason(
        session, case, viewer, ReasonFor.OPENING, words, now, lasts_until=now + OPENING_LASTS
    )
    way = way_into(viewer, ties_of(case))
    audit.record(
        session,
        Action.CASE_OPENED_WITH_REASON,
        viewer.actor,
        force_id=case.force_id,
        case_id=case.id,
        subject_id=reason_id,
        way=way.value if way else None,
        minutes=OPENING_LASTS // timedelta(minutes=1),
    )
