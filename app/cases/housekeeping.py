"""What is forgotten of cases' invitations once nobody can need it."""

from __future__ import annotations

import os
from datetime import datetime, timedelta

from sqlalchemy import select, text

from app.cases.models import HAS_HASHES, Invitation
from app.database import Database

HASHES_ARE_KEPT = timedelta(days=30)
"""After an invitation has run out."""
BATCH = 500
_BATCHES_AT_ONCE = 20
_HASH_BYTES = 32


def forget_old_invitations(database: Database, now: datetime) -> int:
    """Forget the token's and the address's hash of invitations that ran out long ago; that they
    were made, and what became of them, stays. The number of them."""
    forgotten = 0
    for _ in range(_BATCHES_AT_ONCE):
        with database.writing() as session:
            old = session.scalars(
                select(Invitation)
                .where(Invitation.expires_at < now - HASHES_ARE_KEPT, text(HAS_HASHES))
                .limit(BATCH)
                .with_for_update(skip_locked=True)
            ).all()
            for invitation in old:
                # No token has this hash.
                invitation.token_hash = os.urandom(_HASH_BYTES)
                invitation.address_index = b""
        forgotten += len(old)
        if len(old) < BATCH:
            break
    return forgotten
