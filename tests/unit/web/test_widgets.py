"""Form fields with this product's rules."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask, render_template_string

from app.portal.forms import MessageForm
from app.sign_in.forms import (
    ChooseWordForm,
    CodeForm,
    InvitationForm,
    SafetyForm,
    SignInForm,
    WordForm,
)
from app.sign_in.officer_forms import OfficerPasswordForm
from app.web.forms import Form


@pytest.fixture(autouse=True)
def in_a_request(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


def test_a_message_that_starts_with_an_empty_line_keeps_it() -> None:
    form = MessageForm(formdata=None, text="\n\n  first")

    # HTML eats one line break, so three must be written for two to stay.
    assert ">\n\n\n  first</textarea>" in form.text()


def test_markup_in_a_typed_message_is_shown_not_obeyed() -> None:
    form = MessageForm(formdata=None, text="</textarea><script>")

    assert "&lt;/textarea&gt;&lt;script&gt;" in form.text()


@pytest.mark.parametrize(
    "form_class,field",
    [
        (MessageForm, "text"),
        (SignInForm, "address"),
        (InvitationForm, "reference"),
        (OfficerPasswordForm, "password"),
    ],
)
def test_the_browser_keeps_nothing_that_is_typed(form_class: type[Form], field: str) -> None:
    rendered = form_class(formdata=None)[field]()

    assert 'autocomplete="off"' in rendered
    assert "required" not in rendered


def test_a_code_can_be_filled_in_from_the_message_that_brought_it() -> None:
    assert 'autocomplete="one-time-code"' in CodeForm(formdata=None).code()


def test_a_password_is_never_written_back() -> None:
    form = OfficerPasswordForm(formdata=None, password="correct horse")

    assert "correct horse" not in form.password()


@pytest.mark.parametrize("form_class", [WordForm, ChooseWordForm])
def test_an_extra_word_is_nothing_that_a_browser_offers_to_keep_or_to_check(
    form_class: type[Form],
) -> None:
    rendered = form_class(formdata=None, word="blue teapot")["word"]()

    assert "blue teapot" not in rendered
    for attribute in (
        'type="text"',
        'autocomplete="off"',
        'spellcheck="false"',
        'autocapitalize="none"',
    ):
        assert attribute in rendered


def test_choices_have_no_autocomplete_for_html_does_not_know_it_there() -> None:
    form = SafetyForm(formdata=None)

    assert "autocomplete" not in form.channel() + form.only_me()


def test_hidden_fields_have_no_ids_so_that_two_forms_can_share_a_page() -> None:
    rendered = render_template_string(
        '{% from "components/forms.html" import hidden_fields %}{{ hidden_fields(form) }}',
        form=MessageForm(formdata=None),
    )

    assert " id=" not in rendered
    assert rendered.count('type="hidden"') == 3
