"""Built files have the addresses that the build gave them, and are served as it made them."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from app import web
from app.web.assets import FilesAreNotBuilt, asset, read_manifest


def test_a_plain_name_leads_to_the_hashed_file(app: Flask) -> None:
    with app.test_request_context():
        assert asset("app.css") == "/static/app-0A1B2C3D.css"


def test_a_name_that_the_build_did_not_make_is_an_error(app: Flask) -> None:
    with app.test_request_context(), pytest.raises(KeyError):
        asset("missing.css")


def test_without_a_build_the_error_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(FilesAreNotBuilt, match="npm run build"):
        read_manifest(tmp_path)


def test_a_built_file_is_served_compressed_and_kept_for_years(app: Flask) -> None:
    web.wrap_static(app)

    with app.test_client().get(
        "/static/app-0A1B2C3D.css", headers={"Accept-Encoding": "br"}
    ) as answer:
        assert answer.headers["Content-Encoding"] == "br"
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.data == b"as brotli"
