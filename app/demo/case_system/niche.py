"""Profile `niche` as a case system speaks it."""

from __future__ import annotations

import socket
import time

from flask import Blueprint, Response, abort, g, jsonify, request

from app.demo.case_system.entries import Put
from app.demo.case_system.faults import CUT_AFTER, CUT_BEFORE, HANG, NONSENSE, SLOW
from app.demo.case_system.holdings import demand_token, holdings, told_object
from app.demo.case_system.references import readable

TEXT_LIMIT = 4000
_USUAL_PAGE = 100
_LONGEST_PAGE = 500

blueprint = Blueprint("niche", __name__)


@blueprint.before_request
def fail_as_told() -> Response | None:
    """Answers in place of the call when a fault strikes; a cut after the effect waits for it."""
    demand_token()
    fault = holdings().faults.strike(
        readable(request.path), feed=request.endpoint == "niche.changes"
    )
    if fault is None:
        return None
    if fault.status is not None:
        answer = jsonify(error="told to fail")
        answer.status_code = fault.status
        if fault.retry_after is not None:
            answer.headers["Retry-After"] = fault.retry_after
        return answer
    if fault.fault in {HANG, SLOW}:
        time.sleep(fault.hang_seconds)
    if fault.fault in {HANG, CUT_BEFORE}:
        _drop_connection()
        return Response(status=500)
    if fault.fault == NONSENSE:
        return Response("<!doctype html><title>Welcome to the gateway</title>", status=200)
    g.is_cut_after = fault.fault == CUT_AFTER
    return None


@blueprint.after_request
def cut_after_effect(answer: Response) -> Response:
    if g.get("is_cut_after", False):
        _drop_connection()
    return answer


@blueprint.put("/occurrences/<segment:reference>/entries/<segment:external_id>")
def put_entry(reference: str, external_id: str) -> tuple[Response, int]:
    kept = holdings()
    entry = told_object()
    text = entry.get("text")
    if kept.cases.get(reference) is None:
        abort(404, "no such case")
    if not isinstance(text, str):
        abort(422, "an entry needs a text")
    if len(text) > TEXT_LIMIT:
        abort(413, f"a text may have {TEXT_LIMIT} characters")
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
    limit = request.args.get("limit", _USUAL_PAGE, type=int)
    return max(1, min(limit, _LONGEST_PAGE))


def _drop_connection() -> None:
    """Whatever is answered after this, nobody receives it."""
    line = request.environ.get("werkzeug.socket")
    if isinstance(line, socket.socket):
        line.shutdown(socket.SHUT_RDWR)
