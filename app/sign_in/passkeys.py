"""Officers' passkeys: added, removed, and signed in with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from app.accounts.models import Officer
from app.audit import actions as audit
from app.audit.vocabulary import ANONYMOUS, Action, Actor
from app.database import add_sealed
from app.sign_in.models import OfficerPasskey
from app.sign_in.officers import check_rate, count_wrong, note_signed_in, provider_of

MOST = 10
"""Passkeys of one officer."""


class PasskeyRefused(Exception):
    """What the browser sent is no passkey that counts here and now."""


@dataclass(frozen=True, slots=True)
class Site:
    """To whom passkeys are bound: the host of the public address, and that address."""

    rp_id: str
    origin: str


def site_of(public_url: str) -> Site | None:
    """None where the public address has a number for a host: browsers have no passkeys there."""
    parts = urlsplit(public_url)
    host = parts.hostname or ""
    try:
        ip_address(host)
    except ValueError:
        return Site(host, f"{parts.scheme}://{parts.netloc}")
    return None


def passkeys_of(session: Session, officer_id: UUID) -> Sequence[OfficerPasskey]:
    """The officer's passkeys, in the order in which they were added."""
    return session.scalars(
        select(OfficerPasskey)
        .where(OfficerPasskey.officer_id == officer_id)
        .order_by(OfficerPasskey.added_at, OfficerPasskey.id)
    ).all()


def options_to_add(
    site: Site, name: str, officer: Officer, known: Sequence[OfficerPasskey], challenge: str
) -> str:
    """What the browser has to know to make a passkey, as JSON. It must be found without a name
    typed, and ask for the officer's finger, face or PIN."""
    return options_to_json(
        generate_registration_options(
            rp_id=site.rp_id,
            rp_name=name,
            user_id=officer.id.bytes,
            user_name=officer.email or officer.collar,
            user_display_name=officer.label,
            challenge=challenge.encode(),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=_described(known),
        )
    )


def options_to_sign_in(site: Site, known: Sequence[OfficerPasskey], challenge: str) -> str:
    """The same to use one: any that the browser finds, or one of the `known`."""
    return options_to_json(
        generate_authentication_options(
            rp_id=site.rp_id,
            challenge=challenge.encode(),
            allow_credentials=_described(known),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
    )


def add_passkey(
    session: Session,
    site: Site,
    officer: Officer,
    *,
    credential: str,
    challenge: str,
    name: str,
    now: datetime,
) -> None:
    """Store the passkey that the browser made.

    Raises:
        PasskeyRefused: it is not for this site, officer or challenge, or it is known already.
    """
    try:
        made = verify_registration_response(
            credential=credential,
            expected_challenge=challenge.encode(),
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError):
        raise PasskeyRefused from None
    known = passkeys_of(session, officer.id)
    if len(known) >= MOST or _by_credential(session, made.credential_id) is not None:
        raise PasskeyRefused
    passkey = add_sealed(
        session,
        OfficerPasskey(
            officer_id=officer.id,
            credential_id=made.credential_id,
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            added_at=now,
        ),
    )
    passkey.name = name
    _note(session, officer, passkey, Action.PASSKEY_ADDED)


def remove_passkey(session: Session, officer: Officer, passkey_id: UUID) -> bool:
    """Whether the officer had this passkey; now they have not."""
    passkey = session.get(OfficerPasskey, passkey_id)
    if passkey is None or passkey.officer_id != officer.id:
        return False
    session.delete(passkey)
    _note(session, officer, passkey, Action.PASSKEY_REMOVED)
    return True


def sign_in_with(
    session: Session,
    site: Site,
    *,
    credential: str,
    challenge: str,
    only: UUID | None,
    now: datetime,
) -> Officer:
    """The officer whose passkey answered the challenge; `only` this one, where somebody has given
    a password already.

    Raises:
        PasskeyRefused: it is not known, not theirs, or its answer is not right.
        TooManyTries: the account is shut for a while.
    """
    passkey = _named_by(session, credential)
    officer = _officer_of(session, passkey) if passkey else None
    if passkey is None or officer is None or (only is not None and officer.id != only):
        audit.record(session, Action.SIGN_IN_FAILED, ANONYMOUS, by="passkey", reason="unknown")
        raise PasskeyRefused
    check_rate(session, officer.email or "", now)
    try:
        answer = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge.encode(),
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError):
        count_wrong(session, officer.email or "", now, by="passkey")
        raise PasskeyRefused from None
    passkey.sign_count = answer.new_sign_count
    passkey.used_at = now
    note_signed_in(session, officer, now, by="passkey")
    return officer


def _named_by(session: Session, credential: str) -> OfficerPasskey | None:
    try:
        return _by_credential(session, parse_authentication_credential_json(credential).raw_id)
    except (WebAuthnException, ValueError, TypeError, KeyError):
        return None


def _officer_of(session: Session, passkey: OfficerPasskey) -> Officer | None:
    """Its officer, locked, if they may sign in here at all."""
    officer = session.scalars(
        select(Officer).where(Officer.id == passkey.officer_id).with_for_update()
    ).one()
    # The count of before the lock may be old.
    session.refresh(passkey)
    may = officer.is_active and provider_of(session, officer) is None
    return officer if may else None


def _by_credential(session: Session, credential_id: bytes) -> OfficerPasskey | None:
    return session.scalar(
        select(OfficerPasskey).where(OfficerPasskey.credential_id == credential_id)
    )


def _described(known: Sequence[OfficerPasskey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=each.credential_id) for each in known]


def _note(session: Session, officer: Officer, passkey: OfficerPasskey, action: Action) -> None:
    actor = Actor("officer", officer.id)
    audit.record(session, action, actor, force_id=officer.force_id, subject_id=passkey.id)
