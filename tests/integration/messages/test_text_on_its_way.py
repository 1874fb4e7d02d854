"""Words arrive as they were typed: on the page, on the case record, and at the officer's."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import clock
from app.messages.queries import PAGE
from app.messages.text import LONGEST, clean, without_controls
from tests.integration.messages.steps import Writer, replies
from tests.naughty import batches, is_empty, naughty_messages, naughty_texts
from tests.portal import Joined, Portal

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
IN_A_CONVERSATION = 3 * PAGE
"""What one author may send in ten minutes."""

IN_PARTS = 4_500
"""Code points; a case system takes 4,000 at a time."""

TOO_MUCH = "\n" + "x" * (LONGEST + 1)


def all_arrive(
    portal: Portal, victim: Joined, inbox: Writer, texts: list[str], *, htmx: bool
) -> None:
    """Texts that fit onto one page go from the victim to the officer, and from there back."""
    wanted = [clean(text) for text in texts]
    writer = Writer(victim.visitor, victim.url, "Send message")
    writer.sends(texts, htmx=htmx)
    assert [text for _, _, text in portal.messages(victim.case_id)][-len(texts) :] == wanted
    assert inbox.shown(len(texts)) == wanted
    portal.work()
    held = portal.system().held(victim.case["reference"])
    assert [entry.text for entry in held][-len(texts) :] == wanted

    # And back: all in one, which is long enough to be told in parts.
    answer = "\n".join(texts)
    answer += " " + "x" * (IN_PARTS - len(clean(answer)))
    inbox.sends([answer], htmx=htmx)
    assert writer.shown(1) == [clean(answer)]
    portal.work()
    held = portal.system().held(victim.case["reference"])
    parts = [entry.text for entry in held if entry.sequence == held[-1].sequence]
    assert len(parts) > 1
    assert "".join(parts) == clean(answer)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("database_kind, htmx", [("sqlite", False), ("postgresql", True)])
def test_every_text_reaches_both_pages_and_the_record_exactly(
    northshire: Portal, htmx: bool
) -> None:
    officer = northshire.officer_signs_in(northshire.add_officer())
    for some in batches(TEXTS + naughty_messages(), IN_A_CONVERSATION):
        victim = northshire.join()
        inbox = Writer(officer, f"/officer{victim.url}", "Send reply")
        for texts in batches(some, PAGE):
            all_arrive(northshire, victim, inbox, texts, htmx=htmx)


# Werkzeug's client encodes a form as a browser does, but for lone surrogates, which none can send.
typed = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
messages = typed.filter(lambda text: not is_empty(text))


def test_whatever_is_typed_arrives_after_the_same_cleaning(northshire: Portal) -> None:
    officer = northshire.officer_signs_in(northshire.add_officer())
    victim = northshire.join()
    inbox = Writer(officer, f"/officer{victim.url}", "Send reply")

    with time_machine.travel(clock.now(), tick=False) as time:

        @settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
        @given(st.lists(messages, min_size=1, max_size=6), st.booleans())
        def arrives(texts: list[str], htmx: bool) -> None:
            # Nobody is kept from writing so much in so long a time, and no session ends.
            time.shift(timedelta(minutes=11))
            all_arrive(northshire, victim, inbox, texts, htmx=htmx)

        arrives()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_every_text_comes_back_as_typed_if_it_cannot_be_taken(northshire: Portal) -> None:
    victim = northshire.join()
    form = victim.visitor.see(victim.url).form("Send message")
    for text in ["", "\n\n", *TEXTS, *naughty_texts()]:
        # A line break first, which HTML would eat; or nothing that can be seen.
        for words in ("\n" + text + TOO_MUCH, *([text] if is_empty(text) else [])):
            answer = victim.visitor.send(form, htmx=True, text=words)
            assert answer.status == 422
            assert answer.form("Send message").values["text"] == without_controls(words)


def test_every_text_comes_back_as_typed_on_the_page_shown_next(northshire: Portal) -> None:
    officer = northshire.officer_signs_in(northshire.add_officer())
    victim = northshire.join()
    sides = [(victim.visitor, victim.url, "Send message")]
    sides.append((officer, f"/officer{victim.url}", "Send reply"))
    for visitor, url, button in sides:
        form = visitor.see(url).form(button)
        for texts in batches(TEXTS + list(naughty_texts()), 25):
            words = "\n\n" + "\n".join(texts) + TOO_MUCH
            page = visitor.send(form, text=words)
            assert page.error_messages
            assert page.form(button).values["text"] == without_controls(words)


def test_whatever_is_typed_comes_back_if_it_cannot_be_taken(northshire: Portal) -> None:
    victim = northshire.join()
    form = victim.visitor.see(victim.url).form("Send message")

    @settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
    @given(typed, st.booleans())
    def comes_back(text: str, htmx: bool) -> None:
        words = text + TOO_MUCH + text
        page = victim.visitor.send(form, htmx=htmx, text=words)
        assert page.form("Send message").values["text"] == without_controls(words)

    comes_back()


def test_an_officers_words_reach_the_record_with_collar_and_name(northshire: Portal) -> None:
    officer = northshire.add_officer()
    victim = northshire.join()
    replies(northshire, officer, victim, "I will call you.")
    northshire.work()

    [entry] = northshire.system().held(victim.case["reference"])
    told = entry.to_json()
    assert told["author"] == {"kind": "officer", "name": "PC Sam Okafor", "collar": "1234"}
    assert told["kind"] == "officer-message"
