"""From the case system to the victim, to the record, to the officer, and back."""

from __future__ import annotations

from tests.factories.facts import case_json
from tests.portal import Portal


def test_a_message_goes_onto_the_record_and_the_answer_comes_back(northshire: Portal) -> None:
    case = case_json()
    officer = northshire.add_officer(case["officerInCase"]["collar"])
    victim = northshire.join(case)

    page = victim.writes("Is there any news?")
    assert [(m.sequence, m.state, m.text) for m in page.messages] == [
        (1, "saved", "Is there any news?")
    ]
    northshire.work()
    assert victim.visitor.see(victim.url).messages[0].state == "recorded"

    inbox = northshire.officer_signs_in(officer)
    page = inbox.see("/officer/inbox")
    page = inbox.see(page.link(case["reference"]))
    assert page.messages[0].text == "Is there any news?"
    page = inbox.send(page.form("Send reply"), text="Not yet. I will call on Monday.")
    assert page.messages[1].text == "Not yet. I will call on Monday."
    northshire.work()

    shown = victim.visitor.see(victim.url).messages
    assert [(m.sequence, m.state) for m in shown] == [(1, "recorded"), (2, "recorded")]
    held = northshire.system().held(case["reference"])
    assert [entry.text for entry in held] == [m.text for m in shown]
