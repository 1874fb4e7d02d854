"""What the demo case system keeps, and who may ask for it."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from flask import Flask, abort, current_app, request

from app.demo.case_system.cases import Cases
from app.demo.case_system.entries import Entries
from app.demo.case_system.faults import Faults

USUAL_PAGE = 100
LONGEST_PAGE = 500

_EXTENSION = "case-system"


@dataclass(frozen=True, slots=True)
class Holdings:
    """All that the case system keeps."""

    token: str
    cases: Cases
    entries: Entries
    faults: Faults


def keep(system: Flask, kept: Holdings) -> None:
    """Give an application what it keeps."""
    system.extensions[_EXTENSION] = kept


def holdings() -> Holdings:
    """What the application that answers now keeps."""
    kept: Holdings = current_app.extensions[_EXTENSION]
    return kept


def demand_token() -> None:
    """401 unless the call carries the token."""
    sent = request.headers.get("Authorization", "").encode()
    if not hmac.compare_digest(sent, f"Bearer {holdings().token}".encode()):
        abort(401, "the token is missing or wrong")


def told_object() -> dict[str, object]:
    """The JSON object in the body, else 400."""
    told = request.get_json(force=True, silent=True)
    if not isinstance(told, dict):
        abort(400, "the body is not a JSON object")
    return told


def told_entry(reference: str, text_limit: int) -> dict[str, object]:
    """The entry in the body; 404 for an unknown case, 422 without a text, 413 if it is too long."""
    entry = told_object()
    text = entry.get("text")
    if holdings().cases.get(reference) is None:
        abort(404, "no such case")
    if not isinstance(text, str):
        abort(422, "an entry needs a text")
    if len(text) > text_limit:
        abort(413, f"a text may have {text_limit} characters")
    return entry
