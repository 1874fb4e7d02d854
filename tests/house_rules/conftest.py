"""A town for the rules to be walked through."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.databases import Databases
from tests.house_rules.town import Town, found_town
from tests.portal import open_portal


@pytest.fixture(scope="session")
def town(databases: Databases) -> Iterator[Town]:
    """One for all tests of a run, on SQLite: they ask, and what they change others bear."""
    with databases.migrated("sqlite") as url:
        portal = open_portal(url)
        yield found_town(portal)
        portal.database.engine.dispose()
