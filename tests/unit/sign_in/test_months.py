"""A month as people write it."""

from __future__ import annotations

import pytest

from app.sign_in.months import month_number


@pytest.mark.parametrize(
    "typed,number",
    [
        ("3", "3"),
        ("03", "03"),
        ("March", "3"),
        ("MARCH", "3"),
        (" mar. ", "3"),
        ("Sept", "9"),
        ("sep", "9"),
        ("May", "5"),
        ("Marchember", "Marchember"),
        ("", ""),
    ],
)
def test_a_month_is_a_number_or_a_name(typed: str, number: str) -> None:
    assert month_number(typed, "en") == number


@pytest.mark.parametrize("typed,number", [("Mawrth", "3"), ("March", "3"), ("Rhagfyr", "12")])
def test_in_welsh_both_languages_names_are_known(typed: str, number: str) -> None:
    assert month_number(typed, "cy") == number
