"""What somebody wrote in a form that cannot be taken now, to be given back to them."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request

_FREELY = ("text", "words", "times", "outcome", "reason")
"""Fields in which people write freely, and nothing that is a secret. No form has two of them."""
_BY_HAND = ("number", "receipt")
_BESIDE = ("client_id", "which", "rating", "days", *_BY_HAND)
"""What goes along when they send it again."""


@dataclass(frozen=True, slots=True)
class Typed:
    """The words of the field `name`, and the other fields of that form by their names."""

    name: str
    words: str
    beside: dict[str, str]


def typed() -> Typed | None:
    """What came with this request; None where nobody typed anything, or another site's page sent
    it."""
    if not is_from_our_page():
        return None
    name = next((each for each in _FREELY if each in request.form), None)
    if name is None or not any(request.form.get(each) for each in (name, *_BY_HAND)):
        return None
    beside = {each: request.form[each] for each in _BESIDE if request.form.get(each)}
    return Typed(name, request.form[name], beside)


def is_from_our_page() -> bool:
    """Whether the browser says that our own page sent this form: another site could plant words."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is None:
        # Browsers from before 2023 say at least the origin.
        return request.headers.get("Origin") == request.host_url.rstrip("/")
    return site == "same-origin"
