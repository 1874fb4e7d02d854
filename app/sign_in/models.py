"""Sessions on the server, and the codes that start them."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.database import KEYED, Row


class SignInSession(Row):
    """One signed-in browser of a victim or an officer. The cookie holds the token, this its
    hash; ending the row ends the session at the next request, wherever the cookie is."""

    __tablename__ = "sign_in_sessions"
    __table_args__ = (
        Index("ix_sign_in_sessions_victim", "victim_id"),
        Index("ix_sign_in_sessions_officer", "officer_id"),
        Index("ix_sign_in_sessions_ends_at", "ends_at"),
    )

    token_hash: Mapped[bytes] = mapped_column(unique=True)
    victim_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("victims.id"))
    officer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("officers.id"))
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    """The absolute limit."""
    ended_at: Mapped[datetime | None]


class SignInCode(Row):
    """A code that somebody asked for. Known and unknown addresses leave the same row."""

    __tablename__ = "sign_in_codes"
    __table_args__ = (Index("ix_sign_in_codes_address", "address_index", "asked_at"),)

    address_index: Mapped[bytes]
    victim_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("victims.id"))
    browser_hash: Mapped[bytes]
    """Hash of the random value in the asking browser's cookie: good only there."""
    code_hash: Mapped[bytes] = mapped_column(info=KEYED)
    """HMAC of the code under the encryption keys, bound to this row."""
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]


class OfficerSignInTry(Row):
    """A wrong password or code, counted per account so that guessing stops."""

    __tablename__ = "officer_sign_in_tries"
    __table_args__ = (Index("ix_officer_sign_in_tries_email", "email_index", "tried_at"),)

    email_index: Mapped[bytes]
    tried_at: Mapped[datetime]
