"""The settings for telling people on their own device: both, or neither, and right."""

from __future__ import annotations

import pytest

from app.config import ConfigurationError, Settings
from app.notifications.push import public_key
from tests.portal import environment
from tests.push import CONTACT, PRIVATE_KEY, push_settings


def settings(**more: str) -> Settings:
    return Settings.from_environment(
        {**environment("sqlite:///x.db"), "PUSH_PRIVATE_KEY": "", "PUSH_CONTACT": "", **more}
    )


def test_without_a_key_nobodys_device_is_told() -> None:
    assert settings().push is None


def test_browsers_are_told_the_public_half_as_they_want_it() -> None:
    told = public_key(push_settings())
    assert len(told) == 87
    assert "=" not in told


@pytest.mark.parametrize(
    "more, named",
    [
        ({"PUSH_PRIVATE_KEY": PRIVATE_KEY}, "PUSH_CONTACT"),
        ({"PUSH_CONTACT": CONTACT}, "PUSH_PRIVATE_KEY"),
        ({"PUSH_PRIVATE_KEY": "secret", "PUSH_CONTACT": CONTACT}, "PUSH_PRIVATE_KEY"),
        ({"PUSH_PRIVATE_KEY": "secret!" * 6, "PUSH_CONTACT": CONTACT}, "PUSH_PRIVATE_KEY"),
        ({"PUSH_PRIVATE_KEY": "A" * 43, "PUSH_CONTACT": CONTACT}, "PUSH_PRIVATE_KEY"),
        ({"PUSH_PRIVATE_KEY": "_" * 43, "PUSH_CONTACT": CONTACT}, "PUSH_PRIVATE_KEY"),
        ({"PUSH_PRIVATE_KEY": PRIVATE_KEY, "PUSH_CONTACT": "us"}, "PUSH_CONTACT"),
        ({"PUSH_PRIVATE_KEY": PRIVATE_KEY, "PUSH_CONTACT": "http://us.example"}, "PUSH_CONTACT"),
        (
            {
                "PUSH_PRIVATE_KEY": PRIVATE_KEY,
                "PUSH_CONTACT": CONTACT,
                "PUSH_STAND_IN": "127.0.0.1:9",
            },
            "PUSH_STAND_IN",
        ),
        (
            {
                "PUSH_PRIVATE_KEY": PRIVATE_KEY,
                "PUSH_CONTACT": CONTACT,
                "PUSH_STAND_IN": "https://stand-in.example",
                "PUBLIC_URL": "https://portal.example",
                "NOTIFY_URL": "smtp://mail.example",
            },
            "PUSH_STAND_IN",
        ),
    ],
)
def test_a_wrong_one_stops_the_start_with_one_line_without_the_key(
    more: dict[str, str], named: str
) -> None:
    with pytest.raises(ConfigurationError, match=f"^{named}") as stopped:
        settings(**more)
    assert "\n" not in str(stopped.value)
    assert "secret" not in str(stopped.value)
