"""Joining a case, and the end of that when it turns out to be somebody else's."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actions import add_victim_address, close_victim
from app.accounts.models import Victim
from app.accounts.queries import PERSON, address_of_victim
from app.audit import actions as audit
from app.audit.vocabulary import WORKER, Action, Actor
from app.cases.channels import safe_addresses
from app.cases.facts import CaseFacts, VictimFacts
from app.cases.indexes import CaseIndexes, name_and_birth_date
from app.cases.invitations import is_answerable
from app.cases.models import Case, Enrolment, Invitation, TaskKind
from app.cases.queries import enrolment_of, facts_of
from app.cases.references import normalise_reference
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
    session.refresh(invitation.case, with_for_update={"of": Case})
    session.refresh(invitation, with_for_update={"of": Invitation})
    case = invitation.case
    facts = facts_of(case)
    if facts is None or not is_answerable(session, invitation, now):
        raise InvitationIsShut
    if enrolment_of(session, case.id) is not None:
        raise InvitationIsShut
    victim = _account_for(session, case, facts, signed_in, now)
    invitation.used_at = now
    case.invitation_state = "joined"
    session.add(
        Enrolment(
            case_id=case.id,
            victim_id=victim.id,
            identity_index=CaseIndexes(keyring_of(session), case.force_id).identity(facts).first,
            joined_at=now,
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


def _account_for(
    session: Session, case: Case, facts: CaseFacts, signed_in: Victim | None, now: datetime
) -> Victim:
    values = name_and_birth_date(facts.victim)
    if values is None:
        raise InvitationIsShut
    same_person = keyring_of(session).indexes(PERSON, *values)
    if signed_in is not None and signed_in.person_index in same_person:
        return signed_in
    addresses = safe_addresses(session, case, facts)
    free = {}
    for channel, address in addresses.items():
        known = address_of_victim(session, address)
        if known is None:
            free[channel] = address
        elif known.victim.person_index in same_person:
            raise SignInFirst
    # An address of somebody else's account (couples share them) joins nothing.
    if not free:
        raise InvitationIsShut
    victim = _new_victim(session, facts.victim, values, now)
    for channel, address in free.items():
        add_victim_address(session, victim, channel.value, address)
    return victim


def _new_victim(
    session: Session, told: VictimFacts, values: tuple[str, str], now: datetime
) -> Victim:
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
    return victim


def end_enrolment(session: Session, case: Case, enrolment: Enrolment, now: datetime) -> None:
    """The case is another person's now: the old one's access ends at once.

    A person of the force finds out whose it is; the next one starts an empty conversation.
    """
    enrolment.ended_at = now
    case.invitation_state = "none"
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
