"""`python -m tests.chaos.watched FOLDER case-system serve …`: the demo case system as it is, and
in `FOLDER/effects` a line for what shows that a run put the promises to the test, in
`FOLDER/calls` the moment of every call.

Profile `niche`: entries that were sent once more after they had taken effect. Profile `connect`:
look-ups of an unknown fate, by what they found.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from flask import Flask
from flask.cli import main

from app.demo.case_system.entries import Entries, Put
from app.demo.case_system.journal import Line

EFFECTS, CALLS = "effects", "calls"
FOUND, NOT_FOUND = "LOOKED_UP_FOUND", "LOOKED_UP_NOT_FOUND"


def _watch_entries(path: Path) -> None:
    put, with_id = Entries.put, Entries.with_id

    def note(what: str) -> None:
        with path.open("a", encoding="utf-8") as file:
            file.write(what + "\n")

    def put_and_note(
        entries: Entries, reference: str, external_id: str, entry: Line
    ) -> tuple[Put, Line]:
        outcome, line = put(entries, reference, external_id, entry)
        if outcome is not Put.CREATED:
            note(outcome.name)
        return outcome, line

    def with_id_and_note(entries: Entries, reference: str, external_id: str) -> list[Line]:
        found = with_id(entries, reference, external_id)
        note(FOUND if found else NOT_FOUND)
        return found

    # `setattr`, since mypy knows no other way to say it.
    if "connect" in sys.argv:
        setattr(Entries, "with_id", with_id_and_note)  # noqa: B010
    else:
        setattr(Entries, "put", put_and_note)  # noqa: B010


def _watch_calls(path: Path) -> None:
    answer, calls = Flask.wsgi_app, path.open("a", buffering=1, encoding="utf-8")

    def note_and_answer(system: Flask, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if not environ["PATH_INFO"].startswith("/demo/"):
            calls.write(f"{time.time():.3f}\n")
        return answer(system, environ, start)

    setattr(Flask, "wsgi_app", note_and_answer)  # noqa: B010


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    _watch_entries(folder / EFFECTS)
    _watch_calls(folder / CALLS)
    sys.argv = ["flask", "--app", "wsgi", *sys.argv[2:]]
    main()
