"""How many parts a text message is sent in, as networks count: GSM 03.38, or UCS-2 beyond it."""

from __future__ import annotations

from math import ceil

_GSM = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_TAKES_TWO = "^{}\\[~]|€"
"""Written with an escape before them."""


def beyond_gsm(text: str) -> set[str]:
    """The characters that make the whole message UCS-2, like ŵ and ŷ, but also â and ’."""
    return set(text) - set(_GSM) - set(_TAKES_TWO)


def parts_of(text: str) -> int:
    if beyond_gsm(text):
        units, alone, joined = len(text.encode("utf-16-le")) // 2, 70, 67
    else:
        units, alone, joined = len(text) + sum(text.count(each) for each in _TAKES_TWO), 160, 153
    return 1 if units <= alone else ceil(units / joined)
