"""What people say of the service itself."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from app.database import SealedRow, sealed


class Feedback(SealedRow):
    """One person's word on the service: no account, no case, no address and no hour with it.

    Sealed all the same, since people may write what they were asked not to.
    """

    __tablename__ = "feedback"
    __table_args__ = (Index("ix_feedback_given", "given_on", "id"),)

    given_on: Mapped[date]
    rating: Mapped[int | None] = mapped_column()
    """From 1, very bad, to 5, very good; None: not said."""
    words_sealed: Mapped[bytes | None]
    words = sealed()
