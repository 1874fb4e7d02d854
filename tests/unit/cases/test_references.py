"""References and names are compared as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cases.references import normalise_name, normalise_reference

ANY_TEXT = st.text(st.characters(codec=None))


@pytest.mark.parametrize(
    "typed",
    [
        "14/123456/25",
        "14 123456 25",
        "14-123456-25",
        "14.123456.25",
        " 14/123456/25\n",
        "１４/123456/25",
    ],
)
def test_a_reference_is_the_same_without_blanks_and_punctuation(typed: str) -> None:
    assert normalise_reference(typed) == "1412345625"


def test_a_reference_is_the_same_in_either_case() -> None:
    assert (
        normalise_reference("ns/000123/26") == normalise_reference("NS-000123-26") == "ns00012326"
    )


def test_different_references_stay_different() -> None:
    assert normalise_reference("NS/1/26") != normalise_reference("NS/2/26")
    assert normalise_reference("/ - .") == ""


@given(ANY_TEXT)
def test_a_normal_reference_is_letters_and_digits_and_normal_already(raw: str) -> None:
    once = normalise_reference(raw)
    assert normalise_reference(once) == once
    assert once == "" or once.isalnum()


@pytest.mark.parametrize(
    "given_name, family_name",
    [
        ("Anne-Marie", "O'Brien"),
        ("anne marie", "OBRIEN"),
        ("Anne\u2011Marie", "O\u2019Brién"),
        (" Annemarie ", "O' Brien"),
    ],
)
def test_a_person_is_found_again_however_the_name_was_typed(
    given_name: str, family_name: str
) -> None:
    assert normalise_name(given_name, family_name) == "annemarie obrien"


def test_letters_with_strokes_count_as_typed_on_an_english_keyboard() -> None:
    assert normalise_name("Łukasz", "Sørensen") == normalise_name("Lukasz", "Sorensen")


def test_names_in_other_scripts_are_kept() -> None:
    assert normalise_name("Олена", "Шевченко") == "олена шевченко"
    assert normalise_name("伟", "王") == "伟 王"


def test_given_and_family_name_do_not_run_into_each_other() -> None:
    assert normalise_name("Ann", "Elee") != normalise_name("Anne", "Lee")


@pytest.mark.parametrize("names", [("", "Morgan"), ("Alex", ""), ("-", "Morgan"), ("Alex", "'")])
def test_half_a_name_is_no_name(names: tuple[str, str]) -> None:
    assert normalise_name(*names) == ""


@given(ANY_TEXT, ANY_TEXT)
def test_a_normal_name_is_normal_already(given_name: str, family_name: str) -> None:
    once = normalise_name(given_name, family_name)
    if once:
        assert normalise_name(*once.split(" ")) == once
