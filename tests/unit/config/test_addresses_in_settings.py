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


_NOTIFY_KEY = "name-" + "-".join(["3e1b1a1a-1111-2222-3333-444444444444"] * 2)


@pytest.mark.parametrize(
    "name, value",
    [
        ("DATABASE_URL", "postgresql+psycopg://user:word@host:abc/db"),
        ("DATABASE_URL", "postgresql+psycopg://user:word@host:99999/db"),
        ("DATABASE_URL", "sqlite:////tmp"),
        ("NOTIFY_URL", "smtp://host:abc"),
        ("NOTIFY_URL", "smtp://host:99999"),
        ("NOTIFY_URL", "smtp://[::1"),
        ("NOTIFY_URL", "smtp://:25"),
        ("NOTIFY_URL", "file:/tmp"),
        ("NOTIFY_URL", f"govuk-notify:{_NOTIFY_KEY}?email={_NOTIFY_KEY[5:41]}&url=http://[h"),
        ("NOTIFY_URL", f"govuk-notify:{_NOTIFY_KEY}?email={_NOTIFY_KEY[5:41]}&url=http://h:x"),
        ("RATE_LIMIT_URL", "redis://host:abc"),
        ("RATE_LIMIT_URL", "redis://[::1"),
        ("PUBLIC_URL", "http://host:abc"),
        ("SAFE_EXIT_URL", "https://[::1"),
    ],
)
def test_an_address_that_is_none_is_named_and_not_repeated(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{name}") as error:
        Settings.from_environment({**BASE, name: value})
    told = str(error.value)
    assert "\n" not in told
    assert "word" not in told


def test_a_password_may_hold_what_is_no_part_of_a_web_address() -> None:
    url = "postgresql+psycopg://user:[word@host/db"
    assert Settings.from_environment({**BASE, "DATABASE_URL": url}).database_url == url


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
