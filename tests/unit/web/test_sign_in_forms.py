"""The forms that let people in."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from app.sign_in.forms import InvitationForm, SafetyForm


@pytest.fixture(autouse=True)
def without_tokens(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False


def _answer(**fields: str) -> InvitationForm:
    form = InvitationForm(MultiDict({"reference": "41/1/26", **fields}))
    form.validate()
    return form


@pytest.mark.parametrize(
    "day,month,year", [("27", "3", "1987"), (" 27 ", "03", "1987"), ("027", "3", "1987")]
)
def test_a_date_of_birth_is_read_from_three_fields(
    app: Flask, day: str, month: str, year: str
) -> None:
    with app.test_request_context():
        form = _answer(day=day, month=month, year=year)

    assert form.date_of_birth == date(1987, 3, 27)
    assert not form.errors


@pytest.mark.parametrize(
    "day,month,year",
    [
        ("31", "2", "1987"),
        ("27", "", "1987"),
        ("x", "3", "1987"),
        ("27", "3", "0"),
        ("²", "3", "1"),
    ],
)
def test_a_day_that_does_not_exist_is_an_error_on_the_first_field(
    app: Flask, day: str, month: str, year: str
) -> None:
    with app.test_request_context():
        form = _answer(day=day, month=month, year=year)

    assert form.date_of_birth is None
    assert list(form.errors) == ["day"]


def test_nothing_filled_in_says_what_to_fill_in(app: Flask) -> None:
    with app.test_request_context():
        form = InvitationForm(MultiDict())
        form.validate()

        assert form.errors["reference"] == ["Enter your crime reference number"]
        assert form.errors["day"] == ["Enter your date of birth"]


@pytest.mark.parametrize(
    "answers,chosen",
    [
        ({}, None),
        ({"channel": "none"}, None),
        ({"channel": "none", "only_me": "y"}, None),
        ({"channel": "email", "only_me": "y"}, "email"),
        ({"channel": "sms", "only_me": "y"}, "sms"),
        ({"only_me": "y"}, None),
    ],
)
def test_nothing_about_notices_has_to_be_filled_in(
    app: Flask, answers: dict[str, str], chosen: str | None
) -> None:
    with app.test_request_context():
        form = SafetyForm(MultiDict(answers))

        assert form.validate(), form.errors
    assert form.chosen == chosen


def test_a_channel_that_others_may_read_is_refused(app: Flask) -> None:
    with app.test_request_context():
        form = SafetyForm(MultiDict({"channel": "sms"}))

        assert not form.validate()
        assert list(form.errors) == ["only_me"]


def test_only_channels_on_offer_can_be_chosen(app: Flask) -> None:
    with app.test_request_context():
        form = SafetyForm(MultiDict({"channel": "sms", "only_me": "y"}))
        form.offer({"email"})

        assert not form.validate()
        assert list(form.errors) == ["channel"]
