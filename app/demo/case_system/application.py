"""The Flask application of the demo case system, put together."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, jsonify
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from app.demo.case_system import connect, desk, niche
from app.demo.case_system.cases import Cases
from app.demo.case_system.entries import Entries
from app.demo.case_system.faults import Faults
from app.demo.case_system.holdings import Holdings, keep
from app.demo.case_system.references import KeepEscapedSlashes, SegmentConverter

_TEMPLATES = Path(__file__).resolve().parents[3] / "templates"
_PROFILES = {"niche": niche.blueprint, "connect": connect.blueprint}
_LONGEST_BODY = 1024 * 1024


def create_case_system(data_dir: Path, token: str, profile: str) -> Flask:
    """The case system over the files in `data_dir`, which it makes and alone may write.

    Raises ValueError for an unknown profile.
    """
    if profile not in _PROFILES:
        raise ValueError(f"unknown case system profile '{profile}'")
    system = Flask(__name__, template_folder=str(_TEMPLATES), static_folder=None)
    system.config["MAX_CONTENT_LENGTH"] = _LONGEST_BODY
    kept = Holdings(
        token=token,
        cases=Cases(data_dir / "cases.jsonl"),
        entries=Entries(data_dir / "entries.jsonl"),
        faults=Faults(),
    )
    keep(system, kept)
    system.jinja_env.add_extension("jinja2.ext.i18n")
    system.jinja_env.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    system.url_map.converters["segment"] = SegmentConverter
    system.url_map.merge_slashes = False
    system.register_blueprint(_PROFILES[profile])
    system.register_blueprint(desk.blueprint)
    system.register_error_handler(HTTPException, _answer_error)
    system.wsgi_app = KeepEscapedSlashes(system.wsgi_app)  # type: ignore[method-assign]
    return system


def _answer_error(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:
        return error.get_response()
    answer = jsonify(error=error.description)
    answer.status_code = error.code
    return answer
