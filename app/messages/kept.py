"""Words that could not be taken, kept for their author and that case, for a short while."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app import clock
from app.database import add_sealed
from app.messages.models import KeptText

AFTER_AN_ERROR = timedelta(minutes=15)
WITHOUT_A_SESSION = timedelta(minutes=30)

_MOST_KEPT = 200_000
"""Code points: forty times the longest message. Beyond it only the beginning comes back."""


def keep(
    session: Session,
    author_id: UUID,
    case_id: UUID,
    *,
    text: str,
    problem: str | None,
    client_id: str,
    expires_at: datetime,
) -> None:
    """Keep the text in place of what was kept before for the same author and case."""
    kept = _row_for(session, author_id, case_id)
    kept.problem = problem
    kept.client_id = client_id
    kept.expires_at = expires_at
    kept.text = text.encode("utf-8", "replace").decode()[:_MOST_KEPT]
    session.flush()


def _row_for(session: Session, author_id: UUID, case_id: UUID) -> KeptText:
    """The one row for this author and case, locked, made where there is none."""
    wanted = (
        select(KeptText)
        .where(KeptText.author_id == author_id, KeptText.case_id == case_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    known = session.scalar(wanted)
    if known is not None:
        return known
    try:
        with session.begin_nested():
            return add_sealed(
                session,
                KeptText(
                    author_id=author_id, case_id=case_id, client_id="", expires_at=clock.now()
                ),
            )
    except IntegrityError:
        # A second press of the same button made it meanwhile.
        return session.scalars(wanted).one()


def kept_for(session: Session, author_id: UUID, case_id: UUID, now: datetime) -> KeptText | None:
    return session.scalar(
        select(KeptText).where(
            KeptText.author_id == author_id,
            KeptText.case_id == case_id,
            KeptText.expires_at > now,
        )
    )


def drop(session: Session, author_id: UUID, case_id: UUID) -> None:
    session.execute(
        delete(KeptText).where(KeptText.author_id == author_id, KeptText.case_id == case_id)
    )


def drop_expired(session: Session, now: datetime) -> None:
    """Housekeeping: what was kept too long is gone."""
    session.execute(delete(KeptText).where(KeptText.expires_at <= now))
