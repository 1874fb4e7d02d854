"""The lists of an officer's inbox."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.accounts.viewers import OfficerViewer
from app.cases.models import Case
from app.messages.queries import PAGE


def cases_to_invite(session: Session, viewer: OfficerViewer, *, after: UUID | None) -> list[Case]:
    """Eligible cases of this officer that nobody has joined; PAGE + 1 at most."""
    wanted = (
        select(Case)
        .where(
            Case.officer_id == viewer.id,
            Case.force_id == viewer.force_id,
            Case.invitation_state != "joined",
            Case.reason.is_(None),
        )
        .options(joinedload(Case.force))
        .order_by(Case.id)
        .limit(PAGE + 1)
    )
    if after is not None:
        wanted = wanted.where(Case.id > after)
    return list(session.scalars(wanted))
