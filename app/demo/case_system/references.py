"""References in paths: they may hold a slash, which WSGI servers unescape before routing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from werkzeug.routing import UnicodeConverter

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_STAND_IN = "\x1f"


class KeepEscapedSlashes:
    """Lets an escaped slash through to routing as a stand-in, so it stays inside its segment."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        raw = str(environ.get("RAW_URI", "")).partition("?")[0]
        if raw.startswith("/") and "%2f" in raw.lower():
            segments = (unquote_to_bytes(segment) for segment in raw.split("/"))
            path = b"/".join(part.replace(b"/", _STAND_IN.encode()) for part in segments)
            environ["PATH_INFO"] = path.decode("latin-1")
        return self._application(environ, start_response)


def readable(path: str) -> str:
    """A path with its slashes back, for comparing."""
    return path.replace(_STAND_IN, "/")


class SegmentConverter(UnicodeConverter):
    """One segment of a path as it was before it was escaped."""

    def to_python(self, value: str) -> str:
        return readable(value)
