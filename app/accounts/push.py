"""Where a victim's own device is told of news: switched on by them there, and forgotten early.

Only the row goes when it is switched off. The account and its notices are not touched: whoever
leaves in a hurry must not wait for a notice that is just being handed over. A notice whose row is
gone is cancelled by the last look.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, true
from sqlalchemy.orm import Session

from app.accounts.models import PUSH, PushSubscription, Victim
from app.accounts.telling import choose_notices
from app.accounts.viewers import VictimViewer
from app.audit import actions as audit
from app.audit.vocabulary import WORKER, Action, Actor
from app.database import add_sealed, keyring_of

PUSH_ENDPOINT = "push-endpoint"


def tell_on_device(
    session: Session, victim: Victim, device_id: UUID, endpoint: str, now: datetime
) -> None:
    """Tell the victim of news on this device and nowhere else; they said that only they see it.

    `endpoint` was found to be a push service's. Whoever was told by it before no longer is.
    """
    keyring = keyring_of(session)
    theirs = PushSubscription.endpoint_index.in_(keyring.indexes(PUSH_ENDPOINT, endpoint))
    _drop(session, theirs, VictimViewer(victim.id).actor, why="taken-over")
    choose_notices(session, victim, PUSH, now)
    subscription = add_sealed(
        session,
        PushSubscription(
            victim_id=victim.id,
            device_id=device_id,
            endpoint_index=keyring.index(PUSH_ENDPOINT, endpoint),
            made_at=now,
        ),
    )
    subscription.endpoint = endpoint
    session.flush()
    actor = VictimViewer(victim.id).actor
    audit.record(session, Action.PUSH_SWITCHED_ON, actor, subject_id=victim.id)


def forget_push_of_device(session: Session, device_id: UUID | None, actor: Actor) -> None:
    """The person signed this device out, or left in a hurry. Repeatable."""
    if device_id is not None:
        _drop(session, PushSubscription.device_id == device_id, actor, why="device")


def forget_push_elsewhere(
    session: Session, victim_id: UUID, here: UUID | None, actor: Actor
) -> None:
    """They signed out everywhere but on this device, or everywhere: also where the session had
    run out before. Repeatable."""
    theirs = PushSubscription.victim_id == victim_id
    is_elsewhere = true() if here is None else PushSubscription.device_id != here
    _drop(session, and_(theirs, is_elsewhere), actor, why="device")


def forget_push_of(session: Session, victim_id: UUID, *, why: str) -> None:
    """Nothing goes to this victim's device any more, and nobody is told why. Repeatable."""
    _drop(session, PushSubscription.victim_id == victim_id, WORKER, why=why)


def forget_gone_push(session: Session, subscription_id: UUID) -> bool:
    """The push service no longer knows it; whether it still was ours."""
    return _drop(session, PushSubscription.id == subscription_id, WORKER, why="gone") > 0


def _drop(session: Session, which: ColumnElement[bool], actor: Actor, *, why: str) -> int:
    dropped = session.scalars(
        delete(PushSubscription).where(which).returning(PushSubscription.victim_id)
    ).all()
    for victim_id in dropped:
        audit.record(session, Action.PUSH_SWITCHED_OFF, actor, subject_id=victim_id, why=why)
    return len(dropped)
