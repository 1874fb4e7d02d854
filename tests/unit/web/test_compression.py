"""Pages leave compressed, in a way that their reader takes."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import brotli
import pytest
from flask import Flask, Response

from app.web.compression import WORTH_IT, compress

PAGE = b"<p>The officer called back about the bike.</p>" * 40


def compressed(app: Flask, accepted: str, page: bytes = PAGE, kind: str = "text/html") -> Response:
    with app.test_request_context(headers={"Accept-Encoding": accepted}):
        return compress(Response(page, mimetype=kind))


@pytest.mark.parametrize(
    "accepted,name,opened",
    [
        ("gzip, deflate, br, zstd", "br", brotli.decompress),
        ("gzip, deflate", "gzip", gzip.decompress),
        ("br;q=0, gzip", "gzip", gzip.decompress),
    ],
)
def test_a_page_comes_in_the_best_way_that_is_taken(
    app: Flask, accepted: str, name: str, opened: Callable[[bytes], bytes]
) -> None:
    answer = compressed(app, accepted)

    assert answer.headers["Content-Encoding"] == name
    assert answer.content_length == len(answer.get_data()) < len(PAGE)
    assert opened(answer.get_data()) == PAGE
    assert "Accept-Encoding" in answer.vary


@pytest.mark.parametrize("accepted", ["", "identity", "br;q=0"])
def test_who_takes_nothing_of_it_gets_the_page_as_it_is(app: Flask, accepted: str) -> None:
    answer = compressed(app, accepted)

    assert answer.get_data() == PAGE
    assert "Content-Encoding" not in answer.headers
    assert "Accept-Encoding" in answer.vary


def test_short_answers_and_what_is_no_page_stay_as_they_are(app: Flask) -> None:
    assert compressed(app, "br", b"x" * (WORTH_IT - 1)).content_encoding is None
    assert compressed(app, "br", kind="text/plain").content_encoding is None
