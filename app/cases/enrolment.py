"""Joining a case, and the end of that when it turns out to be somebody else's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.actions import add_victim_address, close_victim
from app.accounts.models import Victim
from app.accounts.queries import PERSON, address_of_victim
from app.audit import actions as audit
from app.audit.vocabulary import WORKER, Action, Actor
from app.cases.channels import safe_addresses
from app.cases.facts import CaseFacts, VictimFacts
from app.cases.indexes import CaseIndexes, name_and_birth_date
from app.cases.invitations import is_answerable, lock_invitation
from app.cases.models import Case, Enrolment, Invitation, InvitationState, TaskKind
from app.cases.queries import enrolment_of, facts_of
from app.cases.references import normalise_reference
from app.cases.rules import Channel
from app.cases.tasks import open_task
from app.database import add_sealed, keyring_of
from app.notifications.actions import cancel_for_case


class InvitationIsShut(Exception):
    """Used, revoked, run out, answered wrongly too often, or the case is no longer open."""


class SignInFirst(Exception):
    """This person has an account: a further case is joined while signed in to it."""


def answers_match(facts: CaseFacts, reference: str, birth_date: date | None) -> bool:
    """Whether somebody knows the case's reference (as people type it) and the birth date."""
    knows_reference = normalise_reference(reference) == normalise_reference(facts.reference)
    return knows_reference and birth_date is not None and birth_date == facts.victim.date_of_birth


def join(
    session: Session, invitation: Invitation, signed_in: Victim | None, now: datetime
) -> Victim:
    """Use an invitation, rightly answered, up: its person joins its case.

    `signed_in` is the account in whose session it was answered; it joins only if name and birth
    date are its own, else a new account is made. The caller starts the session.

    Raises:
        InvitationIsShut: nothing was joined.
        SignInFirst: nothing was joined; the invitation can be answered again after signing in.
    """
    lock_invitation(session, invitation)
    case = invitation.case
    facts = facts_of(case)
    if facts is None or not is_answerable(session, invitation, now):
        raise InvitationIsShut
    if enrolment_of(session, case.id) is not None:
        raise InvitationIsShut
    identity = CaseIndexes(keyring_of(session), case.force_id).identity(facts)
    if identity is None:
        raise InvitationIsShut
    victim = _account_for(session, case, facts, signed_in, now)
    invitation.used_at = now
    case.invitation_state = InvitationState.JOINED.value
    session.add(
        Enrolment(
            case_id=case.id,
            victim_id=victim.id,
            identity_index=identity.first,
            joined_at=now,
            look_at=now,
        )
    )
    cancel_for_case(session, case.id)
    audit.record(
        session,
        Action.VICTIM_JOINED,
        Actor("victim", victim.id),
        force_id=case.force_id,
        case_id=case.id,
        subject_id=invitation.id,
    )
    session.flush()
    return victim


def is_same_person(session: Session, victim: Victim, told: VictimFacts) -> bool:
    """Whether an account is that of the person whom a case names: same name and birth date."""
    values = name_and_birth_date(told)
    return values is not None and victim.person_index in keyring_of(session).indexes(
        PERSON, *values
    )


def _account_for(
    session: Session, case: Case, facts: CaseFacts, signed_in: Victim | None, now: datetime
) -> Victim:
    if signed_in is not None and is_same_person(session, signed_in, facts.victim):
        _check_may_join_more(session, signed_in)
        return signed_in
    free = _free_addresses(session, case, facts)
    try:
        with session.begin_nested():
            return _new_victim(session, facts.victim, free, now)
    except IntegrityError:
        # Somebody else joined with one of these addresses at this very moment.
        free = _free_addresses(session, case, facts)
        return _new_victim(session, facts.victim, free, now)


def _check_may_join_more(session: Session, victim: Victim) -> None:
    """A hold is for all cases of the person, and for those that they might join meanwhile."""
    # A hold locks the account too, after its cases: it comes before this joining or sees it.
    session.refresh(victim, with_for_update={"of": Victim, "key_share": True})
    held = session.scalar(
        select(Case.id)
        .join(Enrolment, Enrolment.case_id == Case.id)
        .where(
            Enrolment.victim_id == victim.id,
            Enrolment.ended_at.is_(None),
            Case.held_at.is_not(None),
        )
        .limit(1)
    )
    if victim.closed_at is not None or held is not None:
        raise InvitationIsShut


def _free_addresses(session: Session, case: Case, facts: CaseFacts) -> dict[Channel, str]:
    """The case's safe addresses that nobody signs in with yet."""
    free = {}
    for channel, address in safe_addresses(session, case, facts).items():
        known = address_of_victim(session, address)
        if known is None:
            free[channel] = address
        elif is_same_person(session, known.victim, facts.victim):
            raise SignInFirst
    # An address of somebody else's account (couples share them) joins nothing.
    if not free:
        raise InvitationIsShut
    return free


def _new_victim(
    session: Session, told: VictimFacts, addresses: Mapping[Channel, str], now: datetime
) -> Victim:
    values = name_and_birth_date(told)
    if values is None:
        raise InvitationIsShut
    victim = add_sealed(
        session,
        Victim(
            joined_at=now,
            person_index=keyring_of(session).index(PERSON, *values),
            language="cy" if told.language == "cy" else "en",
        ),
    )
    victim.given_name = told.given_name
    victim.family_name = told.family_name
    session.flush()
    for channel, address in addresses.items():
        add_victim_address(session, victim, channel.value, address)
    session.flush()
    return victim


def end_enrolment(session: Session, case: Case, enrolment: Enrolment, now: datetime) -> None:
    """The case is another person's now: the old one's access ends at once.

    A person of the force finds out whose it is; the next one starts an empty conversation.
    """
    enrolment.ended_at = now
    case.invitation_state = InvitationState.IDENTITY_CHANGED.value
    case.released_status = None
    session.flush()
    cancel_for_case(session, case.id)
    open_task(session, case, TaskKind.IDENTITY_CHANGED, now, subject_id=enrolment.id)
    audit.record(
        session,
        Action.IDENTITY_CHANGED,
        WORKER,
        force_id=case.force_id,
        case_id=case.id,
        subject_id=enrolment.victim_id,
    )
    if not _has_other_cases(session, enrolment):
        close_victim(session, enrolment.victim, now)


def _has_other_cases(session: Session, enrolment: Enrolment) -> bool:
    other = session.scalar(
        select(Enrolment.id).where(
            Enrolment.victim_id == enrolment.victim_id, Enrolment.ended_at.is_(None)
        )
    )
    return other is not None
