"""Sweeping out what the ways in have left behind and nobody needs any more."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select

from app.database import Database, Row
from app.sign_in.models import AddressChange, OfficerSignInTry, SignInCode, SignInSession

TRIES_ARE_KEPT = timedelta(days=7)
"""Codes, changes of address and wrong tries: limits look back a day at most."""
SESSIONS_ARE_KEPT = timedelta(days=90)
"""After their end: another device is told of a sign-in that it has not seen yet."""
BATCH = 500
_BATCHES_AT_ONCE = 20


def sweep_out(database: Database, now: datetime) -> int:
    """Delete what is too old, in short transactions; the number of rows."""
    tries, sessions = now - TRIES_ARE_KEPT, now - SESSIONS_ARE_KEPT
    # Changes of address go first, and long before the sessions that they point at.
    return (
        _delete(database, AddressChange, AddressChange.expires_at < tries)
        + _delete(database, SignInCode, SignInCode.expires_at < tries)
        + _delete(database, OfficerSignInTry, OfficerSignInTry.tried_at < tries)
        + _delete(database, SignInSession, SignInSession.ends_at < sessions)
    )


def _delete(database: Database, model: type[Row], *which: ColumnElement[bool]) -> int:
    gone = 0
    for _ in range(_BATCHES_AT_ONCE):
        with database.writing() as session:
            wanted = select(model.id).where(*which).limit(BATCH).with_for_update(skip_locked=True)
            ids = session.scalars(wanted).all()
            session.execute(delete(model).where(model.id.in_(ids)))
        gone += len(ids)
        if len(ids) < BATCH:
            break
    return gone
