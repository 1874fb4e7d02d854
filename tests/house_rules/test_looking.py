"""Looking changes nothing: every GET, as everybody, leaves every table as it was."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import delete, event, update

from app import clock
from app.cases.models import Case, Task
from app.database import Base
from tests.house_rules.access_table import TABLE, Answer, Line, Person
from tests.house_rules.town import Town

LOOKS = [line for line in TABLE if line.method == "GET"]
READ_MARKS = {"audit_rows", "conversations"}
LAST_SEEN = {"sign_in_sessions"}
MAY_WRITE = {
    # What is shown is marked as read, and the consultation recorded, as the law asks.
    "/cases/<case_id>": READ_MARKS,
    "/cases/<case_id>/messages": READ_MARKS,
    "/officer/cases/<case_id>": READ_MARKS,
    "/officer/cases/<case_id>/messages": READ_MARKS,
    "/officer/cases/<case_id>/messages/<int:sequence>/marks": {"audit_rows"},
    # What a victim asked for is shown there, and the consultation recorded.
    "/officer/tasks/<task_id>": {"audit_rows"},
    # Leaving must work as a plain link.
    "/exit": {"audit_rows", "sign_in_sessions", "known_devices"},
}
REFUSALS = {Answer.NOT_THERE, Answer.RELOAD, Answer.NEUTRAL}
"""That somebody asked for what is not theirs is on record."""
_WRITES = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM|REPLACE INTO)\s+(\w+)")
POLLS = {"/cases/<case_id>/messages", "/officer/cases/<case_id>/messages"}
PUBLIC_ANSWERS = {
    Answer.SIGN_IN,
    Answer.OFFICER_SIGN_IN,
    Answer.SIGNED_OUT,
    Answer.START_AGAIN,
    Answer.CLOSED_INVITATION,
    Answer.TEXT,
}


@contextmanager
def noting_writes(town: Town) -> Iterator[set[str]]:
    """The tables of which rows are written, whatever becomes of the transaction."""
    written: set[str] = set()

    def note(
        _connection: object, cursor: Any, statement: str, _parameters: object, *_more: object
    ) -> None:
        found = _WRITES.match(statement)
        if found and cursor.rowcount:
            written.add(found[1])

    engine = town.portal.database.engine
    event.listen(engine, "after_cursor_execute", note)
    try:
        yield written
    finally:
        event.remove(engine, "after_cursor_execute", note)


def changed_by(town: Town, line: Line, person: Person, after: timedelta = timedelta()) -> set[str]:
    """The tables that one look changed, some time after signing in."""
    visitor = town.visitor(person)
    with noting_writes(town) as written, time_machine.travel(clock.now() + after, tick=True):
        town.ask(line, person, visitor)
    return written


def test_writes_are_noted(town: Town) -> None:
    tables = {table.name for table in Base.metadata.sorted_tables}
    with noting_writes(town) as written, town.portal.database.writing() as session:
        session.execute(update(Case).values(reason=Case.reason))
        session.execute(delete(Task).where(Task.id == uuid4()))
    assert written == {"cases"} < tables


@pytest.mark.parametrize("line", LOOKS, ids=lambda line: line.rule)
def test_a_look_writes_nothing_but_what_is_named_here(town: Town, line: Line) -> None:
    for person in Person:
        changed = changed_by(town, line, person)
        shown = line.answers[person] in {Answer.PAGE, Answer.AWAY}
        allowed = MAY_WRITE.get(line.rule, set()) if shown else set()
        if line.answers[person] in REFUSALS:
            allowed = {"audit_rows"}
        assert changed <= allowed, (person, changed)


@pytest.mark.parametrize("line", LOOKS, ids=lambda line: line.rule)
def test_a_session_is_noted_as_in_use_once_a_minute_and_never_by_a_poll(
    town: Town, line: Line
) -> None:
    is_private = len(set(line.answers.values())) > 1 and line.rule not in POLLS
    for person in town.ids:
        if line.answers[person] in PUBLIC_ANSWERS | {Answer.NOT_THERE, Answer.RELOAD}:
            continue
        changed = changed_by(town, line, person, after=timedelta(seconds=61))
        allowed = MAY_WRITE.get(line.rule, set())
        if line.answers[person] in REFUSALS:
            allowed = allowed | {"audit_rows"}
        assert changed - allowed == (LAST_SEEN if is_private else set()), (person, changed)
