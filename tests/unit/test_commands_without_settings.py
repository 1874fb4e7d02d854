"""Which command is asked for decides whether settings are needed, not what a force is called."""

from __future__ import annotations

import pytest

from app.demo.commands import needs_no_settings


@pytest.mark.parametrize(
    "words, expected",
    [
        (["--app", "wsgi", "demo"], True),
        (["--app=wsgi", "--debug", "case-system", "serve"], True),
        (["--app", "wsgi", "officers", "add", "--force", "demo"], False),
        (["--interface", "wsgi", "wsgi:app"], False),
        ([], False),
    ],
)
def test_only_the_command_itself_counts(words: list[str], expected: bool) -> None:
    assert needs_no_settings(words) is expected
