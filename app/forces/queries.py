"""Reading forces and their feeds."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.forces.models import Feed, Force


def all_forces(session: Session) -> Sequence[Force]:
    return session.scalars(select(Force).order_by(Force.slug)).all()


def force_named(session: Session, slug: str) -> Force | None:
    return session.scalar(select(Force).where(Force.slug == slug))


def feed_of_record(session: Session, force: Force) -> Feed | None:
    """The feed of the case system that is the force's record now."""
    return feed_of(session, force.id, force.settings.case_system.profile)


def feed_of(
    session: Session, force_id: UUID, system: str, *, for_update: bool = False
) -> Feed | None:
    wanted = select(Feed).where(Feed.force_id == force_id, Feed.system == system)
    if for_update:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    return session.scalar(wanted)
