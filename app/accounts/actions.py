"""Officers as the feed and the administrator say; victims as they join and leave."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app import clock
from app.accounts.addresses import normalise_email
from app.accounts.models import Officer, Victim, VictimAddress
from app.accounts.push import forget_push_of
from app.accounts.queries import OFFICER_EMAIL, VICTIM_ADDRESS, officer_by_collar
from app.accounts.viewers import Role
from app.database import add_sealed, keyring_of


def take_officer(
    session: Session, force_id: UUID, collar: str, name: str | None, email: str | None
) -> Officer:
    """The officer that the feed names: made when new, renamed when changed, and protected from
    victims' eyes while it gives no name. Sign-in, roles and whether the account is active are
    never the feed's to say."""
    officer = officer_by_collar(session, force_id, collar)
    if officer is None:
        officer = add_sealed(
            session, Officer(force_id=force_id, collar=collar, roles=[Role.OFFICER.value])
        )
    if name is not None and officer.name != name:
        officer.name = name
    if (officer.protected_at is None) != (name is not None):
        officer.protected_at = clock.now() if name is None else None
    work_email = normalise_email(email) if email is not None else None
    if work_email is not None and officer.work_email != work_email:
        officer.work_email = work_email
    return officer


class EmailInUse(Exception):
    """Another officer signs in with this address."""


def set_officer(
    session: Session,
    force_id: UUID,
    collar: str,
    *,
    name: str | None,
    email: str | None,
    roles: list[Role] | None,
    password_hash: str | None,
    authenticator: str | None,
) -> Officer:
    """Add or update an officer's account; what is None stays as it is.

    Raises:
        EmailInUse: the address belongs to another account.
    """
    officer = officer_by_collar(session, force_id, collar)
    if officer is None:
        officer = add_sealed(
            session, Officer(force_id=force_id, collar=collar, roles=[Role.OFFICER.value])
        )
    if name is not None:
        officer.name = name
    if email is not None:
        _set_officer_email(session, officer, email)
    if roles is not None:
        officer.roles = [role.value for role in roles]
    if password_hash is not None:
        officer.password_hash = password_hash
    if authenticator is not None:
        officer.authenticator = authenticator
        officer.authenticator_step = 0
    session.flush()
    return officer


def _set_officer_email(session: Session, officer: Officer, email: str) -> None:
    keyring = keyring_of(session)
    other = session.scalar(
        select(Officer.id).where(
            Officer.email_index.in_(keyring.indexes(OFFICER_EMAIL, email)),
            Officer.id != officer.id,
        )
    )
    if other is not None:
        raise EmailInUse(email)
    officer.email = email
    officer.email_index = keyring.index(OFFICER_EMAIL, email)


def add_victim_address(
    session: Session,
    victim: Victim,
    channel: str,
    value: str,
    *,
    added_at: datetime | None = None,
    added_on: UUID | None = None,
) -> None:
    """Let a victim sign in with this address (normalised, and nobody else's). `added_at` after
    joining, and `added_on` which of their devices."""
    address = add_sealed(
        session,
        VictimAddress(
            victim_id=victim.id,
            channel=channel,
            value_index=keyring_of(session).index(VICTIM_ADDRESS, value),
            added_at=added_at,
            added_on=added_on,
        ),
    )
    address.value = value


def close_victim(session: Session, victim: Victim, now: datetime) -> None:
    """End an account: its addresses are free again, its sessions end at their next request."""
    victim.closed_at = now
    session.execute(delete(VictimAddress).where(VictimAddress.victim_id == victim.id))
    forget_push_of(session, victim.id, why="closed")
