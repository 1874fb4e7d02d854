"""The browsers that a victim is known by, and telling the others of a new one."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import case, func, select, true, update
from sqlalchemy.orm import Session

from app.accounts.models import PushSubscription, VictimAddress
from app.crypto import token_hash
from app.sign_in.models import KnownDevice, SignInSession

NOBODY: Final = UUID(int=0)
_TOKEN_BYTES = 32
_TOLD_AT_MOST = 3

# The first that fits: others' names stand in Chrome's and Safari's too.
_BROWSERS = (
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Edge", r"Edg(e|A|iOS)?/"),
    ("Opera", r"OPR/|Opera"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/|Chromium/"),
    ("Safari", r"Safari/"),
)
_SYSTEMS = (
    ("Android", r"Android"),
    ("iPhone", r"iPhone|iPod"),
    ("iPad", r"iPad"),
    ("Windows", r"Windows"),
    ("ChromeOS", r"CrOS"),
    ("Mac", r"Macintosh|Mac OS X"),
    ("Linux", r"Linux|X11"),
)
_LONGEST_NAME = 1_000
"""Characters of a browser's long name that are looked at."""


@dataclass(frozen=True, slots=True)
class NewSignIn:
    """A sign-in on a device not seen before, as the person's other devices tell of it."""

    browser: str | None
    started_at: datetime


def browser_of(user_agent: str) -> str | None:
    """ "Chrome on Android": all that is kept of what a browser says of itself. None: no idea."""
    said = user_agent[:_LONGEST_NAME]
    browser = next((name for name, pattern in _BROWSERS if re.search(pattern, said)), None)
    system = next((name for name, pattern in _SYSTEMS if re.search(pattern, said)), None)
    return f"{browser} on {system}" if browser and system else browser or system


def known_device(session: Session, token: str | None, victim_id: UUID) -> KnownDevice | None:
    """This browser as one that the victim has signed in with."""
    return session.scalar(
        select(KnownDevice).where(
            KnownDevice.victim_id == victim_id,
            KnownDevice.token_hash == token_hash(token or ""),
            KnownDevice.forgotten_at.is_(None),
        )
    )


def is_known_device(session: Session, token: str | None, victim_id: UUID) -> bool:
    """The same amount of looking whether or not there is such a victim."""
    return known_device(session, token, victim_id) is not None


@dataclass(frozen=True, slots=True)
class Remembered:
    """A device, and its token for the cookie."""

    device: KnownDevice
    token: str
    is_new: bool
    is_first: bool
    """Of all that this victim has signed in with: there was nobody to be told of it."""


def remember_device(
    session: Session, token: str | None, victim_id: UUID, now: datetime
) -> Remembered:
    """The device that a victim signs in on, known from now on."""
    device = known_device(session, token, victim_id)
    if device is not None and token is not None:
        return Remembered(device, token, is_new=False, is_first=False)
    # A token that is forgotten here, or that somebody made up, does not become good again; one
    # that others who share the browser are known by does.
    if token is None or not _is_anybodys(session, token):
        token = secrets.token_urlsafe(_TOKEN_BYTES)
    told_up_to = _told_before(session, victim_id)
    device = KnownDevice(
        victim_id=victim_id,
        token_hash=token_hash(token),
        made_at=now,
        told_up_to=told_up_to or now,
    )
    session.add(device)
    session.flush()
    return Remembered(device, token, is_new=True, is_first=told_up_to is None)


def _told_before(session: Session, victim_id: UUID) -> datetime | None:
    """Up to when this person's devices, forgotten ones too, were told of new sign-ins; None: there
    was none. What one of them says of its own beginning, and of what came after, counts for itself
    alone: it may be the stranger's."""
    told = case(
        (KnownDevice.told_up_to < KnownDevice.made_at, KnownDevice.told_up_to),
        else_=KnownDevice.made_at,
    )
    found: datetime | None = session.scalar(
        select(func.max(told)).where(KnownDevice.victim_id == victim_id)
    )
    return found


def _is_anybodys(session: Session, token: str) -> bool:
    rows = session.scalars(
        select(KnownDevice.forgotten_at).where(KnownDevice.token_hash == token_hash(token))
    ).all()
    return bool(rows) and all(forgotten_at is None for forgotten_at in rows)


def forget_device(session: Session, device_id: UUID | None, now: datetime) -> None:
    """The next sign-in there is one from a new device, whatever cookie it still has."""
    session.execute(update(KnownDevice).where(KnownDevice.id == device_id).values(forgotten_at=now))


def forget_devices_elsewhere(
    session: Session, victim_id: UUID, here: UUID | None, now: datetime
) -> None:
    """All of this victim's devices but the one that they are at, if they are at one."""
    theirs = update(KnownDevice).where(
        KnownDevice.victim_id == victim_id, KnownDevice.forgotten_at.is_(None)
    )
    if here is not None:
        theirs = theirs.where(KnownDevice.id != here)
    session.execute(theirs.values(forgotten_at=now))


def told_devices(session: Session, hashed: bytes, *, but: UUID | None = None) -> list[UUID]:
    """The devices known by the token of this hash that are told of news, whoever's; `but` one
    victim's."""
    return list(
        session.scalars(
            select(KnownDevice.id)
            .join(PushSubscription, PushSubscription.device_id == KnownDevice.id)
            .where(
                KnownDevice.token_hash == hashed,
                true() if but is None else KnownDevice.victim_id != but,
            )
        )
    )


def new_sign_ins(session: Session, victim_id: UUID, session_id: UUID) -> list[NewSignIn]:
    """The newest sign-ins on new devices that this session's device has not been told of."""
    here = _mark_of(session, session_id)
    if here is None:
        return []
    device_id, told_up_to = here
    found = session.execute(
        select(SignInSession.browser, SignInSession.started_at)
        .where(
            SignInSession.victim_id == victim_id,
            SignInSession.is_new_device,
            SignInSession.started_at >= told_up_to,
            SignInSession.device_id != device_id,
        )
        .order_by(SignInSession.started_at.desc())
        .limit(_TOLD_AT_MOST)
    )
    return [NewSignIn(browser, started_at) for browser, started_at in found]


def new_addresses(session: Session, victim_id: UUID, session_id: UUID) -> list[VictimAddress]:
    """The addresses that were added elsewhere since this session's device was told of news."""
    here = _mark_of(session, session_id)
    if here is None:
        return []
    device_id, told_up_to = here
    return list(
        session.scalars(
            select(VictimAddress)
            .where(
                VictimAddress.victim_id == victim_id,
                VictimAddress.added_at >= told_up_to,
                VictimAddress.added_on.is_distinct_from(device_id),
            )
            .order_by(VictimAddress.added_at.desc())
        )
    )


def _mark_of(session: Session, session_id: UUID) -> tuple[UUID, datetime] | None:
    """The device that a session is on, and up to when it was told."""
    found = session.execute(
        select(KnownDevice.id, KnownDevice.told_up_to)
        .join(SignInSession, SignInSession.device_id == KnownDevice.id)
        .where(SignInSession.id == session_id)
    ).first()
    return None if found is None else (found.id, found.told_up_to)


def note_told(session: Session, session_id: UUID, now: datetime) -> None:
    """The person has seen the sign-ins and addresses that this session's device tells of. (For the
    devices to come it counts as `_told_before` says.)"""
    device = select(SignInSession.device_id).where(SignInSession.id == session_id)
    session.execute(
        update(KnownDevice).where(KnownDevice.id == device.scalar_subquery()).values(told_up_to=now)
    )
