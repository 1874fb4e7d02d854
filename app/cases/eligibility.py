"""Deciding again whether a case is open, and closing the door where it is not."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import actions as audit
from app.audit.vocabulary import WORKER, Action
from app.cases.channels import taken_channels
from app.cases.facts import CaseFacts
from app.cases.hold import place_hold
from app.cases.indexes import CaseIndexes
from app.cases.invitations import revoke_invitations
from app.cases.models import Case
from app.cases.queries import (
    cases_of_same_person,
    enrolment_of,
    facts_of,
    outstanding_invitation,
)
from app.cases.rules import RISK_ASSESSMENT_LASTS, Channel, reason_against
from app.database import keyring_of
from app.notifications.actions import cancel_for_case


def reassess(session: Session, case: Case, facts: CaseFacts, now: datetime) -> None:
    """Decide a case's eligibility from its facts and from what else is known of the person.

    A joined case that is no longer eligible goes on hold; one that nobody joined is closed, and
    what was known of it forgotten.
    """
    enrolment = enrolment_of(session, case.id)
    used = frozenset(
        Channel(address.channel) for address in (enrolment.victim.addresses if enrolment else ())
    )
    reason = reason_against(
        facts,
        case.force.settings,
        danger_elsewhere=_danger_elsewhere(session, case, facts, now),
        taken=taken_channels(session, case, facts),
        used=used,
        now=now,
    )
    was_open = case.reason is None and case.open_until is not None
    case.reason = reason.value if reason else None
    if reason is None and facts.risk_assessed_at is not None:
        case.open_until = facts.risk_assessed_at + RISK_ASSESSMENT_LASTS
    else:
        case.open_until = None
    if reason is None:
        if enrolment is None:
            _revoke_if_address_changed(session, case, facts, now)
        return
    if enrolment is not None:
        place_hold(session, enrolment.victim_id, reason.value, now)
        return
    revoke_invitations(session, case, now)
    cancel_for_case(session, case.id)
    if was_open:
        audit.record(
            session,
            Action.CASE_CLOSED_TO_VICTIM,
            WORKER,
            force_id=case.force_id,
            case_id=case.id,
            reason=reason.value,
        )
    _forget(case)


def _revoke_if_address_changed(
    session: Session, case: Case, facts: CaseFacts, now: datetime
) -> None:
    """An invitation that went to an address which is no longer the victim's must not let in."""
    invitation = outstanding_invitation(session, case.id, now)
    if invitation is None:
        return
    indexes = CaseIndexes(keyring_of(session), case.force_id).addresses(facts.victim)
    if not any(invitation.address_index in lookup.all for lookup in indexes.values()):
        revoke_invitations(session, case, now)
        cancel_for_case(session, case.id)


def _danger_elsewhere(session: Session, case: Case, facts: CaseFacts, now: datetime) -> bool:
    indexes = CaseIndexes(keyring_of(session), case.force_id)
    return any(
        other.is_danger and (other.danger_until is None or other.danger_until > now)
        for other in cases_of_same_person(
            session,
            case.force_id,
            indexes.victim(facts.victim),
            indexes.person(facts.victim),
            but=case.id,
        )
    )


def _forget(case: Case) -> None:
    """Keep hashes and the reason only."""
    case.facts_text = None
    case.wrapped_key = None
    case.status = None
    case.released_status = None
    case.officer_id = None
    case.invitation_state = "none"


def reassess_force(session: Session, force_id: UUID, now: datetime) -> int:
    """Decide again every case of a force of which facts are kept; how many that were.

    For after a change of the force's settings.
    """
    count = 0
    for case in session.scalars(
        select(Case).where(Case.force_id == force_id, Case.wrapped_key.is_not(None))
    ):
        facts = facts_of(case)
        if facts is not None:
            reassess(session, case, facts, now)
            count += 1
    return count
