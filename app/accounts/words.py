"""The extra word of a victim: kept, taken away, and shut after too many wrong ones.

Words are hashed and compared in `app.sign_in.words`, outside transactions, since that is slow.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.models import ExtraWord
from app.audit import actions as audit
from app.audit.vocabulary import ANONYMOUS, Action, Actor
from app.database import add_sealed

WRONG_WORDS: Final = 5
"""Then only an officer opens that way in again."""


def word_of(session: Session, victim_id: UUID, *, lock: bool = False) -> ExtraWord | None:
    wanted = select(ExtraWord).where(ExtraWord.victim_id == victim_id)
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    return session.scalar(wanted)


def has_word(session: Session, victim_id: UUID) -> bool:
    found = word_of(session, victim_id)
    return found is not None and found.word_hash_sealed is not None


def is_word_offered(session: Session, victim_id: UUID) -> bool:
    """Whether to offer it on the case page: once, until the person says yes or no."""
    return word_of(session, victim_id) is None


def set_word(session: Session, victim_id: UUID, word_hash: str, now: datetime) -> None:
    found = _row_for(session, victim_id)
    found.word_hash = word_hash
    found.wrong_tries = 0
    found.shut_at = None
    found.offer_closed_at = now
    audit.record(session, Action.WORD_SET, Actor("victim", victim_id), subject_id=victim_id)


def remove_word(session: Session, victim_id: UUID) -> None:
    """The person wants none any more."""
    if _forget(word_of(session, victim_id, lock=True)):
        audit.record(session, Action.WORD_REMOVED, Actor("victim", victim_id), subject_id=victim_id)


def close_offer(session: Session, victim_id: UUID, now: datetime) -> None:
    """ "Not now": it is not offered on the case page again, and stays in the settings."""
    found = _row_for(session, victim_id)
    found.offer_closed_at = found.offer_closed_at or now


def count_wrong_word(session: Session, word: ExtraWord, now: datetime) -> bool:
    """Count one (the row is locked); True when it was the last one allowed."""
    word.wrong_tries += 1
    audit.record(
        session, Action.SIGN_IN_FAILED, ANONYMOUS, subject_id=word.victim_id, by="extra-word"
    )
    if word.wrong_tries < WRONG_WORDS:
        return False
    word.shut_at = now
    audit.record(session, Action.WORD_SHUT, ANONYMOUS, subject_id=word.victim_id)
    return True


def reset_word(session: Session, victim_id: UUID) -> bool:
    """No word is asked for until the person chooses a new one. Whether there was anything."""
    found = word_of(session, victim_id, lock=True)
    was_shut = found is not None and found.shut_at is not None
    return _forget(found) or was_shut


def _forget(word: ExtraWord | None) -> bool:
    if word is None:
        return False
    had_word = word.word_hash_sealed is not None
    word.word_hash = None
    word.wrong_tries = 0
    word.shut_at = None
    return had_word


def _row_for(session: Session, victim_id: UUID) -> ExtraWord:
    found = word_of(session, victim_id, lock=True)
    if found is not None:
        return found
    try:
        with session.begin_nested():
            return add_sealed(session, ExtraWord(victim_id=victim_id))
    except IntegrityError:
        # A second press of the same button made it meanwhile.
        found = word_of(session, victim_id, lock=True)
        assert found is not None
        return found
