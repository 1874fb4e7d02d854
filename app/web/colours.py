"""A force's colour, brought to the nearest of a few palettes whose contrast is known.

A strict content policy leaves no room for inline style, and a free colour could make words
unreadable. So a force names any colour, and the page uses the palette nearest to it. The
palettes themselves are in ``static/css/_palettes.scss``.
"""

from __future__ import annotations

import colorsys
import re

PLAIN = "teal"
GREY = "slate"
# Hue in degrees at which each palette sits on the colour wheel.
HUES = {
    "brick": 10,
    "olive": 75,
    "green": 135,
    "teal": 178,
    "blue": 212,
    "indigo": 245,
    "plum": 305,
}
NAMES = (*HUES, GREY)
TOO_GREY = 0.12


def nearest_palette(colour: str | None) -> str:
    """Return the palette name nearest to ``#rrggbb``; the plain one for None or nonsense."""
    if colour is None or not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        return PLAIN
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    hue, _lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    if saturation < TOO_GREY:
        return GREY
    return min(HUES, key=lambda name: _distance(hue * 360, HUES[name]))


def _distance(one: float, other: float) -> float:
    around = abs(one - other) % 360
    return min(around, 360 - around)
