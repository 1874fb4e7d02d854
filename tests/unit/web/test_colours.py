"""A force's colour is brought to the nearest palette that can be read."""

from __future__ import annotations

import re

import pytest

from app.web.assets import PROJECT
from app.web.colours import NAMES, PLAIN, nearest_palette

ENOUGH_CONTRAST = 7  # WCAG's AAA for text
WHITE = "#ffffff"


def _palettes() -> dict[str, dict[str, str]]:
    source = (PROJECT / "static/css/_palettes.scss").read_text(encoding="utf-8")
    rows = re.findall(r'"(\w+)": \((.+)\)', source)
    return {name: dict(re.findall(r"(\w+): (#[0-9a-f]{6})", colours)) for name, colours in rows}


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_every_palette_that_can_be_chosen_is_in_the_style_sheet() -> None:
    assert set(_palettes()) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_words_in_every_palette_can_be_read(name: str) -> None:
    palette = _palettes()[name]

    for background in (WHITE, palette["tint"]):
        assert _contrast(palette["brand"], background) >= ENOUGH_CONTRAST
    assert _contrast(WHITE, palette["deep"]) >= ENOUGH_CONTRAST


@pytest.mark.parametrize(
    "colour,name",
    [
        ("#0b5cad", "blue"),
        ("#8a1538", "brick"),
        ("#00703c", "green"),
        ("#5b2a86", "indigo"),
        ("#777777", "slate"),
        ("#9b2c8e", "plum"),
    ],
)
def test_a_forces_colour_becomes_the_nearest_palette(colour: str, name: str) -> None:
    assert nearest_palette(colour) == name


@pytest.mark.parametrize("colour", [None, "", "red", "#fff", "#12345g", "#123456;"])
def test_no_colour_or_nonsense_gives_the_plain_palette(colour: str | None) -> None:
    assert nearest_palette(colour) == PLAIN
