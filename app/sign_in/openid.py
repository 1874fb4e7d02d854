"""Who a force's OpenID Connect provider says somebody is, and whether that lets them in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.addresses import normalise_email
from app.accounts.models import Officer
from app.accounts.queries import OFFICER_SUBJECT, officer_by_collar, officer_by_email
from app.accounts.viewers import Role
from app.audit import actions as audit
from app.audit.vocabulary import ANONYMOUS, Action, Actor
from app.database import keyring_of
from app.forces.models import Force
from app.forces.settings import OfficerSignInSettings
from app.sign_in.officers import end_sessions_of, note_signed_in

UNKNOWN, DISABLED, NO_GROUP, ANOTHER_PERSON = "unknown", "disabled", "no-group", "another-person"


class MayNotEnter(Exception):
    """The provider knows this person and they may not come in; `reason` is one of the above."""

    def __init__(self, reason: str, officer: Officer | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.officer_id = officer.id if officer else None


def wanted_claims(settings: OfficerSignInSettings) -> tuple[str, ...]:
    """The claims without which nobody can be let in."""
    known_by = settings.collar_claim or settings.email_claim
    return (known_by,) if settings.roles is None else (known_by, settings.groups_claim)


def enter(session: Session, force: Force, claims: Mapping[str, Any], now: datetime) -> Officer:
    """Let the officer in whom these (checked) claims name, with the roles that they give.

    Raises:
        MayNotEnter: undo what this transaction wrote, then `note_refusal` in another.
    """
    settings = force.settings.officer_sign_in
    assert settings is not None
    officer = _officer_named_by(session, force, settings, claims)
    if not officer.is_active:
        raise MayNotEnter(DISABLED, officer)
    if settings.roles is not None:
        roles = roles_of_groups(claims.get(settings.groups_claim), settings.roles)
        if not roles:
            raise MayNotEnter(NO_GROUP, officer)
        _give_roles(session, officer, roles)
    note_signed_in(session, officer, now, by="openid")
    return officer


def note_refusal(session: Session, force: Force, error: MayNotEnter, now: datetime) -> None:
    """Write down that somebody was not let in. Without a listed group any more, what they have
    open elsewhere ends too."""
    note_failure(session, force, error.reason, subject=error)
    if error.reason == NO_GROUP and error.officer_id is not None:
        end_sessions_of(session, error.officer_id, now)


def note_failure(
    session: Session, force: Force, reason: str, subject: MayNotEnter | None = None
) -> None:
    audit.record(
        session,
        Action.SIGN_IN_FAILED,
        ANONYMOUS,
        force_id=force.id,
        subject_id=subject.officer_id if subject else None,
        by="openid",
        reason=reason,
    )


def roles_of_groups(groups: object, roles: Mapping[str, tuple[str, ...]]) -> list[Role]:
    """The roles of a person in these groups, in the order of `Role`."""
    listed = [groups] if isinstance(groups, str) else groups
    if not isinstance(listed, list | tuple):
        return []
    given = {role for group in listed if isinstance(group, str) for role in roles.get(group, ())}
    return [role for role in Role if role.value in given]


def _officer_named_by(
    session: Session, force: Force, settings: OfficerSignInSettings, claims: Mapping[str, Any]
) -> Officer:
    """The officer whose account this person's has been before, else whom the claim names."""
    about = str(force.id), settings.issuer, str(claims["sub"])
    indexes = keyring_of(session).indexes(OFFICER_SUBJECT, *about)
    officer = session.scalar(
        select(Officer).where(Officer.subject_index.in_(indexes)).with_for_update()
    )
    if officer is not None:
        return officer
    found = _officer_by_claim(session, force, settings, claims)
    if found is None or found.force_id != force.id:
        raise MayNotEnter(UNKNOWN)
    officer = session.scalars(select(Officer).where(Officer.id == found.id).with_for_update()).one()
    known_as = officer.subject
    if known_as is not None and known_as.partition("\n")[0] == settings.issuer:
        raise MayNotEnter(ANOTHER_PERSON, officer)
    if officer.is_active:
        _recognise(session, officer, about)
    return officer


def _officer_by_claim(
    session: Session, force: Force, settings: OfficerSignInSettings, claims: Mapping[str, Any]
) -> Officer | None:
    if settings.collar_claim is not None:
        collar = claims.get(settings.collar_claim)
        # Some directories keep numbers as numbers.
        is_usable = isinstance(collar, str | int) and not isinstance(collar, bool)
        return officer_by_collar(session, force.id, str(collar).strip()) if is_usable else None
    email = claims.get(settings.email_claim)
    if not isinstance(email, str) or claims.get("email_verified") is False:
        return None
    address = normalise_email(email)
    return officer_by_email(session, address) if address else None


def _recognise(session: Session, officer: Officer, about: tuple[str, str, str]) -> None:
    force_id, issuer, subject = about
    officer.subject = f"{issuer}\n{subject}"
    officer.subject_index = keyring_of(session).index(OFFICER_SUBJECT, force_id, issuer, subject)
    audit.record(
        session,
        Action.OFFICER_RECOGNISED,
        Actor("officer", officer.id),
        force_id=officer.force_id,
        subject_id=officer.id,
    )


def _give_roles(session: Session, officer: Officer, roles: list[Role]) -> None:
    before = [role for role in Role if role.value in officer.roles]
    if before == roles:
        return
    officer.roles = [role.value for role in roles]
    audit.record(
        session,
        Action.ROLES_CHANGED,
        Actor("officer", officer.id),
        force_id=officer.force_id,
        subject_id=officer.id,
        before=" ".join(before),
        after=" ".join(roles),
        by="openid",
    )
