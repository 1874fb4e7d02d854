"""Addresses are stored and compared in one form, and doubtful ones are none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.addresses import (
    last_digits,
    masked_email,
    normalise_email,
    normalise_mobile,
    read_address,
)

ANY_TEXT = st.text(st.characters(codec=None), max_size=300)


def test_an_email_address_is_compared_in_lower_case_without_blanks_around_it() -> None:
    assert normalise_email("  Alex.Morgan+Home@Mail.Example\n") == "alex.morgan+home@mail.example"


@pytest.mark.parametrize("address", ["o'brien@mail.example", "a@b.co.uk", "1_2-3@a-b.example"])
def test_ordinary_addresses_are_taken(address: str) -> None:
    assert normalise_email(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "alex",
        "@mail.example",
        "alex@",
        "alex@mail",
        "alex@@mail.example",
        "alex@morgan@mail.example",
        "alex morgan@mail.example",
        "alex@mail .example",
        "alex@mail.example\r\nBcc: other@mail.example",
        "alex\x00@mail.example",
        "alex\u200b@mail.example",
        "alex@mail.example,other@mail.example",
        "Alex <alex@mail.example>",
        '"alex"@mail.example',
        "alex@[127.0.0.1]",
        "alex@127.0.0.1",
        ".alex@mail.example",
        "alex.@mail.example",
        "al..ex@mail.example",
        "alex@-mail.example",
        "alex@mail..example",
        "alex@mail.example.",
        "ale\u212a@mail.example",
        "älex@mail.example",
        "a" * 65 + "@mail.example",
        "a@" + "b" * 64 + ".example",
        "a@" + "b." * 130 + "example",
    ],
)
def test_what_is_not_plainly_one_address_is_none(address: str) -> None:
    assert normalise_email(address) is None


def test_an_address_has_at_most_254_characters() -> None:
    longest = "a" * 62 + "@" + ".".join(["b" * 63] * 2) + "." + "c" * 63
    assert len(longest) == 254
    assert normalise_email(longest) == longest
    assert normalise_email("a" + longest) is None


@pytest.mark.parametrize(
    "typed",
    [
        "07700 900123",
        "07700900123",
        "+44 7700 900123",
        "+44 (0)7700 900123",
        "0044 7700 900123",
        "(07700) 900-123",
        "07700\u00a0900\u2011123",
        "\u202a+44 7700 900123\u202c",
        "０７７００ 900123",
    ],
)
def test_a_mobile_number_is_the_same_however_it_was_typed(typed: str) -> None:
    assert normalise_mobile(typed) == "+447700900123"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "0",
        "101",
        "020 7946 0123",
        "0161 496 0123",
        "0800 111 1111",
        "070 1234 5678",
        "07700 90012",
        "07700 9001234",
        "07700 900123 x5",
        "07700 900123 or 07700 900124",
        "tel:+447700900123",
        "O7700 900123",
        "+999 7700 900123",
        "7" * 5000,
    ],
)
def test_what_cannot_be_one_mobile_number_is_none(typed: str) -> None:
    assert normalise_mobile(typed) is None


def test_a_number_from_abroad_is_kept_with_its_country() -> None:
    assert normalise_mobile("+353 85 012 3456") == "+353850123456"
    assert normalise_mobile("085 012 3456", region="IE") == "+353850123456"


def test_what_was_typed_says_its_channel() -> None:
    assert read_address("Alex@Mail.example") == ("email", "alex@mail.example")
    assert read_address("07700 900123") == ("sms", "+447700900123")
    assert read_address("alex") is None
    assert read_address("alex@") is None


@given(ANY_TEXT)
def test_nothing_typed_breaks_the_reader_and_normal_forms_are_stable(raw: str) -> None:
    email, mobile = normalise_email(raw), normalise_mobile(raw)
    assert email is None or normalise_email(email) == email
    assert mobile is None or normalise_mobile(mobile) == mobile


@given(st.emails())
def test_a_taken_address_differs_from_what_was_typed_in_case_only(raw: str) -> None:
    assert normalise_email(raw) in (None, raw.lower())


@pytest.mark.parametrize(
    "address, masked",
    [
        ("sam.okafor@mail.example", "s…@m….example"),
        ("a@b.co.uk", "a…@b….uk"),
        ("x@y.zz", "x…@y….zz"),
    ],
)
def test_a_masked_address_shows_its_first_letters_and_the_end(address: str, masked: str) -> None:
    assert masked_email(address) == masked


def test_of_a_number_its_owner_is_shown_the_end() -> None:
    assert last_digits("+447700900123") == "123"
