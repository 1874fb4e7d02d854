"""How a victim wants to be told of news, as they say it; and what ends it without their saying."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import PUSH, PushSubscription, Victim, VictimAddress
from app.accounts.push import PUSH_ENDPOINT, forget_push_at, forget_push_of
from app.accounts.rules import is_confirmed, is_paused
from app.accounts.viewers import VictimViewer
from app.audit import actions as audit
from app.audit.vocabulary import WORKER, Action
from app.database import add_sealed, keyring_of
from app.notifications.actions import cancel_updates


def wants_notices(victim: Victim, now: datetime) -> bool:
    """Only after the victim chose a channel and said, within 90 days, that only they see it; not
    in a pause that has no end yet."""
    has_switched_off = victim.notices_paused_at is not None and victim.notices_paused_until is None
    return (
        victim.closed_at is None
        and victim.notice_channel is not None
        and is_confirmed(victim.notices_confirmed_at, now)
        and not has_switched_off
    )


def notice_address(session: Session, victim: Victim) -> VictimAddress | PushSubscription | None:
    """Where news goes: the address of the chosen channel, unless it has bounced; or the device."""
    if victim.notice_channel == PUSH:
        return push_of(session, victim)
    return next(
        (
            each
            for each in victim.addresses
            if each.channel == victim.notice_channel and each.bounced_at is None
        ),
        None,
    )


def push_of(session: Session, victim: Victim) -> PushSubscription | None:
    """The device on which they are told, while it is."""
    return session.scalar(select(PushSubscription).where(PushSubscription.victim_id == victim.id))


def is_to_be_asked_again(session: Session, victim: Victim, now: datetime) -> bool:
    """Whether 90 days have passed since they said that only they see what is sent."""
    if victim.notice_channel is None or is_confirmed(victim.notices_confirmed_at, now):
        return False
    return victim.notice_channel != PUSH or push_of(session, victim) is not None


def choose_notices(session: Session, victim: Victim, channel: str | None, now: datetime) -> None:
    """Tell the victim of news by this channel, which only they see; None: not at all. The device
    on which they were told is forgotten."""
    victim.notice_channel = channel
    victim.notices_confirmed_at = now if channel else None
    for address in victim.addresses:
        if address.channel == channel:
            # They say that it reaches them.
            address.bounced_at = None
    by = VictimViewer(victim.id).actor
    forget_push_of(session, victim.id, why="chosen-otherwise", by=by)
    # What is on its way was meant for what they had chosen before.
    cancel_updates(session, victim.id)
    _record(session, Action.NOTICES_CHOSEN, victim.id, channel=channel)


def tell_on_device(
    session: Session, victim: Victim, device_id: UUID, endpoint: str, now: datetime
) -> None:
    """Tell the victim of news on this device and nowhere else; they said that only they see it.

    `endpoint` was found to be a push service's. Whoever was told by it before no longer is.
    """
    forget_push_at(session, endpoint, VictimViewer(victim.id).actor)
    choose_notices(session, victim, PUSH, now)
    subscription = add_sealed(
        session,
        PushSubscription(
            victim_id=victim.id,
            device_id=device_id,
            endpoint_index=keyring_of(session).index(PUSH_ENDPOINT, endpoint),
            made_at=now,
        ),
    )
    subscription.endpoint = endpoint
    session.flush()
    _record(session, Action.PUSH_SWITCHED_ON, victim.id)


def confirm_notices(session: Session, victim: Victim, now: datetime) -> None:
    """They said again that only they see what is sent."""
    if victim.notice_channel is None:
        return
    victim.notices_confirmed_at = now
    _record(session, Action.NOTICES_CONFIRMED, victim.id, channel=victim.notice_channel)


def choose_quiet_hours(
    session: Session, victim: Victim, quiet_from: int | None, quiet_to: int | None
) -> None:
    """Minutes after midnight by a British clock; both None: no quiet hours."""
    victim.quiet_from, victim.quiet_to = quiet_from, quiet_to
    _record(session, Action.QUIET_HOURS_CHOSEN, victim.id, is_on=quiet_from is not None)


def pause_notices(session: Session, victim: Victim, until: datetime | None, now: datetime) -> None:
    """No news until then; None: until they switch it on again. A pause that is on is replaced."""
    victim.notices_paused_at, victim.notices_paused_until = now, until
    _record(session, Action.NOTICES_PAUSED, victim.id, has_end=until is not None)


def resume_notices(session: Session, victim: Victim, now: datetime) -> None:
    """End a pause. Repeatable."""
    was_paused = is_paused(victim.notices_paused_at, victim.notices_paused_until, now)
    victim.notices_paused_at = victim.notices_paused_until = None
    if was_paused:
        _record(session, Action.NOTICES_RESUMED, victim.id)


def choose_language(session: Session, victim: Victim, language: str) -> None:
    """For pages after sign-in, and for everything that is sent."""
    victim.chosen_language = language
    _record(session, Action.LANGUAGE_CHOSEN, victim.id, language=language)


def note_bounce(session: Session, address: VictimAddress, now: datetime) -> bool:
    """A notice to this address was refused for good; whether that is new."""
    if address.bounced_at is not None:
        return False
    address.bounced_at = now
    audit.record(
        session,
        Action.ADDRESS_BOUNCED,
        WORKER,
        subject_id=address.victim_id,
        channel=address.channel,
    )
    return True


def _record(session: Session, action: Action, victim_id: UUID, **details: Any) -> None:
    viewer = VictimViewer(victim_id).actor
    audit.record(session, action, viewer, subject_id=victim_id, **details)
