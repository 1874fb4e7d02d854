"""Profile `niche` as a case system speaks it."""

from __future__ import annotations

from flask import Blueprint, Response, abort, jsonify, request

from app.demo.case_system.entries import Put
from app.demo.case_system.failing import cut_after_effect, fail_as_told, lets_in_later
from app.demo.case_system.holdings import (
    LONGEST_PAGE,
    USUAL_PAGE,
    demand_token,
    holdings,
    told_entry,
)

TEXT_LIMIT = 4000

blueprint = Blueprint("niche", __name__)


@blueprint.before_request
def before() -> Response | None:
    demand_token()
    return fail_as_told(is_feed=request.endpoint == "niche.changes")


blueprint.after_request(cut_after_effect)


@blueprint.put("/occurrences/<segment:reference>/entries/<segment:external_id>")
def put_entry(reference: str, external_id: str) -> tuple[Response, int]:
    kept = holdings()
    entry = told_entry(reference, TEXT_LIMIT)
    if lets_in_later(lambda: kept.entries.put(reference, external_id, entry)):
        return jsonify(), 202
    outcome, line = kept.entries.put(reference, external_id, entry)
    if outcome is Put.OTHER_CONTENT:
        abort(409, "this id is there with other content")
    receipt = jsonify(entryId=line["entryId"], recordedAt=line["recordedAt"])
    return receipt, 201 if outcome is Put.CREATED else 200


@blueprint.get("/occurrences/<segment:reference>/entries/<segment:external_id>")
def entry(reference: str, external_id: str) -> Response:
    line = holdings().entries.get(reference, external_id)
    if line is None:
        abort(404, "no such entry")
    return jsonify(line)


@blueprint.get("/occurrences/<segment:reference>/entries")
def entries(reference: str) -> Response:
    kept = holdings()
    if kept.cases.get(reference) is None:
        abort(404, "no such case")
    page = kept.entries.page(reference, _place("E"), _limit())
    return jsonify(entries=page.entries, next=f"E{page.next}", more=page.more)


@blueprint.get("/occurrences/<segment:reference>")
def case(reference: str) -> Response:
    found = holdings().cases.get(reference)
    if found is None:
        abort(404, "no such case")
    return jsonify(found)


@blueprint.get("/changes")
def changes() -> Response:
    page = holdings().cases.changes(_place("C"), _limit())
    return jsonify(cases=page.cases, next=f"C{page.next}", more=page.more)


def _place(mark: str) -> int:
    cursor = request.args.get("cursor")
    if cursor is None:
        return 0
    place = cursor.removeprefix(mark)
    if place == cursor or not (place.isascii() and place.isdigit()):
        abort(400, "no such cursor")
    return int(place)


def _limit() -> int:
    limit = request.args.get("limit", USUAL_PAGE, type=int)
    return max(1, min(limit, LONGEST_PAGE))
