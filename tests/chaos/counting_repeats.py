"""`python -m tests.chaos.counting_repeats FILE case-system serve …`: the demo case system as it is,
and a line in a file for each entry that it was sent once more.

It shows that a run put the promise to the test: calls were repeated after they had taken effect.
"""

from __future__ import annotations

import sys
from pathlib import Path

from flask.cli import main

from app.demo.case_system.entries import Entries, Put
from app.demo.case_system.journal import Line

if __name__ == "__main__":
    path, put = Path(sys.argv[1]), Entries.put

    def put_and_count(
        entries: Entries, reference: str, external_id: str, entry: Line
    ) -> tuple[Put, Line]:
        outcome, line = put(entries, reference, external_id, entry)
        if outcome is not Put.CREATED:
            with path.open("a", encoding="utf-8") as file:
                file.write(f"{outcome.name} {external_id}\n")
        return outcome, line

    setattr(Entries, "put", put_and_count)  # noqa: B010 - mypy knows no other way to say it
    sys.argv = ["flask", "--app", "wsgi", *sys.argv[2:]]
    main()
