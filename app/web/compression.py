"""Pages leave compressed: on a bad line their bytes are what people wait for.

Compressing secrets beside a stranger's words can betray them by its length (BREACH). Nobody can
make a signed-in person's browser ask again and again for that here: the cookie does not travel
with other sites' requests, and no page repeats what its address says.
See docs/decisions/0013-compressed-pages.md.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable

import brotli
from flask import Flask, Response, request

WORTH_IT = 600
"""Bytes. A shorter answer fits into the same packet either way."""
QUALITY = 5
"""Of 11. Beyond it a page takes longer than the bytes saved."""

_WAYS: tuple[tuple[str, Callable[[bytes], bytes]], ...] = (
    ("br", lambda page: brotli.compress(page, quality=QUALITY, mode=brotli.MODE_TEXT)),
    ("gzip", lambda page: gzip.compress(page, compresslevel=QUALITY, mtime=0)),
)


def init_app(app: Flask) -> None:
    """Register before the other hooks that look at answers: it runs after them."""
    app.after_request(compress)


def compress(response: Response) -> Response:
    """Compress a page in the best way that its reader takes."""
    if response.mimetype != "text/html" or response.direct_passthrough:
        return response
    response.vary.add("Accept-Encoding")
    page = response.get_data()
    if len(page) < WORTH_IT or "Content-Encoding" in response.headers:
        return response
    for name, squeeze in _WAYS:
        if request.accept_encodings.quality(name) > 0:
            response.set_data(squeeze(page))
            response.headers["Content-Encoding"] = name
            break
    return response
