"""The browsers that a victim is known by, and telling the others of a new one."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select, true, update
from sqlalchemy.orm import Session

from app.accounts.models import PushSubscription
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


def remember_device(
    session: Session, token: str | None, victim_id: UUID, now: datetime
) -> tuple[KnownDevice, str, bool]:
    """The device, its token for the cookie, and whether it is new to this victim."""
    device = known_device(session, token, victim_id)
    if device is not None and token is not None:
        return device, token, False
    # A token that is forgotten here, or that somebody made up, does not become good again; one
    # that others who share the browser are known by does.
    if token is None or not _is_anybodys(session, token):
        token = secrets.token_urlsafe(_TOKEN_BYTES)
    device = KnownDevice(
        victim_id=victim_id, token_hash=token_hash(token), made_at=now, told_up_to=now
    )
    session.add(device)
    session.flush()
    return device, token, True


def _is_anybodys(session: Session, token: str) -> bool:
    rows = session.scalars(
        select(KnownDevice.forgotten_at).where(KnownDevice.token_hash == token_hash(token))
    ).all()
    return bool(rows) and all(forgotten_at is None for forgotten_at in rows)


def forget_device(session: Session, device_id: UUID | None, now: datetime) -> None:
    """The next sign-in there is one from a new device, whatever cookie it still has."""
    session.execute(update(KnownDevice).where(KnownDevice.id == device_id).values(forgotten_at=now))


def told_devices(session: Session, token: str | None, *, but: UUID | None = None) -> list[UUID]:
    """The devices that this browser's cookie names and that are told of news, whoever's; `but` one
    victim's."""
    if token is None:
        return []
    return list(
        session.scalars(
            select(KnownDevice.id)
            .join(PushSubscription, PushSubscription.device_id == KnownDevice.id)
            .where(
                KnownDevice.token_hash == token_hash(token),
                true() if but is None else KnownDevice.victim_id != but,
            )
        )
    )


def new_sign_ins(session: Session, victim_id: UUID, session_id: UUID) -> list[NewSignIn]:
    """The newest sign-ins on new devices that this session's device has not been told of."""
    here = session.execute(
        select(KnownDevice.id, KnownDevice.told_up_to)
        .join(SignInSession, SignInSession.device_id == KnownDevice.id)
        .where(SignInSession.id == session_id)
    ).first()
    if here is None:
        return []
    device_id, told_up_to = here
    found = session.execute(
        select(SignInSession.browser, SignInSession.started_at)
        .where(
            SignInSession.victim_id == victim_id,
            SignInSession.is_new_device,
            SignInSession.started_at > told_up_to,
            SignInSession.device_id != device_id,
        )
        .order_by(SignInSession.started_at.desc())
        .limit(_TOLD_AT_MOST)
    )
    return [NewSignIn(browser, started_at) for browser, started_at in found]


def note_told(session: Session, session_id: UUID, now: datetime) -> None:
    """The person has seen the sign-ins that this session's device tells of."""
    device = select(SignInSession.device_id).where(SignInSession.id == session_id)
    session.execute(
        update(KnownDevice).where(KnownDevice.id == device.scalar_subquery()).values(told_up_to=now)
    )
