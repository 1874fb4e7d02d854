"""Steps that these tests share."""

from __future__ import annotations

from collections.abc import Mapping

from tests.pages import Form, Page, Visitor


def sent(someone: Visitor, form: Form, values: Mapping[str, str]) -> Page:
    """The page that a form with these values leads to."""
    return someone.send(Form(form.action, {**form.values, **values}))
