"""The parts of a page that show a conversation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from flask import Flask, render_template


@dataclass(frozen=True)
class Message:
    sequence: int = 3
    state: str = "recorded"
    author_label: str = "PC 1234"
    is_mine: bool = False
    sent_at: datetime = datetime(2026, 8, 4, 14, 5, tzinfo=UTC)
    text: str = "Hello"
    is_new: bool = False
    language: str | None = None


class Page(HTMLParser):
    """Collects messages as a browser would: numbers, states, and their exact text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.states: dict[int, str] = {}
        self.bodies: dict[int, str] = {}
        self._number = 0
        self._in_body = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if "data-message" in named:
            self._number = int(named["data-message"] or 0)
            self.states[self._number] = named["data-state"] or ""
        self._in_body = "data-body" in named
        if self._in_body:
            self.bodies[self._number] = ""

    def handle_endtag(self, tag: str) -> None:
        self._in_body = False

    def handle_data(self, data: str) -> None:
        if self._in_body:
            self.bodies[self._number] += data


CASE = {
    "status_label": "Under investigation",
    "reference": "NS/1/26",
    "officer_name": "PC Okafor",
    "officer_collar": "1234",
    "force_name": "Northshire Police",
    "status_words": {"meaning": "", "next": ""},
    "usual_reply_days": 2,
    "next_reply_on": None,
    "paused_until": None,
}


def _changes(app: Flask, *messages: Message, client_id: str | None = None) -> str:
    told = {"case": CASE, "messages": messages, "cursor": 17, "client_id": client_id}
    with app.test_request_context():
        return render_template("portal/_changes.html", **told)


@pytest.mark.parametrize(
    "text",
    [
        "one line",
        "two\nlines\n\n  and a  gap\tand a tab",
        "<b>not bold</b> &amp; <hx-partial hx-target='body'>",
        "{{ 7 * 7 }} {% raw %}",
        "שלום 🙂 e\u0301",
        "end with a dash -",
    ],
)
def test_a_messages_text_is_shown_to_the_character(app: Flask, text: str) -> None:
    page = Page(_changes(app, Message(text=text)))

    assert page.bodies == {3: text}


def test_a_fragment_carries_each_message_with_its_number_and_state(app: Flask) -> None:
    page = Page(_changes(app, Message(), replace(Message(), sequence=4, state="saved")))

    assert page.states == {3: "recorded", 4: "saved"}


@pytest.mark.parametrize(
    "state,is_mine,words",
    [
        ("saved", True, "Sent"),
        ("recorded", True, "On your case record"),
        ("attention", True, "Sent. We are still adding this to your case record."),
        ("recorded", False, "On your case record"),
        ("attention", False, "We are adding this to your case record."),
    ],
)
def test_a_state_is_told_in_calm_words(app: Flask, state: str, is_mine: bool, words: str) -> None:
    html = _changes(app, replace(Message(), state=state, is_mine=is_mine))

    assert f">{words}</p>" in html


def test_a_fragment_says_how_far_it_has_read(app: Flask) -> None:
    assert '<ol data-cursor="17">' in _changes(app)


def test_the_answer_to_a_sent_message_names_the_next_attempt(app: Flask) -> None:
    html = _changes(app, Message(), client_id="next-one")

    assert 'data-client-id="next-one"' in html
    assert Page(html).states == {3: "recorded"}
