"""Deciding again whether a case is open, and closing the door where it is not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Victim
from app.audit import actions as audit
from app.audit.vocabulary import WORKER, Action
from app.cases.channels import taken_channels
from app.cases.facts import CaseFacts, facts_to_json
from app.cases.hold import place_hold
from app.cases.indexes import CaseIndexes, addresses_on
from app.cases.invitations import revoke_if_meant_for_another, revoke_invitations
from app.cases.models import Case, InvitationState, TaskKind
from app.cases.queries import enrolment_of, facts_of, is_danger_elsewhere, locked_cases
from app.cases.rules import (
    RISK_ASSESSMENT_LASTS,
    Channel,
    Reason,
    danger_ends_at,
    is_danger,
    reason_against,
)
from app.cases.tasks import open_task
from app.database import Database, keyring_of
from app.forces.settings import ForceSettings
from app.notifications.actions import cancel_for_case

_BATCH: Final = 100


def reassess(session: Session, case: Case, facts: CaseFacts, now: datetime) -> None:
    """Decide a case's eligibility from its facts and from what else is known of the person.

    A joined case that is no longer eligible goes on hold; one that nobody joined is closed.
    Facts of a case that is neither eligible nor joined are never written, and forgotten where
    they were. The case's row is locked by the caller.
    """
    enrolment = enrolment_of(session, case.id)
    victim = enrolment.victim if enrolment else None
    in_use = addresses_in_use(victim)
    reason = _reason(session, case, facts, in_use, now)
    was_open = case.reason is None and case.open_until is not None
    case.reason = reason.value if reason else None
    case.open_until = None
    if reason is None and facts.risk_assessed_at is not None:
        case.open_until = facts.risk_assessed_at + RISK_ASSESSMENT_LASTS
    if victim is not None:
        before = facts_of(case)
        _keep(session, case, facts)
        _ask_about_new_address(session, case, before, in_use, now)
        if reason is not None:
            place_hold(session, case, facts, victim.id, now)
    elif reason is None:
        revoke_if_meant_for_another(session, case, facts, now)
        _keep(session, case, facts)
    else:
        _close(session, case, now, was_open=was_open)


def addresses_in_use(victim: Victim | None) -> dict[Channel, str]:
    """The sign-in addresses of a victim, normalised; none of nobody."""
    found = {}
    for address in victim.addresses if victim else ():
        value = address.value
        if value is not None:
            found[Channel(address.channel)] = value
    return found


def _reason(
    session: Session, case: Case, facts: CaseFacts, in_use: dict[Channel, str], now: datetime
) -> Reason | None:
    indexes = CaseIndexes(keyring_of(session), case.force_id)
    return reason_against(
        facts,
        case.force.settings,
        danger_elsewhere=is_danger_elsewhere(
            session,
            case.force_id,
            indexes.victim(facts.victim),
            indexes.person(facts.victim),
            but=case.id,
            now=now,
        ),
        taken=taken_channels(session, case, facts, in_use),
        used=frozenset(in_use),
        now=now,
    )


def _ask_about_new_address(
    session: Session,
    case: Case,
    before: CaseFacts | None,
    in_use: dict[Channel, str],
    now: datetime,
) -> None:
    """An address that the feed changes never comes into use by itself: the officer asks, once for
    each change. `before` is what the feed said last time."""
    facts = facts_of(case)
    told = addresses_on(facts.victim) if facts else {}
    told_before = addresses_on(before.victim) if before else {}
    for channel, address in in_use.items():
        if channel in told and told[channel] != address:
            is_same = told_before.get(channel) == told[channel]
            open_task(session, case, TaskKind.ADDRESS_CHANGED, now, is_once=is_same)


def _close(session: Session, case: Case, now: datetime, *, was_open: bool) -> None:
    revoke_invitations(session, case, now)
    cancel_for_case(session, case.id)
    if was_open:
        audit.record(
            session,
            Action.CASE_CLOSED_TO_VICTIM,
            WORKER,
            force_id=case.force_id,
            case_id=case.id,
            reason=case.reason,
        )
    _forget(case)


def _keep(session: Session, case: Case, facts: CaseFacts) -> None:
    if case.wrapped_key is None:
        case.make_key(session)
    text = json.dumps(facts_to_json(facts))
    if case.facts_text != text:
        case.facts_text = text
    case.status = facts.status


def _forget(case: Case) -> None:
    """Keep hashes and the reason only."""
    case.facts_text = None
    case.wrapped_key = None
    case.status = None
    case.released_status = None
    case.officer_id = None
    if case.invitation_state == InvitationState.WANTED:
        case.invitation_state = InvitationState.NONE.value


def note_danger(case: Case, facts: CaseFacts, settings: ForceSettings) -> None:
    """Note whether this case bars the person's other cases, and until when."""
    case.is_danger = is_danger(facts, settings)
    case.danger_until = danger_ends_at(facts) if case.is_danger else None


def reassess_force(database: Database, force_id: UUID, now: datetime) -> None:
    """Decide again every case of a force of which facts are kept: its settings have changed.

    In batches of a transaction each, so that nobody waits for all of them; after a crash the
    re-read of the feed decides the rest. Dangers come first, since they bar other cases too.
    """

    def decide_danger(_session: Session, case: Case, facts: CaseFacts) -> None:
        note_danger(case, facts, case.force.settings)

    def decide(session: Session, case: Case, facts: CaseFacts) -> None:
        reassess(session, case, facts, now)

    for step in (decide_danger, decide):
        after: UUID | None = None
        while True:
            with database.writing() as session:
                cases = _kept_after(session, force_id, after)
                for case in cases:
                    facts = facts_of(case)
                    if facts is not None:
                        step(session, case, facts)
            if not cases:
                break
            after = cases[-1].id


def _kept_after(session: Session, force_id: UUID, after: UUID | None) -> Sequence[Case]:
    ids = (
        select(Case.id)
        .where(Case.force_id == force_id, Case.wrapped_key.is_not(None))
        .order_by(Case.id)
        .limit(_BATCH)
    )
    if after is not None:
        ids = ids.where(Case.id > after)
    return locked_cases(session, session.scalars(ids))
