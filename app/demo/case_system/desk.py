"""The demo's own controls, which no real case system has: its cases, entries and faults."""

from __future__ import annotations

import ipaddress

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.demo.case_system.faults import Fault, FaultIsUnknown
from app.demo.case_system.holdings import demand_token, holdings, told_object

_ON_THE_PAGE = 200
_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1"})
_STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; color: #1d1d1f; max-width: 70rem; margin: 0 auto;
  padding: 1rem; }
table { border-collapse: collapse; width: 100%; margin-bottom: 2rem; }
caption { text-align: left; font-size: 1.25rem; font-weight: 600; padding: .5rem 0; }
th, td { text-align: left; vertical-align: top; border-bottom: 1px solid #b1b4b6;
  padding: .4rem .8rem .4rem 0; }
.text { white-space: pre-wrap; overflow-wrap: anywhere; min-width: 15rem; }
.scroll { overflow-x: auto; }
"""

blueprint = Blueprint("desk", __name__)


@blueprint.get("/")
def start() -> AnyResponse:
    return redirect(url_for("desk.page"), 303)


@blueprint.get("/demo/")
def page() -> Response:
    """What stands on the records, for a person trying the demo on this machine."""
    if not _asks_from_here():
        demand_token()
    kept = holdings()
    html = render_template(
        "demo/case_system.html",
        entries=kept.entries.newest(_ON_THE_PAGE),
        cases=kept.cases.newest(_ON_THE_PAGE),
        shown_at_most=_ON_THE_PAGE,
        stylesheet=url_for("desk.style"),
    )
    return Response(
        html, headers={"Content-Security-Policy": "default-src 'none'; style-src 'self'"}
    )


@blueprint.get("/demo/style.css")
def style() -> Response:
    return Response(_STYLE, mimetype="text/css")


@blueprint.put("/demo/cases/<segment:reference>")
def put_case(reference: str) -> tuple[Response, int]:
    demand_token()
    case, is_new = holdings().cases.put(reference, told_object())
    return jsonify(case), 201 if is_new else 200


@blueprint.get("/demo/entries")
def entries() -> Response:
    demand_token()
    return jsonify(entries=holdings().entries.all(request.args.get("reference")))


@blueprint.post("/demo/faults")
def faults() -> Response:
    """Switch a fault on beside those that are; `{}` switches all off."""
    demand_token()
    told = told_object()
    switched = holdings().faults
    if not told:
        switched.clear()
        return jsonify(faults=0)
    try:
        switched.add(Fault.from_json(told))
    except FaultIsUnknown as error:
        abort(400, str(error))
    return jsonify(faults=len(switched))


@blueprint.after_request
def keep_private(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _asks_from_here() -> bool:
    """From this machine and by its own name: a page elsewhere can lead a browser to loopback, but
    only under that page's name."""
    if request.host.partition(":")[0] not in _LOCAL_NAMES:
        return False
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False
