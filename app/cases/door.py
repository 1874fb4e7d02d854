"""A victim's way in as their cases and officers decide it: which address may be used, and what an
officer does about it after a call."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.actions import add_victim_address
from app.accounts.models import Victim, VictimAddress
from app.accounts.push import forget_push_of
from app.accounts.queries import VICTIM_ADDRESS
from app.accounts.words import reset_word
from app.audit import actions as audit
from app.audit.vocabulary import Action, Actor
from app.cases.channels import taken_channels
from app.cases.models import Case, Enrolment, Task, TaskKind
from app.cases.queries import facts_of, locked_cases
from app.cases.rules import Channel, usable_channels
from app.database import keyring_of
from app.notifications.actions import cancel_for_victim


class AddressCannotBeUsed(Exception):
    """It is somebody else's too, or the case system does not say that this channel is safe."""


def may_use_address(session: Session, victim_id: UUID, channel: Channel, value: str) -> bool:
    """Whether a victim may sign in with this (normalised) address: nobody else's account, on no
    other person's case in any of the victim's forces, and a channel that every one of the
    victim's cases calls safe. Otherwise using it would put the cases on hold."""
    index = keyring_of(session).indexes(VICTIM_ADDRESS, value)
    other = session.scalar(
        select(VictimAddress.id).where(
            VictimAddress.value_index.in_(index), VictimAddress.victim_id != victim_id
        )
    )
    if other is not None:
        return False
    cases = session.scalars(_joined(victim_id)).all()
    return bool(cases) and all(_is_safe_on(session, case, channel, value) for case in cases)


def _is_safe_on(session: Session, case: Case, channel: Channel, value: str) -> bool:
    facts = facts_of(case)
    if facts is None:
        return False
    return channel in usable_channels(facts, taken_channels(session, case, facts, {channel: value}))


def change_address(
    session: Session,
    victim_id: UUID,
    channel: Channel,
    value: str,
    *,
    by: Actor,
    reason: str,
    now: datetime,
    device_id: UUID | None = None,
) -> None:
    """From now on the victim signs in with this address, and no longer with the one of the same
    channel; `device_id` is the device on which they said so. News goes nowhere until the victim has
    chosen again. Lock order: cases, account.

    Raises:
        AddressCannotBeUsed: nothing was changed.
    """
    cases = locked_cases(session, _ids(session, victim_id))
    victim = session.scalars(
        select(Victim)
        .where(Victim.id == victim_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()
    is_held = any(case.held_at is not None for case in cases)
    if victim.closed_at is not None or is_held:
        raise AddressCannotBeUsed
    if not may_use_address(session, victim.id, channel, value):
        raise AddressCannotBeUsed
    _replace(session, victim, channel, value, now, device_id)
    victim.notice_channel = None
    victim.notices_confirmed_at = None
    forget_push_of(session, victim.id, why="address-changed", by=by)
    cancel_for_victim(session, victim.id)
    for case in cases:
        audit.record(
            session,
            Action.ADDRESS_CHANGED,
            by,
            force_id=case.force_id,
            case_id=case.id,
            subject_id=victim.id,
            channel=channel.value,
            reason=reason,
        )


def _replace(
    session: Session,
    victim: Victim,
    channel: Channel,
    value: str,
    now: datetime,
    device_id: UUID | None,
) -> None:
    try:
        with session.begin_nested():
            for address in list(victim.addresses):
                if address.channel == channel.value:
                    victim.addresses.remove(address)
                    session.delete(address)
            session.flush()
            add_victim_address(
                session, victim, channel.value, value, added_at=now, added_on=device_id
            )
            session.flush()
    except IntegrityError:
        # Somebody else joined with it at this very moment.
        raise AddressCannotBeUsed from None


def open_way_in_again(
    session: Session, case: Case, victim_id: UUID, by: Actor, now: datetime
) -> None:
    """After a call: no extra word is asked for until the victim chooses a new one."""
    if not reset_word(session, victim_id):
        return
    session.execute(
        update(Task)
        .where(
            Task.kind == TaskKind.EXTRA_WORD_SHUT.value,
            Task.subject_id == victim_id,
            Task.done_at.is_(None),
        )
        .values(done_at=now)
    )
    audit.record(
        session,
        Action.WORD_RESET,
        by,
        force_id=case.force_id,
        case_id=case.id,
        subject_id=victim_id,
    )


def _joined(victim_id: UUID) -> Select[Case]:
    return (
        select(Case)
        .join(Enrolment, Enrolment.case_id == Case.id)
        .where(Enrolment.victim_id == victim_id, Enrolment.ended_at.is_(None))
        .order_by(Case.id)
    )


def _ids(session: Session, victim_id: UUID) -> Sequence[UUID]:
    return [case.id for case in session.scalars(_joined(victim_id))]
