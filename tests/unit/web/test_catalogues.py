"""Victims' texts are all there in Welsh, and say the same as far as a program can tell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from babel.util import pathmatch
from texts import is_translated, texts_for_victims

ROOT = Path(__file__).resolve().parents[3]
PO = ROOT / "app" / "translations" / "cy" / "LC_MESSAGES" / "messages.po"
# Placeholders, tags with their addresses, numbers that people call.
FIXED = re.compile(r"%\(\w+\)[sd]|</?\w+[^>]*>|\d{3,}")
SAME_IN_BOTH = {"English", "Cymraeg", "%(day)s: %(status)s"}
TEXT_MESSAGES = re.compile(r"^%\(code\)s is your|online service for updates|Not for you\?")


@pytest.fixture(scope="module")
def welsh() -> Catalog:
    with PO.open("rb") as file:
        return read_po(file)


@pytest.fixture(scope="module")
def wanted() -> list[Message]:
    return [message for message in texts_for_victims() if message.id]


def forms(message: Message) -> list[str]:
    said = message.string
    return [said] if isinstance(said, str) else list(said or ())


def english_of(message: Message) -> str:
    """What every form has to say; of two English forms the one for many."""
    return str(message.id[1] if message.pluralizable else message.id)


def pairs(catalogue: Catalog) -> Iterator[tuple[str, str]]:
    for message in catalogue:
        if message.id:
            for form in forms(message):
                yield english_of(message), form


def test_every_text_that_a_victim_meets_is_in_welsh(welsh: Catalog, wanted: list[Message]) -> None:
    """If this fails: `make texts`, then translate what it names."""
    missing = [
        message.id
        for message in wanted
        if (found := welsh.get(message.id)) is None or not is_translated(found)
    ]

    assert len(wanted) > 400
    assert missing == []


def test_nothing_in_the_catalogue_is_a_guess(welsh: Catalog) -> None:
    assert [message.id for message in welsh if message.fuzzy] == []


def test_welsh_has_its_six_forms_of_number(welsh: Catalog) -> None:
    assert welsh.num_plurals == 6
    counted = [message for message in welsh if message.pluralizable]
    assert counted
    assert {len(forms(message)) for message in counted} == {6}


def test_placeholders_links_and_numbers_are_kept(welsh: Catalog) -> None:
    changed = [
        (english, form)
        for english, form in pairs(welsh)
        if sorted(FIXED.findall(english)) != sorted(FIXED.findall(form))
    ]

    assert changed == []


def test_no_text_was_left_in_english(welsh: Catalog) -> None:
    same = {english for english, form in pairs(welsh) if english == form}

    assert same <= SAME_IN_BOTH


def test_a_button_is_quoted_by_the_name_that_it_has(welsh: Catalog) -> None:
    """“Exit this page” in a text, and on the button."""
    names = dict(pairs(welsh))
    quoted = [
        (name, form)
        for english, form in pairs(welsh)
        for name in re.findall("“([^”]+)”", english)
        if name in names
    ]

    assert len(quoted) > 5
    assert [(name, form) for name, form in quoted if f"“{names[name]}”" not in form] == []


def test_a_sentence_stays_a_sentence(welsh: Catalog) -> None:
    other = [
        (english, form)
        for english, form in pairs(welsh)
        if english[-1] in ".?:" and form[-1] != english[-1]
    ]

    assert other == []


def test_what_was_compiled_is_what_is_written(welsh: Catalog) -> None:
    """`make setup` compiles it."""
    with PO.with_suffix(".mo").open("rb") as file:
        compiled = read_mo(file)

    assert sorted(pairs(compiled)) == sorted(pairs(welsh))


def test_every_file_that_the_catalogue_leaves_out_is_there() -> None:
    config = (ROOT / "babel.cfg").read_text(encoding="utf-8")
    patterns = re.findall(r"^\[ignore: (.+)\]$", config, re.MULTILINE)

    assert patterns
    files = [
        path.relative_to(ROOT).as_posix()
        for part in ("app", "templates")
        for path in (ROOT / part).rglob("*.*")
    ]
    idle = [pattern for pattern in patterns if not any(pathmatch(pattern, file) for file in files)]
    assert idle == []


def test_officers_texts_are_not_asked_of_translators(wanted: list[Message]) -> None:
    english = {english_of(message) for message in wanted}

    assert "Enter your password" not in english
    assert "Tell me about new messages by" in english
