"""Finding people by what they are known by."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.accounts.models import Officer, Victim, VictimAddress
from app.database import keyring_of

VICTIM_ADDRESS = "victim-address"
OFFICER_EMAIL = "officer-email"
OFFICER_SUBJECT = "officer-subject"
PERSON = "person"


def officer_by_collar(session: Session, force_id: UUID, collar: str) -> Officer | None:
    return session.scalar(
        select(Officer).where(Officer.force_id == force_id, Officer.collar == collar)
    )


def officer_by_email(session: Session, email: str) -> Officer | None:
    """An officer who may sign in with this (normalised) address."""
    return session.scalar(
        select(Officer).where(
            Officer.email_index.in_(keyring_of(session).indexes(OFFICER_EMAIL, email))
        )
    )


def address_of_victim(session: Session, value: str) -> VictimAddress | None:
    """The sign-in address, and the open account that it belongs to."""
    return session.scalar(
        select(VictimAddress)
        .join(Victim)
        .where(
            VictimAddress.value_index.in_(keyring_of(session).indexes(VICTIM_ADDRESS, value)),
            Victim.closed_at.is_(None),
        )
        .options(joinedload(VictimAddress.victim))
    )
