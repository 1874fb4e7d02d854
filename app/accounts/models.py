"""People: victims with their sign-in addresses, and officers with their roles."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Final

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import SealedRow, sealed

PUSH: Final = "push"
"""The channel of `PushSubscription`."""


class Victim(SealedRow):
    """A victim who has joined: the account behind one or more cases."""

    __tablename__ = "victims"

    given_name_sealed: Mapped[bytes | None]
    family_name_sealed: Mapped[bytes | None]
    given_name = sealed()
    family_name = sealed()
    person_index: Mapped[bytes]
    """Name and birth date as one keyed hash: a further case must be the same person's."""
    language: Mapped[str] = mapped_column(default="en")
    """As the case had it when the victim joined."""
    chosen_language: Mapped[str | None]
    """As the victim said, by a choice or by signing in in it; goes first."""
    joined_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    notice_channel: Mapped[str | None]
    """`email`, `sms` or `push` once chosen; None: do not tell me."""
    notices_confirmed_at: Mapped[datetime | None]
    """When the victim said that only they see the channel. Asked again after 90 days."""
    quiet_from: Mapped[int | None]
    quiet_to: Mapped[int | None]
    """Minutes after midnight, Europe/London, between which no notice of news leaves."""
    notices_paused_at: Mapped[datetime | None]
    notices_paused_until: Mapped[datetime | None]
    """The end of a pause; None in one that lasts until the victim ends it."""

    addresses: Mapped[list[VictimAddress]] = relationship(back_populates="victim")

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.given_name, self.family_name) if part)

    @property
    def speaks(self) -> str:
        """The language of their pages after sign-in, and of what they are sent."""
        return self.chosen_language or self.language


class VictimAddress(SealedRow):
    """An address by which a victim signs in. The feed never changes it; the victim may, or an
    officer for them."""

    __tablename__ = "victim_addresses"

    victim_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("victims.id"), index=True)
    channel: Mapped[str]
    value_index: Mapped[bytes] = mapped_column(unique=True)
    value_sealed: Mapped[bytes | None]
    value = sealed()
    bounced_at: Mapped[datetime | None]
    """A notice to it was refused for good: no news goes there until the victim chooses again."""
    added_at: Mapped[datetime | None]
    """None: at joining. Devices tell of one that was added later."""
    added_on: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("known_devices.id"))
    """The victim's device on which it was; that one need not be told."""

    victim: Mapped[Victim] = relationship(back_populates="addresses")


class PushSubscription(SealedRow):
    """The one device on which a victim is told of news. Its browser's push service is asked to
    wake it, with nothing in the call; so of the browser's keys nothing is kept."""

    __tablename__ = "push_subscriptions"

    victim_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("victims.id"), unique=True)
    device_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("known_devices.id"), index=True)
    """Signed out, it is told nothing more."""
    endpoint_index: Mapped[bytes] = mapped_column(unique=True)
    endpoint_sealed: Mapped[bytes | None]
    endpoint = sealed()
    """An address at the push service. Whoever has it can wake the device."""
    made_at: Mapped[datetime]

    channel = PUSH

    @property
    def value(self) -> str | None:
        """Where a notice goes, by the name that it has of an address."""
        return self.endpoint


class ExtraWord(SealedRow):
    """What a victim chose to be asked for, besides the code, on a device not seen before. The row
    is there once the victim answered our offer; without `word_hash` nothing is asked."""

    __tablename__ = "extra_words"

    victim_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("victims.id"), unique=True)
    word_hash_sealed: Mapped[bytes | None]
    word_hash = sealed()
    """argon2id."""
    wrong_tries: Mapped[int] = mapped_column(default=0)
    shut_at: Mapped[datetime | None]
    """After too many wrong words: an officer opens it again after a call."""
    offer_closed_at: Mapped[datetime | None]


class Officer(SealedRow):
    """An officer or member of staff of one force. The feed creates and renames; it never
    touches the sign-in (`email`, password, authenticator), which an administrator sets."""

    __tablename__ = "officers"
    __table_args__ = (
        UniqueConstraint("force_id", "collar"),
        Index("ix_officers_email_index", "email_index", unique=True),
        Index("ix_officers_subject_index", "subject_index", unique=True),
    )

    force_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("forces.id"))
    collar: Mapped[str]
    name_sealed: Mapped[bytes | None]
    name = sealed()
    work_email_sealed: Mapped[bytes | None]
    work_email = sealed()
    """As the feed has it: where notices go when there is no sign-in e-mail."""
    email_sealed: Mapped[bytes | None]
    email = sealed()
    email_index: Mapped[bytes | None]
    password_hash: Mapped[str | None]
    authenticator_sealed: Mapped[bytes | None]
    authenticator = sealed()
    """The TOTP secret, base32."""
    authenticator_step: Mapped[int] = mapped_column(default=0)
    """The time step of the last code used: a code works once."""
    new_authenticator_sealed: Mapped[bytes | None]
    new_authenticator = sealed()
    """A secret that was shown and takes the old one's place once a code of it was typed."""
    new_authenticator_at: Mapped[datetime | None]
    subject_sealed: Mapped[bytes | None]
    subject = sealed()
    """Who this is at the force's OpenID Connect provider: issuer, line end, subject."""
    subject_index: Mapped[bytes | None]
    roles: Mapped[list[str]] = mapped_column(JSON)
    is_active: Mapped[bool] = mapped_column(default=True)
    protected_at: Mapped[datetime | None]
    """Since when the case system does not name them: victims are shown neither name nor number.
    Colleagues still see the name that it, or an administrator, once gave."""
    last_signed_in_at: Mapped[datetime | None]

    @property
    def label(self) -> str:
        """As colleagues see them."""
        return f"{self.name} {self.collar}" if self.name else self.collar

    @property
    def shown_name(self) -> str | None:
        """As victims see them; None: as "Officer in your case", without the collar number."""
        return None if self.protected_at is not None else self.name

    @property
    def shown_label(self) -> str | None:
        """`shown_name` with the collar number."""
        return f"{self.shown_name} {self.collar}" if self.shown_name else None
