"""Words arrive as they were typed: on the page, on the case record, and at the officer's."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.messages.text import clean
from tests.integration.messages.steps import replies
from tests.portal import Portal

TEXTS = [
    "\nA line break first",
    "Two\r\nlines, and\rthree",
    "\tA tab,\tand  two blanks",
    "<b>bold</b> & &amp; &lt;i&gt; \"quoted\" 'too'",
    "<script>alert(1)</script></textarea></p>",
    "{{ 7 * 7 }} {% raw %} %(name)s %s",
    "😀👩‍👩‍👧‍👦🏴󠁧󠁢󠁷󠁬󠁳󠁿 and 𝒳",
    "e\u0301 and é, Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A",
    "مرحبا بالعالم and שלום",
    "a\u200bb\u00a0c\u2028d\u3000e",
    "'; DROP TABLE messages; --",
    "\u202ereversed\u202c \x00nul\x07bell",
    "Ŵythnos Ŷ Llanfairpwllgwyngyll",
]


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_every_text_reaches_both_pages_and_the_record_exactly(
    northshire: Portal, htmx: bool
) -> None:
    officer = northshire.add_officer()
    victim = northshire.join()
    wanted = [clean(each) for each in TEXTS]
    for text in TEXTS:
        page = victim.writes(text, htmx=htmx)
        assert page.messages[-1].text == clean(text)
    northshire.work()

    assert [m.text for m in victim.visitor.see(victim.url).messages] == wanted
    assert [e.text for e in northshire.system().held(victim.case["reference"])] == wanted
    inbox = northshire.officer_signs_in(officer)
    page = inbox.see(f"/officer{victim.url}")
    assert [m.text for m in page.messages] == wanted
    for text in TEXTS:
        page = inbox.send(inbox.see(f"/officer{victim.url}").form("Send reply"), text=text)
    shown = [m.text for m in victim.visitor.see(victim.url).messages]
    assert shown[-len(wanted) :] == wanted


# Werkzeug's client encodes a form as a browser does, but for lone surrogates, which none can send.
typed = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


def test_whatever_is_typed_is_stored_and_shown_after_the_same_cleaning(
    northshire: Portal,
) -> None:
    victim = northshire.join()
    form = victim.visitor.see(victim.url).form("Send message")
    number = iter(range(10_000))

    @settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
    @given(typed)
    def stays_the_same(text: str) -> None:
        text = f"{next(number)}.{text}."
        answer = victim.visitor.send(form, htmx=True, text=text)
        if answer.status == 429:  # more than a person writes; the limit has tests of its own
            return
        last = answer.messages[-1]
        assert last.text == clean(text)
        assert northshire.messages(victim.case_id)[-1][2] == clean(text)

    stays_the_same()


def test_words_given_back_begin_with_the_line_break_that_was_typed(northshire: Portal) -> None:
    victim = northshire.join()
    words = "\n\n  Kept <b>&amp;\u200b" + "x" * 5_000
    page = victim.writes(words)
    assert page.form("Send message").values["text"].replace("\r\n", "\n") == words


def test_an_officers_words_reach_the_record_with_collar_and_name(northshire: Portal) -> None:
    officer = northshire.add_officer()
    victim = northshire.join()
    replies(northshire, officer, victim, "I will call you.")
    northshire.work()

    [entry] = northshire.system().held(victim.case["reference"])
    told = entry.to_json()
    assert told["author"] == {"kind": "officer", "name": "PC Sam Okafor", "collar": "1234"}
    assert told["kind"] == "officer-message"
