"""Recovery codes: ten, each good once in place of an authenticator's code."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.accounts.models import Officer
from app.audit import actions as audit
from app.audit.vocabulary import Action, Actor
from app.sign_in.models import OfficerRecoveryCode

HOW_MANY = 10
DIGITS = 12
"""Twice an authenticator's, so that one field can tell them apart."""


def make_codes(session: Session, officer: Officer, now: datetime) -> list[str]:
    """New codes in place of all older ones; this is the only time that they can be read."""
    session.execute(delete(OfficerRecoveryCode).where(OfficerRecoveryCode.officer_id == officer.id))
    codes = [f"{secrets.randbelow(10**DIGITS):0{DIGITS}}" for _number in range(HOW_MANY)]
    session.add_all(
        OfficerRecoveryCode(officer_id=officer.id, code_hash=_hashed(officer, code), made_at=now)
        for code in codes
    )
    audit.record(
        session,
        Action.RECOVERY_CODES_MADE,
        Actor("officer", officer.id),
        force_id=officer.force_id,
        subject_id=officer.id,
    )
    return [" ".join(code[at : at + 4] for at in range(0, DIGITS, 4)) for code in codes]


def use_code(session: Session, officer: Officer, digits: str, now: datetime) -> bool:
    """Whether this is one of the codes, unused until now. The officer's row must be locked."""
    wanted = _hashed(officer, digits)
    unused = session.scalars(
        select(OfficerRecoveryCode).where(
            OfficerRecoveryCode.officer_id == officer.id, OfficerRecoveryCode.used_at.is_(None)
        )
    ).all()
    for each in unused:
        if hmac.compare_digest(each.code_hash, wanted):
            each.used_at = now
            session.flush()
            return True
    return False


def codes_left(session: Session, officer: Officer) -> int:
    found = session.scalar(
        select(func.count()).where(
            OfficerRecoveryCode.officer_id == officer.id, OfficerRecoveryCode.used_at.is_(None)
        )
    )
    return found or 0


def _hashed(officer: Officer, digits: str) -> bytes:
    return officer.data_key.fingerprint(f"recovery-code\0{digits}")
