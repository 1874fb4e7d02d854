"""Noticing a risk field that never varies: somebody filled in what their system does not know.

A constant looks like an answer and lets people in who should not be. Counted as cases are first
told, one row for each field; repeats of a case are not counted.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.forces.models import Force
from app.sync.models import RiskFieldRun
from app.sync.port import Case

log = structlog.get_logger(__name__)

RISK_FIELDS = (
    "domesticAbuse",
    "flags",
    "riskAssessedAt",
    "victim.safeToContact",
    "victim.linkedToSuspect",
    "victim.contactShared.email",
    "victim.contactShared.mobile",
)

ALARM_AFTER = 500
"""Cases in a row with the same value."""


def count_risk_fields(session: Session, force: Force, system: str, cases: Iterable[Case]) -> None:
    """Count what was told of cases not known before. The caller holds the feed's lock."""
    cases = list(cases)
    if not cases:
        return
    runs = {
        run.field: run
        for run in session.scalars(
            select(RiskFieldRun).where(
                RiskFieldRun.force_id == force.id, RiskFieldRun.system == system
            )
        )
    }
    for field in RISK_FIELDS:
        run = runs.get(field)
        if run is None:
            run = RiskFieldRun(force_id=force.id, system=system, field=field, value="", cases=0)
            session.add(run)
        before = run.cases
        for case in cases:
            value = value_of(case, field)
            run.cases = run.cases + 1 if value == run.value else 1
            run.value = value
        if run.cases >= ALARM_AFTER and not ALARM_AFTER <= before < run.cases:
            log.warning("risk field never varies", force=force.slug, field=field, value=run.value)


def constant_fields(session: Session) -> Sequence[RiskFieldRun]:
    """The fields whose last 500 cases or more all said the same."""
    return session.scalars(
        select(RiskFieldRun)
        .where(RiskFieldRun.cases >= ALARM_AFTER)
        .order_by(RiskFieldRun.force_id, RiskFieldRun.field)
    ).all()


def value_of(case: Case, field: str) -> str:
    """What a case says in a risk field: true, false, null and [] as they are, else a
    fingerprint."""
    value: object = case
    for key in field.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    if value is None or value is True or value is False or value == []:
        return json.dumps(value)
    text = json.dumps(value, sort_keys=True)
    return "#" + hashlib.sha256(text.encode()).hexdigest()[:12]
