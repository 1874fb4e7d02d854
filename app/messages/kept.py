"""Words that could not be taken, kept for their author and that case, for a short while.

A message and what was typed into another form each have a place of their own: a complaint must
never come back where one writes to the officer.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4, uuid5

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app import clock
from app.accounts.viewers import VictimViewer, Viewer
from app.cases.models import Case
from app.cases.queries import CaseNotOpen
from app.database import add_sealed
from app.messages.models import KeptText
from app.messages.queries import conversation_to_answer, victims_own_conversation

AFTER_AN_ERROR = timedelta(minutes=15)
WITHOUT_A_SESSION = timedelta(minutes=30)

MESSAGE = "message"
"""The form whose words these are, unless another is named."""

_MOST_KEPT = 200_000
"""Code points: forty times the longest message. Beyond it only the beginning comes back."""
MOST_KEPT_FOR_ANYBODY = 20_000


def keep(
    session: Session,
    author_id: UUID,
    case_id: UUID,
    *,
    text: str,
    problem: str | None,
    client_id: str,
    expires_at: datetime,
    form: str = MESSAGE,
) -> None:
    """Keep the text in place of what was kept before for the same author, case and form."""
    kept = _row_for(session, _place_of(author_id, form), case_id)
    kept.problem = problem
    kept.client_id = client_id
    kept.expires_at = expires_at
    kept.text = text.encode("utf-8", "replace").decode()[:_MOST_KEPT]
    session.flush()


def keep_for_whoever_signs_in(
    session: Session, case_id: UUID, *, text: str, client_id: str, now: datetime
) -> UUID | None:
    """Keep words whose author nobody knows any more, since the session's cookie has gone.

    The id by which the same browser can claim them after signing in; None without such a case.
    """
    if session.get(Case, case_id) is None:
        return None
    claim = uuid4()
    keep(
        session,
        claim,
        case_id,
        text=text[:MOST_KEPT_FOR_ANYBODY],
        problem=None,
        client_id=client_id,
        expires_at=now + WITHOUT_A_SESSION,
    )
    return claim


def claim(
    session: Session, claim_id: UUID, viewer: Viewer, now: datetime, form: str = MESSAGE
) -> None:
    """Somebody signed in where words wait for their author: they get them if they could have
    written them, and nobody does otherwise."""
    waiting = session.scalar(select(KeptText).where(KeptText.author_id == claim_id))
    if waiting is None:
        return
    if waiting.expires_at <= now or not _may_write(session, viewer, waiting.case_id):
        session.delete(waiting)
        return
    drop(session, viewer.id, waiting.case_id, form)
    waiting.author_id = _place_of(viewer.id, form)


def _place_of(author_id: UUID, form: str) -> UUID:
    """The id under which this author's words of this form are kept; their own for a message."""
    return author_id if form == MESSAGE else uuid5(author_id, form)


def _may_write(session: Session, viewer: Viewer, case_id: UUID) -> bool:
    if isinstance(viewer, VictimViewer):
        return victims_own_conversation(session, viewer, case_id) is not None
    try:
        conversation_to_answer(session, viewer, case_id)
    except CaseNotOpen:
        return False
    return True


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


def kept_for(
    session: Session, author_id: UUID, case_id: UUID, now: datetime, form: str = MESSAGE
) -> KeptText | None:
    return session.scalar(
        select(KeptText).where(
            KeptText.author_id == _place_of(author_id, form),
            KeptText.case_id == case_id,
            KeptText.expires_at > now,
        )
    )


def drop(session: Session, author_id: UUID, case_id: UUID, form: str = MESSAGE) -> None:
    place = _place_of(author_id, form)
    session.execute(
        delete(KeptText).where(KeptText.author_id == place, KeptText.case_id == case_id)
    )


def drop_expired(session: Session, now: datetime) -> None:
    """Housekeeping: what was kept too long is gone."""
    session.execute(delete(KeptText).where(KeptText.expires_at <= now))
