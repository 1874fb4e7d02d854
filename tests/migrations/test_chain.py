"""The migrations are one line, numbered as their files are."""

from __future__ import annotations

import re
from pathlib import Path

from tests.migrations.steps import FOLDER, migrating, revisions

FILES = sorted(FOLDER.glob("*.py"))


def test_migrations_are_one_line_without_branches(sqlite_url: str) -> None:
    with migrating(sqlite_url) as (app, _database):
        line = revisions(app)

    assert [each.revision for each in line] == [f"{n:04}" for n in range(1, len(FILES) + 1)]
    assert [each.down_revision for each in line] == [None, *(e.revision for e in line[:-1])]
    assert sum(each.is_head for each in line) == 1


def test_a_migrations_file_is_named_by_its_number_and_its_idea(sqlite_url: str) -> None:
    with migrating(sqlite_url) as (app, _database):
        line = revisions(app)

    for each in line:
        name = Path(each.path).name
        assert re.fullmatch(rf"{each.revision}_[a-z_]+\.py", name), name
        assert each.doc.endswith("."), f"{name} says in a sentence what it is for"


def test_migrations_do_not_lean_on_the_models() -> None:
    """Models move on; a migration must do the same for ever."""
    for path in FILES:
        assert not re.search(r"^(from|import) app\b", path.read_text(), re.MULTILINE), path.name
