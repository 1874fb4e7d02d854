"""What tests can ask for by name. Each feature's own fixtures stand beside its tests."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from hypothesis import settings
from playwright.sync_api import Browser

from tests.databases import KINDS, Databases, Migrate, begin_run, end_run, migrate_by_command
from tests.portal import Portal, open_portal
from tests.servers import Mailbox, empty_redis, running_chromium, running_redis

# Time limits belong to pytest: a machine with something else to do is not a failure.
settings.register_profile("portal", deadline=None)
settings.load_profile("portal")


def pytest_configure(config: pytest.Config) -> None:
    """Begin a run, in its main process only."""
    if not hasattr(config, "workerinput"):
        folder = begin_run()
        config.option.basetemp = config.option.basetemp or str(folder / "tests")


def pytest_unconfigure(config: pytest.Config) -> None:
    """End it, after every worker has ended."""
    if not hasattr(config, "workerinput"):
        end_run()


@pytest.fixture(scope="module", autouse=True)
def leaks_are_found_in_the_module_they_are_from() -> Iterator[None]:
    """A file or connection left open is a warning, so an error, once it is collected: do so now."""
    yield
    gc.collect()


@pytest.fixture(scope="session")
def migrate() -> Migrate:
    """How an empty database is brought up to date."""
    return migrate_by_command


@pytest.fixture(scope="session")
def databases(migrate: Migrate) -> Databases:
    """For a test that needs several databases, or one for longer than a test."""
    return Databases(migrate)


@pytest.fixture
def sqlite_url(databases: Databases) -> Iterator[str]:
    """An empty SQLite database."""
    with databases.empty("sqlite") as url:
        yield url


@pytest.fixture
def postgresql_url(databases: Databases) -> Iterator[str]:
    """An empty PostgreSQL database."""
    with databases.empty("postgresql") as url:
        yield url


@pytest.fixture(params=KINDS)
def database_kind(request: pytest.FixtureRequest) -> str:
    """Runs the test once for each kind of database."""
    return str(request.param)


@pytest.fixture
def database_url(databases: Databases, database_kind: str) -> Iterator[str]:
    """An empty database, of each kind in turn."""
    with databases.empty(database_kind) as url:
        yield url


@pytest.fixture
def migrated_url(databases: Databases, database_kind: str) -> Iterator[str]:
    """A database with all tables and nothing in them, of each kind in turn."""
    with databases.migrated(database_kind) as url:
        yield url


@pytest.fixture
def migrated_sqlite_url(databases: Databases) -> Iterator[str]:
    """An SQLite database with all tables and nothing in them."""
    with databases.migrated("sqlite") as url:
        yield url


@pytest.fixture
def migrated_postgresql_url(databases: Databases) -> Iterator[str]:
    """A PostgreSQL database with all tables and nothing in them."""
    with databases.migrated("postgresql") as url:
        yield url


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis for all tests of this process; ask for `redis_url`."""
    with running_redis(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """An empty Redis."""
    empty_redis(redis_server)
    return redis_server


@pytest.fixture
def smtp_server() -> Iterator[Mailbox]:
    """A mail server that keeps what it is sent."""
    with Mailbox().open() as mailbox:
        yield mailbox


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium. While it runs, `asyncio.run` cannot be used in the test process."""
    with running_chromium() as browser:
        yield browser


@pytest.fixture
def portal(migrated_url: str) -> Iterator[Portal]:
    """A whole portal without any force, on each kind of database in turn."""
    portal = open_portal(migrated_url)
    yield portal
    portal.database.engine.dispose()


@pytest.fixture
def northshire(portal: Portal) -> Portal:
    """A portal with one force, Northshire."""
    portal.add_force()
    return portal
