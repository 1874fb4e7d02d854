"""Writes `docs/access.md` from the table: `python -m tests.house_rules.access_document`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.house_rules.access_people import Answer, Person, Which
from tests.house_rules.access_table import TABLE, Line, cells_of

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "access.md"

_HEAD = """\
# Who may open what

This page is written from the table that the tests walk: at every address of the portal, every kind
of person asks, where an address names a case for every kind of case, and the answer has to be the
one below. So what stands here is what the portal does. The last walk is counted in
`var/access.json`; the table has {cells:,} cells.

In short:

- A **victim** opens the cases that they joined, while these are open online.
- The **officer in the case** opens it, and is the only one who writes to the victim.
- **Supervisors** and the **contact bureau** open the cases of their force to read, after they said
  why; the reason is kept sealed, and lasts an hour for that person and case. A supervisor can also
  lift a hold, and pause a victim's messages to the officer.
- An **administrator** sees the force's settings and officers, an **auditor** the audit record and
  figures. Neither opens a case.
- **Nobody** of one force sees anything of another's, whatever their roles. What somebody may not
  see looks as if it did not exist.

The cases that are asked for: **the case** (joined and open online; its officer is "the officer in
the case"), **another case** of the same force with another victim and officer, one **of another
force**, one **on hold**, and one that is **closed online** for another cause. Those on hold and
closed have their own victims, and the same officer as the case.
"""


def write_document() -> str:
    """The whole document."""
    cells = sum(len(cells_of(line)) for line in TABLE)
    return "\n".join([_HEAD.format(cells=cells), *_public(), *_private(), *_about_cases(), ""])


def _public() -> Iterator[str]:
    yield "## The same for everybody"
    yield ""
    yield "| address | what it is | everybody |"
    yield "| --- | --- | --- |"
    for line in TABLE:
        if _is_for_all(line):
            yield f"| {_address(line)} | {line.what} | {line.answers[Person.NOBODY].value} |"
    yield ""


def _private() -> Iterator[str]:
    yield "## Different from person to person"
    for line in TABLE:
        if _is_for_all(line) or line.cases is not None:
            continue
        yield from _heading(line)
        yield "| who asks | answer |"
        yield "| --- | --- |"
        by_answer: dict[Answer, list[str]] = {}
        for person, answer in line.answers.items():
            by_answer.setdefault(answer, []).append(person.value)
        for answer in Answer:
            if answer in by_answer:
                yield f"| {', '.join(by_answer[answer])} | {answer.value} |"
    yield ""


def _about_cases() -> Iterator[str]:
    yield "## Different from person to person and from case to case"
    for line in TABLE:
        if line.cases is None:
            continue
        yield from _heading(line)
        yield f"| who asks | {' | '.join(which.value for which in Which)} |"
        yield f"| --- |{' --- |' * len(Which)}"
        rows: dict[tuple[str, ...], list[str]] = {}
        for person in Person:
            rows.setdefault(_row(line.cases, person), []).append(person.value)
        for answers, people in rows.items():
            yield f"| {', '.join(people)} | {' | '.join(answers)} |"


def _row(cases: Mapping[Which, Mapping[Person, Answer]], person: Person) -> tuple[str, ...]:
    return tuple(cases[which][person].value for which in Which)


def _heading(line: Line) -> Iterator[str]:
    yield ""
    yield f"### {_capital(line.what.removeprefix('… '))}"
    yield ""
    yield f"Address: {_address(line)}"
    yield ""


def _is_for_all(line: Line) -> bool:
    return line.cases is None and len(set(line.answers.values())) == 1


def _address(line: Line) -> str:
    return f"`{line.method} {line.rule}`" if line.method != "GET" else f"`{line.rule}`"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


if __name__ == "__main__":
    DOCUMENT.write_text(write_document(), encoding="utf-8")
