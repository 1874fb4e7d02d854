"""Whatever can be typed is shown as it was typed, by a real browser, on both sides."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from app.messages.text import clean, without_controls
from tests.browser.conftest import People
from tests.browser.people import Person, VictimInBrowser
from tests.browser.programs import until
from tests.browser.running import RunningPortal
from tests.naughty import batches, naughty_messages, naughty_texts

IN_A_CONVERSATION = 60 * 4
"""Texts that go into what one author may send in ten minutes."""

AT_A_TIME = 12
"""So many texts go in one message where each would take too long. One by one they go through the
server in `tests/integration/messages/test_text_on_its_way.py`."""
FEW = 4

# Puts each text into the place to write as typing does, sends it, waits until that is done. Gives
# what stood in the field: what a browser makes of line ends and the like is no affair of ours.
_SEND_ALL = """async texts => {
  const typed = []
  for (const text of texts) {
    const form = document.getElementById('composer')
    const field = form.elements.namedItem('text')
    field.focus()
    field.select()
    document.execCommand('insertText', false, text)
    typed.push(field.value)
    const sent = new Promise(resolve => {
      form.addEventListener('htmx:finally:request', resolve, { once: true })
    })
    form.requestSubmit()
    await sent
    if (field.value) throw new Error(`not sent: ${text}`)
  }
  return typed
}"""


def sends_all(person: Person, texts: list[str]) -> list[str]:
    """What stood in the field each time."""
    # The words are there before the script is: a form sent sooner would load a page.
    expect(person.button("Pause new messages")).to_be_visible()
    typed: list[str] = person.page.evaluate(_SEND_ALL, texts)
    return typed


def shown(person: Person) -> list[str]:
    """Every text of the conversation, oldest first, page by page."""
    found = [text for _, _, text in person.messages]
    earlier = person.link("Show earlier messages")
    while earlier.count():
        person.opens(earlier.get_attribute("href") or "")
        found = [text for _, _, text in person.messages] + found
    return found


def many_in_one(texts: list[str], at_a_time: int = AT_A_TIME) -> list[str]:
    """The same in fewer messages."""
    return ["\n".join(some) for some in batches(texts, at_a_time)]


def stand_on_the_record(
    portal: RunningPortal, victim: VictimInBrowser, messages: list[str], answers: list[str]
) -> None:
    def recorded() -> bool:
        entries = portal.entries(victim.case)
        by_kind = {
            kind: [entry["text"] for entry in entries if entry["kind"] == kind]
            for kind in ("victim-message", "officer-message")
        }
        return by_kind == {"victim-message": messages, "officer-message": answers}

    until(recorded, "every text on the record as it was typed", seconds=60)


@pytest.mark.timeout(300)
def test_every_text_is_shown_as_typed_with_scripts(
    running_portal: RunningPortal, people: People
) -> None:
    account = running_portal.add_officer()
    officer = people.officer(running_portal)
    officer.signs_in(account)
    for texts in batches(naughty_messages(), IN_A_CONVERSATION):
        victim = people.victim(running_portal)
        victim.joins(running_portal.case_arrives(account))

        typed = sends_all(victim, many_in_one(texts, FEW))
        wanted = [clean(text) for text in typed]
        # Nothing but line ends is the browser's to change.
        assert wanted == [clean(text) for text in many_in_one(texts, FEW)]
        assert [text for _, _, text in victim.messages] == wanted
        officer.opens_case(victim.case)
        assert shown(officer) == wanted

        officer.opens_case(victim.case)
        answers = [clean(text) for text in sends_all(officer, many_in_one(texts))]
        assert answers == [clean(text) for text in many_in_one(texts)]
        assert [text for _, _, text in officer.messages][-len(answers) :] == answers
        expect(victim.page.locator("[data-message]")).to_have_count(len(wanted + answers))
        assert [text for _, _, text in victim.messages] == wanted + answers
        stand_on_the_record(running_portal, victim, wanted, answers)


def sends_without_scripts(person: Person, texts: list[str]) -> list[str]:
    """One page load each; what stood in the field."""
    typed = []
    for text in texts:
        person.text.fill(text)
        typed.append(person.text.input_value())
        with person.page.expect_navigation():
            person.send_button.click()
        assert not person.summary.count()
    return typed


@pytest.mark.timeout(300)
def test_every_text_is_shown_as_typed_without_scripts(
    running_portal: RunningPortal, people: People
) -> None:
    account = running_portal.add_officer()
    officer = people.officer(running_portal, java_script_enabled=False)
    officer.signs_in(account)
    victim = people.victim(running_portal, java_script_enabled=False)
    victim.joins(running_portal.case_arrives(account))
    texts = many_in_one(list(naughty_texts()))

    typed = sends_without_scripts(victim, texts)
    wanted = [clean(text) for text in typed]
    assert wanted == [clean(text) for text in texts]
    assert shown(victim) == wanted
    officer.opens_case(victim.case)
    assert shown(officer) == wanted

    officer.opens_case(victim.case)
    assert sends_without_scripts(officer, texts) == typed
    assert shown(officer) == wanted + wanted
    victim.opens("/cases")
    assert shown(victim) == wanted + wanted
    stand_on_the_record(running_portal, victim, wanted, wanted)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_every_text_comes_back_as_typed_if_it_cannot_be_taken(
    running_portal: RunningPortal, people: People, scripts: bool
) -> None:
    victim = people.victim(running_portal, java_script_enabled=scripts)
    victim.joins(running_portal.case_arrives())
    victim.watch.expect(422)
    victim.text.fill("\n\n" + "\n".join(naughty_texts()))
    typed = victim.text.input_value()
    assert typed.startswith("\n\n")

    victim.send_button.click()

    expect(victim.summary).to_be_visible()
    assert victim.text.input_value() == without_controls(typed)
