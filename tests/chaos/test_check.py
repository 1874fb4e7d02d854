"""The check is able to fail: made-up ledgers, portals and case systems with one thing wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.chaos.check import Stored, compare
from tests.chaos.ledger import Record

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
CASES = ("NS/1", "NS/2")


class Story:
    """Three messages in each of two conversations, kept and delivered as promised. The first of
    each came in two parts, and a repeat of the second was answered."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.stored: list[Stored] = []
        self.entries: list[dict[str, Any]] = []
        for turn in range(3):
            for case in CASES:
                self._write(case, turn + 1)

    def _write(self, case: str, sequence: int) -> None:
        number = len(self.records)
        author = ("victim", "officer")[number % 2]
        text = f"{number:05d} The lock was broken."
        self.records.append(Record(number, case, author, text, 2 * number, 2, 2 * number + 1, NOON))
        self.stored.append(Stored(case, sequence, author, "recorded", text, NOON))
        parts = [text[:12], text[12:]] if sequence == 1 else [text]
        for place, part in enumerate(parts, start=1):
            self.entries.append(
                {
                    "reference": case,
                    "externalId": f"id{number}" if place == 1 else f"id{number}-{place}",
                    "kind": f"{author}-message",
                    "sequence": sequence,
                    "part": {"n": place, "of": len(parts)},
                    "sha256": hashlib.sha256(text.encode()).hexdigest(),
                    "text": part,
                }
            )

    def wrong(self) -> dict[str, int]:
        return compare(self.records, self.stored, self.entries).wrong

    def entry(self, external_id: str) -> dict[str, Any]:
        [found] = [each for each in self.entries if each["externalId"] == external_id]
        return found

    def swap(self, one: str, other: str) -> None:
        """Their places in the case system."""
        first, second = (self.entries.index(self.entry(each)) for each in (one, other))
        self.entries[first], self.entries[second] = self.entries[second], self.entries[first]


@pytest.fixture
def story() -> Story:
    return Story()


def test_nothing_is_wrong_where_everything_is_as_promised(story: Story) -> None:
    findings = compare(story.records, story.stored, story.entries)

    assert findings.wrong == {}
    assert (findings.acknowledged, findings.in_case_system) == (6, 6)


def test_a_lost_message_is_noticed(story: Story) -> None:
    story.entries.remove(story.entry("id4"))
    story.stored[4] = replace(story.stored[4], state="saved")

    assert story.wrong() == {"lost": 1, "not_recorded": 1}


def test_a_message_lost_behind_a_receipt_is_noticed(story: Story) -> None:
    story.entries.remove(story.entry("id5"))

    assert story.wrong() == {"lost": 1, "recorded_but_absent": 1}


def test_a_lost_part_is_noticed(story: Story) -> None:
    story.entries.remove(story.entry("id0-2"))

    wrong = story.wrong()

    assert (wrong["lost"], wrong["recorded_but_absent"], wrong["altered"]) == (1, 1, 1)


def test_a_message_lost_from_the_middle_is_a_gap_in_the_order_too(story: Story) -> None:
    story.entries.remove(story.entry("id2"))

    assert story.wrong() == {"lost": 1, "recorded_but_absent": 1, "out_of_order": 1}


def test_a_message_that_was_acknowledged_and_never_stored_is_noticed(story: Story) -> None:
    del story.stored[5]
    story.entries.remove(story.entry("id5"))

    assert story.wrong() == {"acknowledged_but_absent": 1, "lost": 1}


def test_an_unacknowledged_message_may_be_absent_and_is_counted(story: Story) -> None:
    story.records[5].acknowledged = None
    del story.stored[5]
    story.entries.remove(story.entry("id5"))

    assert story.wrong() == {"never_acknowledged": 1}


def test_an_entry_that_stands_twice_under_one_id_is_noticed(story: Story) -> None:
    story.entries.append(dict(story.entry("id4")))

    assert story.wrong()["doubled"] == 1


def test_a_message_that_stands_twice_under_two_ids_is_noticed(story: Story) -> None:
    story.entries.append({**story.entry("id4"), "externalId": "another", "sequence": 4})

    assert story.wrong()["doubled"] == 1


def test_a_message_stored_twice_is_noticed_though_the_case_system_has_it_once(
    story: Story,
) -> None:
    story.stored.append(replace(story.stored[4], sequence=4))

    assert story.wrong()["doubled_in_portal"] == 1


def test_messages_that_arrived_in_another_order_are_noticed(story: Story) -> None:
    story.swap("id2", "id4")

    assert story.wrong() == {"out_of_order": 1}


def test_parts_that_arrived_in_another_order_are_noticed(story: Story) -> None:
    story.swap("id0", "id0-2")

    wrong = story.wrong()

    assert wrong["out_of_order"] == 1
    assert wrong["lost"] == 1


def test_a_later_message_numbered_before_an_acknowledged_one_is_noticed(story: Story) -> None:
    """Portal and case system agree with each other, and not with what people were told."""
    earlier, later = story.stored[2], story.stored[4]
    story.stored[2] = replace(earlier, sequence=later.sequence)
    story.stored[4] = replace(later, sequence=earlier.sequence)
    story.entry("id2")["sequence"], story.entry("id4")["sequence"] = 3, 2
    story.swap("id2", "id4")

    assert story.wrong() == {"out_of_order": 1}


def test_messages_written_at_the_same_time_may_stand_in_either_order(story: Story) -> None:
    story.records[4].began = story.records[2].began
    earlier, later = story.stored[2], story.stored[4]
    story.stored[2] = replace(earlier, sequence=later.sequence)
    story.stored[4] = replace(later, sequence=earlier.sequence)
    story.entry("id2")["sequence"], story.entry("id4")["sequence"] = 3, 2
    story.swap("id2", "id4")

    assert story.wrong() == {}


def test_a_place_in_the_case_system_unlike_the_portals_is_noticed(story: Story) -> None:
    story.stored[2], story.stored[4] = (
        replace(story.stored[2], sequence=3),
        replace(story.stored[4], sequence=2),
    )

    assert story.wrong() == {"out_of_order": 2}


def _one_character_in_the_case_system(story: Story) -> None:
    story.entry("id3")["text"] = story.entry("id3")["text"].replace("lock", "Lock")


def _one_character_and_its_hash(story: Story) -> None:
    entry = story.entry("id3")
    entry["text"] = entry["text"].replace("lock", "Lock")
    entry["sha256"] = hashlib.sha256(entry["text"].encode()).hexdigest()


def _one_character_in_the_portal(story: Story) -> None:
    told = story.stored[3]
    story.stored[3] = replace(told, text=told.text.replace("lock", "Lock"))


def _the_author_in_the_case_system(story: Story) -> None:
    story.entry("id3")["kind"] = "victim-message"


def _the_conversation_in_the_portal(story: Story) -> None:
    story.stored[3] = replace(story.stored[3], conversation=CASES[0])


@pytest.mark.parametrize(
    "alter",
    [
        _one_character_in_the_case_system,
        _one_character_and_its_hash,
        _one_character_in_the_portal,
        _the_author_in_the_case_system,
        _the_conversation_in_the_portal,
    ],
)
def test_an_altered_message_is_noticed(story: Story, alter: Callable[[Story], None]) -> None:
    alter(story)

    assert story.wrong()["altered"] == 1


def test_a_message_that_nobody_wrote_is_noticed(story: Story) -> None:
    story.stored.append(Stored(CASES[0], 4, "victim", "recorded", "Not ours.", NOON))

    wrong = story.wrong()

    assert wrong["unknown"] == 1


def test_a_message_that_waits_for_a_person_is_noticed(story: Story) -> None:
    story.stored[4] = replace(story.stored[4], state="attention")

    assert story.wrong() == {"not_recorded": 1}
