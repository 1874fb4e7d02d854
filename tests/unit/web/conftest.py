"""A small application with only what pages need: no database, no accounts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_wtf import CSRFProtect

from app import web

NAMES = ("app.css", "app.js", "conversation.js", "icon.svg")


@pytest.fixture
def build_dir(tmp_path: Path) -> Path:
    """What a build leaves behind, with one style sheet that is also compressed."""
    folder = tmp_path / "build"
    folder.mkdir()
    hashed = {name: name.replace(".", "-0A1B2C3D.") for name in NAMES}
    for file in hashed.values():
        (folder / file).write_text("body{}" * 9, encoding="utf-8")
    (folder / f"{hashed['app.css']}.br").write_bytes(b"as brotli")
    (folder / "manifest.json").write_text(json.dumps(hashed), encoding="utf-8")
    return folder


@pytest.fixture
def app(build_dir: Path, tmp_path: Path) -> Flask:
    app = Flask("pages", static_folder=None)
    app.config.update(
        SECRET_KEY="only for these tests, and long enough",
        STATIC_BUILD_DIR=str(build_dir),
        TRANSLATIONS_DIR=str(tmp_path / "translations"),
    )
    CSRFProtect(app)
    web.init_app(app)
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
