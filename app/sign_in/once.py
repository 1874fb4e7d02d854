"""What may come back once only: a state sent to a provider, a challenge to a passkey."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.crypto import token_hash
from app.sign_in.models import UsedToken

KEPT_FOR = timedelta(days=1)
"""Longer than any of them counts for, so that none can come back after it was forgotten."""


def use_once(session: Session, token: str, now: datetime) -> bool:
    """Whether this random value came back for the first time; from now on it did."""
    session.execute(delete(UsedToken).where(UsedToken.used_at < now - KEPT_FOR))
    try:
        with session.begin_nested():
            session.add(UsedToken(token_hash=token_hash(token), used_at=now))
    except IntegrityError:
        return False
    return True
