"""Addresses in the settings: what hangs on https:// does not hang on capitals."""

from __future__ import annotations

from base64 import urlsafe_b64encode

import pytest

from app.config import ConfigurationError, Settings

BASE = {"SECRET_KEY": "x" * 32, "ENCRYPTION_KEYS": urlsafe_b64encode(b"x" * 32).decode()}


def test_https_in_capitals_is_https() -> None:
    settings = Settings.from_environment(
        {**BASE, "PUBLIC_URL": "HTTPS://portal.example", "NOTIFY_URL": "smtp://mail.example:25"}
    )
    assert settings.public_url == "https://portal.example"


def test_https_in_capitals_refuses_what_https_refuses() -> None:
    with pytest.raises(ConfigurationError, match="NOTIFY_URL"):
        Settings.from_environment(
            {**BASE, "PUBLIC_URL": "HTTPS://portal.example", "NOTIFY_URL": "file:notices.jsonl"}
        )


@pytest.mark.parametrize(
    "url",
    [
        "http://portal.example/?from=here",
        "http://portal.example#top",
        "http://portal.example/portal",
        "http://somebody:secret@portal.example",
    ],
)
def test_what_would_stand_in_the_middle_of_every_link_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="PUBLIC_URL"):
        Settings.from_environment({**BASE, "PUBLIC_URL": url})


def test_a_slash_at_the_end_of_the_public_address_does_no_harm() -> None:
    settings = Settings.from_environment({**BASE, "PUBLIC_URL": "http://127.0.0.1:9000/"})
    assert settings.public_url == "http://127.0.0.1:9000"
