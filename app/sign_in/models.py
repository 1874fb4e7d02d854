"""Sessions on the server, the codes that start them, and the devices that are known."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.database import KEYED, Row, SealedRow, sealed


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
    device_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("known_devices.id"))
    browser: Mapped[str | None]
    """Its kind in words ("Chrome on Android") and nothing more of what it said of itself."""
    is_new_device: Mapped[bool] = mapped_column(default=False)
    """Begun where this victim had not signed in before: their other devices, and those to come,
    tell of it. No of the very first."""


class KnownDevice(Row):
    """A browser in which a victim has signed in. Its long-lived cookie holds a random token, this
    its hash; people who share a browser have a row each."""

    __tablename__ = "known_devices"
    __table_args__ = (UniqueConstraint("victim_id", "token_hash"),)

    victim_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("victims.id"))
    token_hash: Mapped[bytes]
    made_at: Mapped[datetime]
    told_up_to: Mapped[datetime]
    """New sign-ins elsewhere that began before this were seen here, or before this device."""
    forgotten_at: Mapped[datetime | None]


class SignInCode(Row):
    """A code that somebody asked for. Known and unknown addresses leave the same row."""

    __tablename__ = "sign_in_codes"
    __table_args__ = (
        Index("ix_sign_in_codes_address", "address_index", "asked_at"),
        Index("ix_sign_in_codes_expires_at", "expires_at"),
    )

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
    is_withheld: Mapped[bool] = mapped_column(default=False)
    """Nothing was sent, and nothing fits it: too many before it went unanswered."""
    is_own_device: Mapped[bool] = mapped_column(default=False)
    """Asked for in a browser that this victim is known by: counted apart from strangers'."""


class AddressChange(SealedRow):
    """A victim's wish to be reached elsewhere: done once both addresses sent their code back."""

    __tablename__ = "address_changes"
    __table_args__ = (
        Index("ix_address_changes_victim", "victim_id", "asked_at"),
        Index("ix_address_changes_session", "session_id"),
        Index("ix_address_changes_expires_at", "expires_at"),
    )

    victim_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("victims.id"))
    session_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sign_in_sessions.id"))
    """Good only in the session that asked."""
    channel: Mapped[str]
    value_sealed: Mapped[bytes | None]
    value = sealed()
    """The new address, normalised."""
    old_code_hash: Mapped[bytes] = mapped_column(info=KEYED)
    new_code_hash: Mapped[bytes] = mapped_column(info=KEYED)
    """Empty where the new address may not be used: then nothing was sent, and nothing fits."""
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]


class OfficerSignInTry(Row):
    """A wrong password or code, counted per account so that guessing stops."""

    __tablename__ = "officer_sign_in_tries"
    __table_args__ = (
        Index("ix_officer_sign_in_tries_email", "email_index", "tried_at"),
        Index("ix_officer_sign_in_tries_tried_at", "tried_at"),
    )

    email_index: Mapped[bytes]
    tried_at: Mapped[datetime]


class OfficerRecoveryCode(Row):
    """One of the codes that work once each in place of an authenticator's."""

    __tablename__ = "officer_recovery_codes"
    __table_args__ = (Index("ix_officer_recovery_codes_officer", "officer_id"),)

    officer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("officers.id"))
    code_hash: Mapped[bytes]
    """HMAC under the officer's data key, which outlives a change of the encryption keys."""
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class OfficerPasskey(SealedRow):
    """A passkey of an officer's: the public half, and how often it was used."""

    __tablename__ = "officer_passkeys"
    __table_args__ = (Index("ix_officer_passkeys_officer", "officer_id"),)

    officer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("officers.id"))
    credential_id: Mapped[bytes] = mapped_column(unique=True)
    public_key: Mapped[bytes]
    sign_count: Mapped[int] = mapped_column(BigInteger)
    name_sealed: Mapped[bytes | None]
    name = sealed()
    """What the officer calls it."""
    added_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class UsedToken(Row):
    """A state or challenge that came back, so that it never counts again."""

    __tablename__ = "used_tokens"
    __table_args__ = (Index("ix_used_tokens_used_at", "used_at"),)

    token_hash: Mapped[bytes] = mapped_column(unique=True)
    used_at: Mapped[datetime]
