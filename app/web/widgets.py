"""GOV.UK form widgets with this product's rules.

Nothing typed is kept by the browser (``autocomplete="off"``), the browser's own checks stay
out of the way, and a message that starts with an empty line keeps it.
"""

from __future__ import annotations

from functools import partial

from flask import current_app
from flask_babel import gettext as _
from govuk_frontend_wtf.wtforms_widgets import (
    GovCheckboxesInput,
    GovCheckboxInput,
    GovRadioInput,
    GovTextArea,
    GovTextInput,
)
from jinja2 import Environment
from markupsafe import Markup
from wtforms import Field

Params = dict[str, object]

MOST_KEPT = 500
"""Empty fields: some dozens, in each language, with each error."""


class Ours:
    """Mixed in before a GOV.UK widget: our attributes, and templates that allow gaps."""

    autocomplete: str | None = "off"
    template: str

    def __call__(self, field: Field, **kwargs: object) -> Markup:
        if self.autocomplete:
            kwargs.setdefault("autocomplete", self.autocomplete)
        kwargs["required"] = False
        rendered: Markup = super().__call__(field, **kwargs)  # type: ignore[misc]
        return rendered

    def render(self, params: Params) -> Markup:
        """Render the GOV.UK macro with its parameters."""
        attributes = params.get("attributes")
        if isinstance(attributes, dict):
            params["attributes"] = {
                name: value
                for name, value in attributes.items()
                if value is not False and value is not None
            }
        error = params.get("errorMessage")
        if isinstance(error, dict):
            params["errorMessage"] = {**error, "visuallyHiddenText": _("Error")}
        components: Environment = current_app.extensions["component-templates"]
        rendered = partial(_render, components, self.template, params)
        if str(params.get("value") or "").strip():
            return rendered()
        # An empty field looks the same on every page. What somebody wrote is never kept here.
        kept: dict[tuple[str, str], Markup] = current_app.extensions["empty-fields"]
        key = (self.template, repr(params))
        if key not in kept and len(kept) < MOST_KEPT:
            kept[key] = rendered()
        return kept.get(key) or rendered()


def _render(components: Environment, template: str, params: Params) -> Markup:
    rendered = components.get_template(template).render(params=params)
    return Markup(rendered)  # noqa: S704 (that environment escapes, too)


class TextInput(Ours, GovTextInput):
    """One line of text."""


class CodeInput(Ours, GovTextInput):
    """A code that came by message, or from an authenticator."""

    autocomplete = "one-time-code"

    def __call__(self, field: Field, **kwargs: object) -> Markup:
        kwargs.setdefault("inputmode", "numeric")
        kwargs.setdefault("spellcheck", "false")
        return super().__call__(field, **kwargs)


class PasswordInput(Ours, GovTextInput):
    """A password; it is never written back into the page."""

    input_type = "password"

    def __call__(self, field: Field, **kwargs: object) -> Markup:
        kwargs["value"] = ""
        return super().__call__(field, **kwargs)


class WordInput(Ours, GovTextInput):
    """A word that only its owner knows. It shows while it is typed, since a browser offers to keep
    a password, and to share it with all of a family's devices. It is never written back either."""

    def __call__(self, field: Field, **kwargs: object) -> Markup:
        kwargs["value"] = ""
        kwargs.setdefault("spellcheck", "false")
        kwargs.setdefault("autocapitalize", "none")
        return super().__call__(field, **kwargs)


class TextArea(Ours, GovTextArea):
    """Several lines of text."""

    def __call__(self, field: Field, **kwargs: object) -> Markup:
        # HTML eats the first line break after <textarea>: give it one to eat.
        kwargs["value"] = "\n" + (field.data or "")
        return super().__call__(field, **kwargs)


class Radios(Ours, GovRadioInput):
    """One choice of a few."""

    autocomplete = None


class Checkboxes(Ours, GovCheckboxesInput):
    """Any of a few choices."""

    autocomplete = None


class Checkbox(Ours, GovCheckboxInput):
    """One box to tick."""

    autocomplete = None
