"""In which language somebody wrote, where small words tell."""

from __future__ import annotations

import pytest

from app.messages.tongue import language_of


@pytest.mark.parametrize(
    "text",
    [
        "Is there any news about my bicycle?",
        "Thank you for your help. I will call on Monday.",
        "We have spoken to the shop and will write to you again.",
        "I live in Pen-y-bont and I was at home when it happened.",
    ],
)
def test_english_is_told(text: str) -> None:
    assert language_of(text) == "en"


@pytest.mark.parametrize(
    "text",
    [
        "Oes unrhyw newyddion am fy meic?",
        "Diolch am eich help. Byddaf yn ffonio ddydd Llun.",
        "RYDYM WEDI SIARAD GYDA'R SIOP",
        "Mae'r heddwas wedi ffonio, ond nid oedd neb yma.",
    ],
)
def test_welsh_is_told(text: str) -> None:
    assert language_of(text) == "cy"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "OK",
        "07700 900123",
        "Proszę o kontakt telefoniczny",
        "Diolch. Thank you for the update. Mae hyn yn help mawr, it is good to know.",
        "⁂ 𝕋𝕙𝕖 🙂",
    ],
)
def test_a_doubt_is_no_answer(text: str) -> None:
    assert language_of(text) is None


def test_a_very_long_text_is_judged_too() -> None:
    assert language_of("Mae hi yn bwrw glaw yma. " * 200) == "cy"
