"""Officers' passkeys."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.sign_in.models import OfficerPasskey


def passkeys_of(session: Session, officer_id: UUID) -> Sequence[OfficerPasskey]:
    """The officer's passkeys, in the order in which they were added."""
    return session.scalars(
        select(OfficerPasskey)
        .where(OfficerPasskey.officer_id == officer_id)
        .order_by(OfficerPasskey.added_at, OfficerPasskey.id)
    ).all()
