"""What people were told: every message begun and acknowledged, on disk before anything follows."""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock

from app import clock
from tests.chaos.plan import Sending


@dataclass(slots=True)
class Record:
    """One message. `began` and `acknowledged` are places in one order of all of them: whatever was
    acknowledged before another began has to stand before it. `last_tried_at` is UTC."""

    number: int
    conversation: str
    author: str
    text: str
    began: int
    tries: int = 0
    acknowledged: int | None = None
    last_tried_at: datetime | None = None


class Ledger:
    """An append-only file; threads may share it."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("x", encoding="utf-8")
        self._lock = Lock()
        self._place = 0

    def begin(self, sending: Sending, conversation: str) -> None:
        self._note(
            "began",
            number=sending.number,
            conversation=conversation,
            author=sending.author,
            text=sending.text,
        )

    def acknowledge(self, number: int, tries: int, last_tried_at: datetime) -> None:
        """The answer said that the message is kept."""
        at = last_tried_at.isoformat()
        self._note("acknowledged", number=number, tries=tries, last_tried_at=at)

    def refused(self, number: int, why: str) -> None:
        """Another answer, or none. Nothing rests on it, so the disk is not waited for."""
        self._note("refused", number=number, why=why, is_on_disk=False)

    def _note(self, what: str, *, is_on_disk: bool = True, **rest: object) -> None:
        with self._lock:
            self._place += 1
            line = {"place": self._place, "what": what, "at": clock.now().isoformat(), **rest}
            self._file.write(json.dumps(line) + "\n")
            self._file.flush()
            if is_on_disk:
                os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()


def read_ledger(path: Path) -> tuple[list[Record], Counter[str]]:
    """Every message begun, in that order, and how often each other answer came."""
    records: dict[int, Record] = {}
    refusals: Counter[str] = Counter()
    with path.open(encoding="utf-8") as file:
        for line in map(json.loads, file):
            number = line["number"]
            if line["what"] == "began":
                records[number] = Record(
                    number, line["conversation"], line["author"], line["text"], line["place"]
                )
            elif line["what"] == "acknowledged":
                record = records[number]
                record.acknowledged = line["place"]
                record.tries = line["tries"]
                record.last_tried_at = datetime.fromisoformat(line["last_tried_at"])
            else:
                refusals[line["why"]] += 1
    return list(records.values()), refusals
