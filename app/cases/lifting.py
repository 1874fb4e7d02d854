"""A supervisor lifts a safeguarding hold. The feed never does, and nobody is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from app.accounts.viewers import OfficerViewer
from app.audit import actions as audit
from app.audit.vocabulary import Action
from app.cases.access import why_not_open
from app.cases.eligibility import note_danger, reassess
from app.cases.hold import cases_of_person
from app.cases.models import Case, ReasonFor
from app.cases.queries import enrolment_of, facts_of, locked_cases, standing_of
from app.cases.reasons import keep_reason
from app.forces.queries import feed_of_record


class StillNotEligible(Exception):
    """The hold stays. `why` is the code of what stands against this case, or `another-case` where
    it stands against another case of the same person in this force."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def lift_hold(
    session: Session, case: Case, viewer: OfficerViewer, reason: str, now: datetime
) -> None:
    """Open a held case again, if nothing stands against it any more. Repeatable.

    A hold is for all of a person's cases, each is lifted by itself, and none while another case
    that the person joined in this force is not eligible: its next report would close all again.

    Raises:
        StillNotEligible: the hold stays, and the try is on the audit record.
    """
    # In everybody's order, before anything is decided: see `hold.place_hold`.
    locked = locked_cases(session, {case.id, *cases_of_person(session, case)})
    if case.held_at is None:
        return
    ours = [each for each in locked if each.force_id == case.force_id]
    _decide_again(session, ours, now)
    reason_id = keep_reason(session, case, viewer, ReasonFor.LIFTING_A_HOLD, reason, now)
    why = _what_stands_against(session, case, ours, now)
    if why is None:
        case.held_at = None
    audit.record(
        session,
        Action.HOLD_LIFTED if why is None else Action.HOLD_KEPT,
        viewer.actor,
        force_id=case.force_id,
        case_id=case.id,
        subject_id=reason_id,
        **({} if why is None else {"reason": why}),
    )
    session.flush()
    if why is not None:
        raise StillNotEligible(why)


def _decide_again(session: Session, cases: Sequence[Case], now: datetime) -> None:
    """What the feed last said, judged by today: a danger may have ended since, or a day passed."""
    known = [(case, facts) for case in cases if (facts := facts_of(case)) is not None]
    for case, facts in known:
        note_danger(case, facts, case.force.settings)
    session.flush()
    for case, facts in known:
        reassess(session, case, facts, now)
    session.flush()


def _what_stands_against(
    session: Session, case: Case, cases: Sequence[Case], now: datetime
) -> str | None:
    standing = standing_of(case, feed_of_record(session, case.force), case.force)
    own = why_not_open(replace(standing, held_at=None), now)
    if own is not None:
        return own
    others = (each for each in cases if each.id != case.id and each.reason is not None)
    is_joined = any(enrolment_of(session, each.id) is not None for each in others)
    return "another-case" if is_joined else None
