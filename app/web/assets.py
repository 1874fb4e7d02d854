"""Built style, script and icon files: their addresses, and how they are served."""

from __future__ import annotations

import json
from pathlib import Path
from wsgiref.headers import Headers

from flask import Flask, current_app
from whitenoise import WhiteNoise

PROJECT = Path(__file__).resolve().parents[2]
PREFIX = "/static/"
HASHED = r"^/static/.+-[0-9A-Z]{8}\.[a-z0-9]+$"


class FilesAreNotBuilt(RuntimeError):
    """There is no manifest: ``npm run build`` has not run."""


def init_app(app: Flask) -> None:
    """Offer ``asset(name)`` to templates."""
    app.config.setdefault("STATIC_BUILD_DIR", str(PROJECT / "static" / "build"))
    app.jinja_env.globals["asset"] = asset


def asset(name: str) -> str:
    """Return the address of a built file by its plain name, such as ``app.css``.

    Raises FilesAreNotBuilt without a build, KeyError for a name that the build did not make.
    """
    return PREFIX + _names()[name]


def source(name: str) -> str:
    """Return what stands in a built file. Raises as `asset` does."""
    path = Path(current_app.config["STATIC_BUILD_DIR"]) / _names()[name]
    return path.read_text(encoding="utf-8")


def _names() -> dict[str, str]:
    names: dict[str, str] | None = current_app.extensions.get("asset-names")
    if names is None:
        names = read_manifest(Path(current_app.config["STATIC_BUILD_DIR"]))
        current_app.extensions["asset-names"] = names
    return names


def read_manifest(folder: Path) -> dict[str, str]:
    """Return plain name -> hashed file name, as the build wrote it."""
    path = folder / "manifest.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise FilesAreNotBuilt(f"{path} is missing: run npm run build") from None
    return {str(name): str(file) for name, file in found.items()}


def wrap_static(app: Flask) -> None:
    """Serve the built files in front of the application, pre-compressed, for a year."""
    folder = app.config["STATIC_BUILD_DIR"]
    Path(folder).mkdir(parents=True, exist_ok=True)
    files = WhiteNoise(
        app.wsgi_app,
        root=folder,
        prefix=PREFIX,
        max_age=0,
        allow_all_origins=False,
        immutable_file_test=HASHED,
        add_headers_function=_protect,
    )
    app.wsgi_app = files  # type: ignore[method-assign]


def _protect(headers: Headers, _path: str, _url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
