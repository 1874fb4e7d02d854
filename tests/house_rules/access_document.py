"""Writes `docs/access.md` from the table: `python -m tests.house_rules.access_document`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.house_rules.access_table import TABLE, Answer, Line, Person

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "access.md"

_HEAD = """\
# Who may open what

This page is written from the table that the tests walk: at every address of the portal, every kind
of person asks, and the answer has to be the one below. So what stands here is what the portal does.
(Where an address has `<case_id>` in it, everybody asks for one and the same case; the victim of a
case on hold asks for that case.)

A role alone opens no case: supervisors, the contact bureau, administrators and auditors see no more
of a case than any other officer who is not in charge of it.
"""


def write_document() -> str:
    """The whole document."""
    return "\n".join([_HEAD, *_public(), *_private(), ""])


def _public() -> Iterator[str]:
    yield "## The same for everybody"
    yield ""
    yield "| address | what it is | everybody |"
    yield "| --- | --- | --- |"
    for line in TABLE:
        if _is_for_all(line):
            yield f"| {_address(line)} | {line.what} | {_any(line).value} |"
    yield ""


def _private() -> Iterator[str]:
    yield "## Different from person to person"
    for line in TABLE:
        if _is_for_all(line):
            continue
        yield ""
        yield f"### {_capital(line.what.removeprefix('… '))}"
        yield ""
        yield f"Address: {_address(line)}"
        yield ""
        for answer in Answer:
            people = [person.value for person in Person if line.answers[person] is answer]
            if people:
                yield f"- **{_capital(answer.value)}**: {', '.join(people)}"


def _is_for_all(line: Line) -> bool:
    return len(set(line.answers.values())) == 1


def _any(line: Line) -> Answer:
    return line.answers[Person.NOBODY]


def _address(line: Line) -> str:
    return f"`{line.method} {line.rule}`" if line.method != "GET" else f"`{line.rule}`"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


if __name__ == "__main__":
    DOCUMENT.write_text(write_document(), encoding="utf-8")
