"""The extra word at the door: asked for after the right code, on a device not seen before."""

from __future__ import annotations

import hmac
import unicodedata
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Victim
from app.accounts.words import count_wrong_word, word_of
from app.audit import actions as audit
from app.audit.vocabulary import ANONYMOUS, Action
from app.cases.models import Case, Enrolment, TaskKind
from app.cases.tasks import open_task
from app.crypto import token_hash
from app.database import Database
from app.sign_in.models import SignInCode

CODE_COUNTS_FOR = timedelta(minutes=10)
SHORTEST: Final = 6
LONGEST: Final = 100

_hasher = PasswordHasher()


class WordIsPoor(ValueError):
    """Too short, too long, or the first that anybody would guess. `why` is a code."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class WordOutcome(StrEnum):
    """What came of a typed word."""

    RIGHT = "right"
    WRONG = "wrong"
    SHUT = "shut"
    """Too many wrong words: an officer has to open this way in again."""
    START_AGAIN = "start-again"
    """The code was typed too long ago, or elsewhere."""


def normalise_word(typed: str) -> str:
    """As it is compared: capitals, blanks and ways to write a letter do not matter."""
    plain = unicodedata.normalize("NFKC", typed[: LONGEST * 4]).casefold()
    return " ".join(plain.split())


def hash_word(typed: str, victim: Victim) -> str:
    """argon2id of a word that the victim chose. Slow on purpose: call it outside transactions.

    Raises:
        WordIsPoor: another one has to be chosen.
    """
    word = normalise_word(typed)
    if not SHORTEST <= len(word) <= LONGEST:
        raise WordIsPoor("length")
    names = set(normalise_word(victim.name).split())
    if set(word.split()) <= names or len(set(word)) < 3:
        raise WordIsPoor("guessable")
    return _hasher.hash(word)


def check_word(
    database: Database, code_id: UUID | None, browser: str, typed: str, now: datetime
) -> tuple[WordOutcome, UUID | None]:
    """A typed word, after a code that was right in this browser; whose it is when it is right.

    Opens its own transactions, since hashing must not happen inside one. Of words that are tried
    at the same moment only as many count as there are tries left.
    """
    with database.reading() as session:
        victim_id = _who_gave_code(session, code_id, browser, now)
        word = word_of(session, victim_id) if victim_id else None
        stored = word.word_hash if word and word.shut_at is None else None
        is_shut = word is not None and word.shut_at is not None
    if victim_id is None or (stored is None and not is_shut):
        return WordOutcome.START_AGAIN, None
    is_right = stored is not None and _is_right(stored, normalise_word(typed))
    with database.writing() as session:
        word = word_of(session, victim_id, lock=True)
        if word is None or word.shut_at is not None:
            audit.record(
                session, Action.SIGN_IN_REFUSED, ANONYMOUS, subject_id=victim_id, by="extra-word"
            )
            return WordOutcome.SHUT, None
        if is_right and word.word_hash == stored:
            word.wrong_tries = 0
            return WordOutcome.RIGHT, victim_id
        if count_wrong_word(session, word, now):
            _tell_officers(session, victim_id, now)
            return WordOutcome.SHUT, None
    return WordOutcome.WRONG, None


def is_word_due(session: Session, code_id: UUID | None, browser: str, now: datetime) -> bool:
    """Whether this browser gave a right code lately and the word is what it has to give now."""
    return _who_gave_code(session, code_id, browser, now) is not None


def is_shut(session: Session, code_id: UUID | None, browser: str, now: datetime) -> bool:
    victim_id = _who_gave_code(session, code_id, browser, now)
    word = word_of(session, victim_id) if victim_id else None
    return word is not None and word.shut_at is not None


def _who_gave_code(
    session: Session, code_id: UUID | None, browser: str, now: datetime
) -> UUID | None:
    code = session.get(SignInCode, code_id) if code_id else None
    if code is None or not hmac.compare_digest(code.browser_hash, token_hash(browser)):
        return None
    if code.used_at is None or now - code.used_at > CODE_COUNTS_FOR:
        return None
    return code.victim_id


def _is_right(stored: str, word: str) -> bool:
    try:
        return _hasher.verify(stored, word)
    except (VerificationError, InvalidHashError):
        return False


def _tell_officers(session: Session, victim_id: UUID, now: datetime) -> None:
    cases = session.scalars(
        select(Case)
        .join(Enrolment, Enrolment.case_id == Case.id)
        .where(Enrolment.victim_id == victim_id, Enrolment.ended_at.is_(None))
        .order_by(Case.id)
    )
    for case in cases.all():
        open_task(session, case, TaskKind.EXTRA_WORD_SHUT, now, subject_id=victim_id)
