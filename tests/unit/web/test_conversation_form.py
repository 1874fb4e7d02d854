"""The form that a message is written in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from app.inbox.forms import ReplyForm
from app.portal.forms import MessageForm


@pytest.fixture(autouse=True)
def in_a_request(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


@pytest.mark.parametrize(
    "sent,cursor",
    [("17", 17), ("", 0), ("-1", 0), ("1e3", 0), ("٣", 0), ("9" * 30, 0)],
)
def test_a_cursor_that_is_nonsense_asks_from_the_start(sent: str, cursor: int) -> None:
    assert MessageForm(formdata=None, after=sent).cursor == cursor


def test_every_new_form_names_its_own_attempt() -> None:
    assert MessageForm(formdata=None).client_id.data != MessageForm(formdata=None).client_id.data


def test_an_attempt_keeps_its_name() -> None:
    assert MessageForm(formdata=None, client_id="abc").client_id.data == "abc"


@pytest.mark.parametrize(
    "problem,words",
    [
        ("empty", "Write something before you send"),
        ("too-long:5023", "5,023"),
        ("too-many:300", "You can send this one after"),
        ("not-open", "not open online"),
    ],
)
def test_a_problem_is_told_in_words_beside_the_field(problem: str, words: str) -> None:
    form = ReplyForm(formdata=None, text="typed")

    form.show_problem(problem)

    assert words in form.errors["text"][0]
    assert words in form.text()


def test_words_that_are_only_given_back_have_no_error() -> None:
    form = MessageForm(formdata=None, text="typed")

    form.show_problem(None)

    assert not form.errors
