"""Settings and officers for administrators; the audit record and figures for auditors."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from urllib.parse import urlencode

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.accounts.signed_in import officer
from app.audit import actions as audit
from app.audit.vocabulary import Action
from app.cases.access import is_auditor, is_force_admin
from app.forces.models import Force
from app.forces.queries import feed_of_record
from app.oversight import blueprint
from app.oversight.queries import (
    PAGE,
    AuditFilter,
    all_audit_rows,
    audit_rows,
    counts_by_action,
    officers_of_force,
)
from app.oversight.rules import SMALLEST_SHOWN, shown_count
from app.oversight.views import AuditLine, OfficerLine, as_csv, settings_of
from app.oversight.words import action_choices, action_label
from app.web import pages
from app.web.access import Audience, open_to
from app.web.forms import Form
from app.web.times import in_london
from app.web.transactions import db
from app.web.values import read_id, read_number

FIGURES_OF_DAYS = 28


class ExportForm(Form):
    """Only a button: the rows that the page is about, as a file."""


@blueprint.get("/settings")
@open_to(Audience.OFFICER, needs=is_force_admin)
def settings() -> ResponseReturnValue:
    force = db().get_one(Force, officer().force_id)
    feed = feed_of_record(db(), force)
    return pages.render(
        "oversight/settings.html",
        settings=settings_of(force),
        feed_fresh_at=feed.fresh_at if feed else None,
    )


@blueprint.get("/officers")
@open_to(Audience.OFFICER, needs=is_force_admin)
def officers() -> ResponseReturnValue:
    found = officers_of_force(db(), officer(), after=request.args.get("after"))
    more = len(found) > PAGE
    return pages.render(
        "oversight/officers.html",
        officers=[OfficerLine.of(each) for each in found[:PAGE]],
        next_url=url_for("oversight.officers", after=found[PAGE - 1].collar) if more else None,
    )


@blueprint.get("/audit")
@open_to(Audience.OFFICER, needs=is_auditor)
def audit_record() -> ResponseReturnValue:
    wanted = _wanted(request.args)
    before = read_number(request.args.get("before"))
    found = audit_rows(db(), officer(), wanted, before=before)
    asked = _asked(wanted)
    more = {**asked, "before": str(found[PAGE - 1].id)} if len(found) > PAGE else None
    return pages.render(
        "oversight/audit.html",
        lines=[AuditLine.of(row) for row in found[:PAGE]],
        actions=action_choices(),
        asked={"day": "", "action": "", "case": "", **asked},
        next_url=f"{url_for('oversight.audit_record')}?{urlencode(more)}" if more else None,
        form=ExportForm(formdata=None),
    )


@blueprint.post("/audit/export")
@open_to(Audience.OFFICER, needs=is_auditor)
def export_audit() -> ResponseReturnValue:
    """The same rows as a CSV file. That somebody took them is a row of its own."""
    wanted = _wanted(request.form)
    text, count = as_csv(all_audit_rows(db(), officer(), wanted))
    audit.record(
        db(),
        Action.AUDIT_EXPORTED,
        officer().actor,
        rows=count,
        of_day=wanted.day.isoformat() if wanted.day else None,
        of_action=wanted.action,
        of_case=str(wanted.case_id) if wanted.case_id else None,
    )
    response = Response(text, mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return response


@blueprint.get("/figures")
@open_to(Audience.OFFICER, needs=is_auditor)
def figures() -> ResponseReturnValue:
    """How often each kind of thing happened in the last four whole weeks; small counts hidden."""
    first = in_london(clock.now()).date() - timedelta(days=FIGURES_OF_DAYS)
    counts = counts_by_action(db(), officer(), first, FIGURES_OF_DAYS)
    lines = sorted((action_label(action), shown_count(count)) for action, count in counts.items())
    return pages.render(
        "oversight/figures.html",
        lines=lines,
        days=FIGURES_OF_DAYS,
        smallest=SMALLEST_SHOWN,
    )


def _wanted(asked: Mapping[str, str]) -> AuditFilter:
    """What a form asks for; nonsense in a field asks for what no row has, or for nothing."""
    try:
        day = date.fromisoformat(asked.get("day", ""))
    except ValueError:
        day = None
    case = asked.get("case", "").strip()
    return AuditFilter(
        day=day,
        action=asked.get("action", "").strip() or None,
        case_id=read_id(case) if case else None,
    )


def _asked(wanted: AuditFilter) -> dict[str, str]:
    asked = {
        "day": wanted.day.isoformat() if wanted.day else "",
        "action": wanted.action or "",
        "case": str(wanted.case_id) if wanted.case_id else "",
    }
    return {name: value for name, value in asked.items() if value}
