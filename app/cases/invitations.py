"""Inviting the victim of a case: by its officer's hand, or automatically with brakes."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from app.accounts.models import Officer
from app.audit import actions as audit
from app.audit.vocabulary import ANONYMOUS, WORKER, Action, Actor
from app.cases.channels import safe_addresses
from app.cases.facts import CaseFacts
from app.cases.indexes import CaseIndexes
from app.cases.models import Case, Invitation, InvitationState, TaskKind
from app.cases.queries import (
    enrolment_of,
    facts_of,
    is_person_on_hold,
    lock_case,
    outstanding_invitation,
    why_case_is_not_open,
)
from app.cases.rules import Channel
from app.cases.tasks import open_task
from app.crypto import token_hash
from app.database import keyring_of
from app.forces.models import Force
from app.forces.settings import AUTOMATIC, ENGLISH, LANGUAGES, WELSH
from app.notifications.actions import cancel_for_case, owe
from app.notifications.templates import INVITATION, WELSH_AND_ENGLISH

LASTS = timedelta(days=7)
WRONG_ANSWERS_ALLOWED = 5
WRONG_ANSWERS_OF_A_FORCE = 60
"""In an hour: then the brake is on."""
OFFICER_IS_ACTIVE_FOR = timedelta(days=30)
_LONDON = ZoneInfo("Europe/London")
_TOKEN_BYTES = 32
_STEP = 50
_AN_HOUR = timedelta(hours=1)

log = structlog.get_logger(__name__)


class WhyNot(StrEnum):
    """Why no invitation can be made."""

    NOT_OPEN = "not-open"
    JOINED_ALREADY = "joined-already"
    NO_ADDRESS = "no-address"


class CannotInvite(Exception):
    """The case's victim cannot be invited."""

    def __init__(self, why: WhyNot) -> None:
        super().__init__(why.value)
        self.why = why


def invite(session: Session, case: Case, now: datetime, *, by: Actor = WORKER) -> Invitation:
    """Invite the victim of an eligible case; an earlier invitation no longer works.

    Raises:
        CannotInvite: not open, joined already, or no address that only this victim uses.
    """
    lock_case(session, case)
    facts = facts_of(case)
    if facts is None or why_not_answerable(session, case, facts, now) is not None:
        raise CannotInvite(WhyNot.NOT_OPEN)
    if enrolment_of(session, case.id) is not None:
        raise CannotInvite(WhyNot.JOINED_ALREADY)
    addresses = safe_addresses(session, case, facts)
    if not addresses:
        raise CannotInvite(WhyNot.NO_ADDRESS)
    revoke_invitations(session, case, now)
    cancel_for_case(session, case.id)
    invitation = _make(session, case, facts, next(iter(addresses.items())), by, now)
    case.invitation_state = InvitationState.INVITED.value
    return invitation


def why_not_answerable(session: Session, case: Case, facts: CaseFacts, now: datetime) -> str | None:
    """Why nobody may be invited to a case or join it now; None: its victim may."""
    indexes = CaseIndexes(keyring_of(session), case.force_id)
    victim, person = indexes.victim(facts.victim), indexes.person(facts.victim)
    if is_person_on_hold(session, case.force_id, victim, person):
        return "held"
    return why_case_is_not_open(session, case, now)


def _make(
    session: Session,
    case: Case,
    facts: CaseFacts,
    address: tuple[Channel, str],
    by: Actor,
    now: datetime,
) -> Invitation:
    channel, to = address
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    indexes = CaseIndexes(keyring_of(session), case.force_id)
    invitation = Invitation(
        case_id=case.id,
        force_id=case.force_id,
        token_hash=token_hash(token),
        address_index=indexes.addresses(facts.victim)[channel].first,
        made_at=now,
        made_by_id=by.id,
        expires_at=now + LASTS,
    )
    session.add(invitation)
    owe(
        session,
        INVITATION,
        channel=channel.value,
        to=to,
        context={"token": token},
        language=_language_for(case.force, facts),
        force_id=case.force_id,
        case_id=case.id,
        subject_id=invitation.id,
        expires_at=invitation.expires_at,
    )
    audit.record(
        session,
        Action.INVITATION_MADE,
        by,
        force_id=case.force_id,
        case_id=case.id,
        subject_id=invitation.id,
        channel=channel.value,
    )
    return invitation


def _language_for(force: Force, facts: CaseFacts) -> str:
    """The person's own, where the case system told it. A force that owes Welsh writes in both
    languages to everybody else."""
    told = facts.victim.language
    if told in LANGUAGES:
        return told
    return WELSH_AND_ENGLISH if WELSH in force.settings.languages else ENGLISH


def revoke_invitations(session: Session, case: Case, now: datetime) -> None:
    """Whatever invitation of the case is out no longer works."""
    outstanding = outstanding_invitation(session, case.id, now)
    if outstanding is None:
        return
    outstanding.revoked_at = now
    case.invitation_state = InvitationState.NONE.value
    audit.record(
        session,
        Action.INVITATION_REVOKED,
        WORKER,
        force_id=case.force_id,
        case_id=case.id,
        subject_id=outstanding.id,
    )


def revoke_if_meant_for_another(
    session: Session, case: Case, facts: CaseFacts, now: datetime
) -> None:
    """An invitation must not let in after it was made for another person, or for an address that
    is no longer the victim's alone. An officer decides what comes next.

    Call it while the case still has the facts under which it was made.
    """
    invitation = outstanding_invitation(session, case.id, now)
    before = facts_of(case)
    if invitation is None or before is None:
        return
    indexes = CaseIndexes(keyring_of(session), case.force_id)
    safe = safe_addresses(session, case, facts).values()
    if indexes.identity(before) != indexes.identity(facts):
        state, kind = InvitationState.IDENTITY_CHANGED, TaskKind.IDENTITY_CHANGED
    elif not any(invitation.address_index in indexes.address(each).all for each in safe):
        state, kind = InvitationState.ADDRESS_CHANGED, TaskKind.ADDRESS_CHANGED
    else:
        return
    revoke_invitations(session, case, now)
    cancel_for_case(session, case.id)
    case.invitation_state = state.value
    open_task(session, case, kind, now, subject_id=invitation.id)


def invitation_with_token(session: Session, token: str) -> Invitation | None:
    return session.scalar(
        select(Invitation)
        .where(Invitation.token_hash == token_hash(token))
        .options(joinedload(Invitation.case))
    )


def lock_invitation(session: Session, invitation: Invitation) -> None:
    """Lock the invitation's case, then the invitation, and see both as they are now."""
    lock_case(session, invitation.case)
    session.refresh(invitation, with_for_update={"of": Invitation, "key_share": True})


def is_answerable(session: Session, invitation: Invitation, now: datetime) -> bool:
    """Whether a right answer would still be taken."""
    is_out = (
        invitation.used_at is None
        and invitation.revoked_at is None
        and invitation.expires_at > now
        and invitation.wrong_answers < WRONG_ANSWERS_ALLOWED
    )
    if not is_out:
        return False
    facts = facts_of(invitation.case)
    return facts is not None and why_not_answerable(session, invitation.case, facts, now) is None


def waits_until(session: Session, invitation: Invitation, now: datetime) -> datetime | None:
    """The brake of a force: after many wrong answers over all its invitations in an hour, one that
    was answered wrongly before waits until this time. One that was not is never kept waiting, so
    that nobody's guessing keeps others out."""
    if invitation.wrong_answers == 0:
        return None
    wrong, first = _wrong_lately(session, invitation.force_id, now)
    if wrong < WRONG_ANSWERS_OF_A_FORCE or first is None:
        return None
    _note_brake(session, invitation, wrong, waits=True)
    return first + _AN_HOUR


def _wrong_lately(session: Session, force_id: UUID, now: datetime) -> tuple[int, datetime | None]:
    """Wrong answers to the invitations of a force that had one in this hour, and since when."""
    wrong, first = session.execute(
        select(func.sum(Invitation.wrong_answers), func.min(Invitation.last_wrong_at)).where(
            Invitation.force_id == force_id, Invitation.last_wrong_at > now - _AN_HOUR
        )
    ).one()
    return wrong or 0, first


def _note_brake(session: Session, invitation: Invitation, wrong: int, *, waits: bool) -> None:
    """For operators: somebody may be guessing."""
    log.warning("invitations.brake", force_id=str(invitation.force_id), wrong_answers=wrong)
    audit.record(
        session,
        Action.INVITATION_BRAKE,
        ANONYMOUS,
        force_id=invitation.force_id,
        subject_id=invitation.id,
        wrong_answers=wrong,
        waits=waits,
    )


def count_wrong_answer(session: Session, invitation: Invitation, now: datetime) -> int:
    """Count one; the number of tries that are left."""
    session.refresh(invitation, with_for_update={"of": Invitation})
    invitation.wrong_answers += 1
    invitation.last_wrong_at = now
    session.flush()
    audit.record(
        session,
        Action.INVITATION_WRONG_ANSWER,
        ANONYMOUS,
        force_id=invitation.force_id,
        case_id=invitation.case_id,
        subject_id=invitation.id,
        wrong_answers=invitation.wrong_answers,
    )
    wrong, _first = _wrong_lately(session, invitation.force_id, now)
    if wrong >= WRONG_ANSWERS_OF_A_FORCE:
        _note_brake(session, invitation, wrong, waits=False)
    return max(0, WRONG_ANSWERS_ALLOWED - invitation.wrong_answers)


def refuse(session: Session, invitation: Invitation, now: datetime) -> None:
    """ "This is not me": the invitation is shut, and the officer told that the address is wrong."""
    lock_invitation(session, invitation)
    if invitation.used_at is not None or invitation.revoked_at is not None:
        return
    invitation.revoked_at = now
    invitation.case.invitation_state = InvitationState.ADDRESS_WRONG.value
    open_task(session, invitation.case, TaskKind.ADDRESS_WRONG, now, subject_id=invitation.id)
    audit.record(
        session,
        Action.INVITATION_REFUSED,
        ANONYMOUS,
        force_id=invitation.force_id,
        case_id=invitation.case_id,
        subject_id=invitation.id,
    )


def wanted_invitations(session: Session, force: Force, now: datetime) -> list[UUID]:
    """The next cases that want an automatic invitation and may have one now.

    They are locked: what another worker is inviting just now is left out.
    """
    if force.settings.invitations != AUTOMATIC:
        return []
    wanted = (
        select(Case.id)
        .where(Case.force_id == force.id, Case.invitation_state == InvitationState.WANTED.value)
        .order_by(Case.id)
        .limit(_STEP)
        .with_for_update(of=Case, key_share=True, skip_locked=True)
    )
    if force.settings.require_active_officer:
        wanted = wanted.join(Officer, Officer.id == Case.officer_id).where(
            Officer.last_signed_in_at >= now - OFFICER_IS_ACTIVE_FOR
        )
    return list(session.scalars(wanted))


def left_today(session: Session, force: Force, now: datetime) -> int:
    """How many automatic invitations the force's daily limit still allows (London days).

    One worker at a time may ask for a force, until its transaction ends: two that count at once
    would each use up what is left.
    """
    session.scalar(select(Force.id).where(Force.id == force.id).with_for_update(key_share=True))
    midnight = now.astimezone(_LONDON).replace(hour=0, minute=0, second=0, microsecond=0)
    made = session.scalar(
        select(func.count())
        .select_from(Invitation)
        .where(
            Invitation.force_id == force.id,
            Invitation.made_at >= midnight,
            Invitation.made_by_id.is_(None),
        )
    )
    return max(0, force.settings.invitations_per_day - (made or 0))


def ask_a_person(session: Session, case: Case, now: datetime) -> None:
    """Over the daily limit: a person decides about this invitation."""
    case.invitation_state = InvitationState.ASKED_A_PERSON.value
    open_task(session, case, TaskKind.INVITATION_LIMIT, now)
