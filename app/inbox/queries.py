"""The lists of an officer's inbox."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, exists, false, select
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from app.accounts.viewers import OfficerViewer
from app.cases.access import sees_whole_force
from app.cases.models import Case, Enrolment, Invitation
from app.messages.models import Conversation
from app.messages.queries import PAGE


def inbox_waiting(
    session: Session, viewer: OfficerViewer, *, after: tuple[datetime, UUID] | None
) -> list[Conversation]:
    """This officer's conversations in which the victim waits, longest first; PAGE + 1 at most."""
    wanted = _with_cases().where(
        Conversation.officer_id == viewer.id,
        Conversation.force_id == viewer.force_id,
        Conversation.waiting_since.is_not(None),
    )
    if after is not None:
        since, last = after
        wanted = wanted.where(
            (Conversation.waiting_since > since)
            | ((Conversation.waiting_since == since) & (Conversation.id > last))
        )
    return list(
        session.scalars(
            wanted.order_by(Conversation.waiting_since, Conversation.id).limit(PAGE + 1)
        )
    )


def inbox_others(
    session: Session, viewer: OfficerViewer, *, after: tuple[datetime, UUID] | None
) -> list[Conversation]:
    """The officer's other conversations, newest first; PAGE + 1 at most."""
    order = Conversation.last_activity_at
    wanted = _with_cases().where(
        Conversation.officer_id == viewer.id,
        Conversation.force_id == viewer.force_id,
        Conversation.waiting_since.is_(None),
    )
    if after is not None:
        since, last = after
        wanted = wanted.where((order < since) | ((order == since) & (Conversation.id < last)))
    return list(
        session.scalars(wanted.order_by(order.desc(), Conversation.id.desc()).limit(PAGE + 1))
    )


def force_waiting(
    session: Session, viewer: OfficerViewer, *, after: tuple[datetime, UUID] | None
) -> list[Conversation]:
    """Conversations of the viewer's force in which a victim waits, longest first; PAGE + 1 at
    most. For those who see the whole force."""
    return _of_force(session, viewer, Conversation.waiting_since, after)


def force_to_read(
    session: Session, viewer: OfficerViewer, *, after: tuple[datetime, UUID] | None
) -> list[Conversation]:
    """Conversations of the viewer's force with words for the contact bureau to read."""
    return _of_force(session, viewer, Conversation.to_read_since, after)


def _of_force(
    session: Session,
    viewer: OfficerViewer,
    since: InstrumentedAttribute[datetime | None],
    after: tuple[datetime, UUID] | None,
) -> list[Conversation]:
    wanted = _with_cases().where(Conversation.force_id == viewer.force_id, since.is_not(None))
    if not sees_whole_force(viewer):
        wanted = wanted.where(false())
    if after is not None:
        at, last = after
        wanted = wanted.where((since > at) | ((since == at) & (Conversation.id > last)))
    wanted = wanted.options(joinedload(Conversation.case).joinedload(Case.officer))
    return list(session.scalars(wanted.order_by(since, Conversation.id).limit(PAGE + 1)))


def _with_cases() -> Select[Conversation]:
    """Conversations of those who have joined, with their cases.

    One whose victim left, or turned out to be somebody else, has nobody to answer to: its words are
    on the case record, and it must not stand here under the name of whoever came after.
    """
    has_joined = exists().where(
        Enrolment.case_id == Conversation.case_id,
        Enrolment.victim_id == Conversation.victim_id,
        Enrolment.ended_at.is_(None),
    )
    return select(Conversation).where(has_joined).options(joinedload(Conversation.case))


def newest_invitations(session: Session, cases: Iterable[Case]) -> dict[UUID, Invitation]:
    """The newest invitation of each of these cases that has one, by the case's id."""
    made = session.scalars(
        select(Invitation)
        .where(Invitation.case_id.in_([case.id for case in cases]))
        .order_by(Invitation.made_at)
    )
    return {invitation.case_id: invitation for invitation in made}


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
