"""The ledger against the portal against the case system. Pure, and sure of nobody's word."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import pairwise, permutations
from typing import Any

from tests.chaos.ledger import Record
from tests.chaos.plan import number_in

HeldEntries = Sequence[Mapping[str, Any]]
"""What stands in a case system's `entries.jsonl`, in its order."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One message as the portal has it; `conversation` is the case's reference."""

    conversation: str
    sequence: int
    author: str
    state: str
    text: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Findings:
    """Numbers of messages; all but the first two have to be 0.

    `acknowledged_but_absent`: the sender was told that it is kept, and the portal has it not.
    `recorded_but_absent`: the portal says that it is on the case record, and it is not.
    `lost`: the sender was told that it is kept, and it is not whole in the case system.
    `unknown`: it is there, and nobody wrote it.
    """

    acknowledged: int
    in_case_system: int
    never_acknowledged: int
    acknowledged_but_absent: int
    recorded_but_absent: int
    lost: int
    doubled: int
    doubled_in_portal: int
    out_of_order: int
    altered: int
    not_recorded: int
    unknown: int

    @property
    def wrong(self) -> dict[str, int]:
        """Whatever is not as promised."""
        counts = asdict(self)
        del counts["acknowledged"], counts["in_case_system"]
        return {name: count for name, count in counts.items() if count}


@dataclass(slots=True)
class _Held:
    """A message as the case system has it, its parts put together in the order they came."""

    conversation: str
    author: str
    sequence: int
    sha256: str
    of: int
    parts: list[str]

    @property
    def text(self) -> str:
        return "".join(self.parts)

    @property
    def is_whole(self) -> bool:
        digest = hashlib.sha256(self.text.encode()).hexdigest()
        return len(self.parts) == self.of and digest == self.sha256


def compare(records: Sequence[Record], stored: Sequence[Stored], entries: HeldEntries) -> Findings:
    """What is wrong between the three."""
    acknowledged = {each.number: each for each in records if each.acknowledged is not None}
    in_portal = _by_number(stored)
    held, repeated = _put_together(entries)
    in_case_system = _by_number(held)
    known = {each.number for each in records}
    return Findings(
        acknowledged=len(acknowledged),
        in_case_system=len(held),
        never_acknowledged=len(records) - len(acknowledged),
        acknowledged_but_absent=len(acknowledged.keys() - in_portal.keys()),
        recorded_but_absent=sum(
            each.state == "recorded"
            and not _has_whole(in_case_system.get(number_in(each.text), []))
            for each in stored
        ),
        lost=sum(not _has_whole(in_case_system.get(number, [])) for number in acknowledged),
        doubled=repeated + _more_than_once(in_case_system),
        doubled_in_portal=_more_than_once(in_portal),
        out_of_order=_out_of_turn(entries)
        + _unlike_the_portal(in_portal, in_case_system)
        + _against_the_ledger(records, in_case_system),
        altered=sum(_is_altered(each, in_portal, in_case_system) for each in records),
        not_recorded=sum(each.state != "recorded" for each in stored),
        unknown=len((in_portal.keys() | in_case_system.keys()) - known),
    )


def repeats_recognised(records: Sequence[Record], stored: Sequence[Stored]) -> int:
    """How many messages had been stored before the try that was acknowledged began: their first
    answer was lost on its way, and the repeat did not store them again."""
    sent = {number_in(each.text): each.sent_at for each in stored}
    return sum(
        each.last_tried_at is not None
        and each.number in sent
        and sent[each.number] < each.last_tried_at
        for each in records
    )


def _by_number(found: Sequence[Any]) -> dict[int | None, list[Any]]:
    by_number: dict[int | None, list[Any]] = defaultdict(list)
    for each in found:
        by_number[number_in(each.text)].append(each)
    return by_number


def _put_together(entries: HeldEntries) -> tuple[list[_Held], int]:
    """Messages from entries, and how many entries came a second time under their id."""
    held: dict[tuple[str, str], _Held] = {}
    seen: Counter[tuple[str, str]] = Counter()
    for entry in entries:
        reference, external_id, part = entry["reference"], entry["externalId"], entry["part"]
        seen[reference, external_id] += 1
        if seen[reference, external_id] > 1:
            continue
        message_id = external_id if part["n"] == 1 else external_id.removesuffix(f"-{part['n']}")
        message = held.setdefault(
            (reference, message_id),
            _Held(
                conversation=reference,
                author=entry["kind"].removesuffix("-message"),
                sequence=entry["sequence"],
                sha256=entry["sha256"],
                of=part["of"],
                parts=[],
            ),
        )
        message.parts.append(entry["text"])
    return list(held.values()), sum(count - 1 for count in seen.values())


def _has_whole(found: Sequence[_Held]) -> bool:
    return any(each.is_whole for each in found)


def _more_than_once(by_number: Mapping[int | None, Sequence[object]]) -> int:
    return sum(len(found) - 1 for found in by_number.values())


def _out_of_turn(entries: HeldEntries) -> int:
    """Entries that do not follow the one before them in their conversation, and missing numbers."""
    turns: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for entry in entries:
        turns[entry["reference"]].append((entry["sequence"], entry["part"]["n"]))
    wrong = 0
    for turn in turns.values():
        wrong += sum(after <= before for before, after in pairwise(turn))
        wrong += len(set(range(1, turn[-1][0] + 1)) - {sequence for sequence, _ in turn})
    return wrong


def _unlike_the_portal(
    in_portal: Mapping[int | None, Sequence[Stored]],
    in_case_system: Mapping[int | None, Sequence[_Held]],
) -> int:
    """Messages that have another place in their conversation there than here."""
    return sum(
        stored.sequence != held.sequence
        for number in in_portal.keys() & in_case_system.keys()
        for stored in in_portal[number]
        for held in in_case_system[number]
    )


def _against_the_ledger(
    records: Sequence[Record], in_case_system: Mapping[int | None, Sequence[_Held]]
) -> int:
    """Pairs of which the later one began after the earlier was acknowledged, yet stands before."""
    of_conversation: dict[str, list[tuple[Record, int]]] = defaultdict(list)
    for each in records:
        for held in in_case_system.get(each.number, [])[:1]:
            of_conversation[each.conversation].append((each, held.sequence))
    return sum(
        earlier.acknowledged is not None
        and earlier.acknowledged < later.began
        and place_of_earlier >= place_of_later
        for written in of_conversation.values()
        for (earlier, place_of_earlier), (later, place_of_later) in permutations(written, 2)
    )


def _is_altered(
    record: Record,
    in_portal: Mapping[int | None, Sequence[Stored]],
    in_case_system: Mapping[int | None, Sequence[_Held]],
) -> bool:
    wanted = (record.conversation, record.author, record.text)
    found: list[Stored | _Held] = [
        *in_portal.get(record.number, ()),
        *in_case_system.get(record.number, ()),
    ]
    return any((each.conversation, each.author, each.text) != wanted for each in found)
