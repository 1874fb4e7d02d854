"""A victim's own device that is told of news is forgotten early, and nowhere but here. (How it is
switched on: `app.accounts.telling`.)

Only the row goes when it is switched off. The account and its notices are not touched: whoever
leaves in a hurry must not wait for a notice that is just being handed over. A notice whose row is
gone is cancelled by the last look.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, true
from sqlalchemy.orm import Session

from app.accounts.models import PushSubscription
from app.audit import actions as audit
from app.audit.vocabulary import WORKER, Action, Actor
from app.database import keyring_of

PUSH_ENDPOINT = "push-endpoint"


def forget_push_at(session: Session, endpoint: str, actor: Actor) -> None:
    """Somebody else is told there from now on. Repeatable."""
    indexes = keyring_of(session).indexes(PUSH_ENDPOINT, endpoint)
    _drop(session, PushSubscription.endpoint_index.in_(indexes), actor, why="taken-over")


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


def forget_push_of(session: Session, victim_id: UUID, *, why: str, by: Actor = WORKER) -> None:
    """Nothing goes to this victim's device any more, and nobody is told why. Repeatable."""
    _drop(session, PushSubscription.victim_id == victim_id, by, why=why)


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
