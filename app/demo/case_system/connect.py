"""Profile `connect` as a case system speaks it: a log that takes everything, whole seconds only."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Response, abort, jsonify, request

from app.demo.case_system.failing import cut_after_effect, fail_as_told, lets_in_later
from app.demo.case_system.holdings import (
    LONGEST_PAGE,
    USUAL_PAGE,
    demand_token,
    holdings,
    told_entry,
)
from app.demo.case_system.journal import Line
from app.sync.port import Case, from_rfc3339, rfc3339

TEXT_LIMIT = 32_000
_RENAMED = {"entryId": "logId", "recordedAt": "createdAt"}

blueprint = Blueprint("connect", __name__)


@blueprint.before_request
def before() -> Response | None:
    demand_token()
    return fail_as_told(is_feed=request.endpoint == "connect.investigations")


blueprint.after_request(cut_after_effect)


@blueprint.post("/investigations/<segment:reference>/log")
def post_entry(reference: str) -> tuple[Response, int]:
    """Not idempotent: two calls make two entries."""
    kept = holdings()
    entry = told_entry(reference, TEXT_LIMIT)
    if lets_in_later(lambda: kept.entries.add(reference, entry)):
        return jsonify(), 202
    line = kept.entries.add(reference, entry)
    return jsonify(logId=line["entryId"], createdAt=line["recordedAt"]), 201


@blueprint.get("/investigations/<segment:reference>/log")
def log(reference: str) -> Response:
    kept = holdings()
    if kept.cases.get(reference) is None:
        abort(404, "no such case")
    wanted = request.args.get("externalId")
    if wanted is not None:
        found = kept.entries.with_id(reference, wanted)
        return jsonify(entries=[_as_told(line) for line in found], more=False)
    page, size = _page()
    entries = kept.entries.page(reference, (page - 1) * size, size)
    return jsonify(entries=[_as_told(line) for line in entries.entries], more=entries.more)


@blueprint.get("/investigations/<segment:reference>")
def investigation(reference: str) -> Response:
    found = holdings().cases.get(reference)
    if found is None:
        abort(404, "no such case")
    return jsonify(_in_whole_seconds(found))


@blueprint.get("/investigations")
def investigations() -> Response:
    """Changed at `modifiedSince` or later, oldest change first; a second is as fine as it gets."""
    since = _since()
    page, size = _page()
    found = [
        case
        for case in map(_in_whole_seconds, holdings().cases.in_order_of_change())
        if from_rfc3339(str(case["updatedAt"])) >= since
    ]
    start = (page - 1) * size
    return jsonify(cases=found[start : start + size], more=start + size < len(found))


def _as_told(line: Line) -> Line:
    return {_RENAMED.get(key, key): value for key, value in line.items()}


def _in_whole_seconds(case: Case) -> Case:
    changed = from_rfc3339(str(case["updatedAt"])).replace(microsecond=0)
    return {**case, "updatedAt": rfc3339(changed)}


def _since() -> datetime:
    try:
        since = from_rfc3339(request.args.get("modifiedSince", ""))
    except ValueError:
        abort(400, "modifiedSince is not a time")
    if since.microsecond:
        abort(400, "modifiedSince has whole seconds only")
    return since


def _page() -> tuple[int, int]:
    page = request.args.get("page", 1, type=int)
    size = request.args.get("pageSize", USUAL_PAGE, type=int)
    if page < 1 or size < 1:
        abort(400, "pages count from 1 and have an entry at least")
    return page, min(size, LONGEST_PAGE)
