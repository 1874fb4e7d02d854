"""A running portal and the people in front of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.people import OfficerInBrowser, Person, VictimInBrowser
from tests.browser.programs import somewhere_else
from tests.browser.running import RunningPortal
from tests.databases import KINDS, Databases
from tests.ports import free_port

# News may take ten seconds to show, and the machine may have other things to do.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def safe_exit() -> Iterator[str]:
    """The page to which "Exit this page" leads."""
    with somewhere_else(free_port()) as url:
        yield url


@contextmanager
def portal_on(
    databases: Databases, kind: str, folder: Path, safe_exit: str
) -> Iterator[RunningPortal]:
    with databases.migrated(kind) as url:
        portal = RunningPortal(folder, url, safe_exit)
        try:
            portal.start()
            yield portal
        finally:
            portal.end()


@pytest.fixture(scope="session")
def running_portal(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory, safe_exit: str
) -> Iterator[RunningPortal]:
    """Processes of their own on SQLite, for all browser tests of this process."""
    folder = tmp_path_factory.mktemp("portal")
    with portal_on(databases, "sqlite", folder, safe_exit) as portal:
        yield portal


@pytest.fixture(params=KINDS)
def either_portal(
    request: pytest.FixtureRequest, databases: Databases, tmp_path: Path, safe_exit: str
) -> Iterator[RunningPortal]:
    """The same on each kind of database."""
    if request.param == "sqlite":
        yield request.getfixturevalue("running_portal")
        return
    with portal_on(databases, request.param, tmp_path, safe_exit) as portal:
        yield portal


class People:
    """Gives browsers to people, and closes them at the end of the test."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._all: list[Person] = []

    def victim(self, portal: RunningPortal, **options: Any) -> VictimInBrowser:
        return self._keep(VictimInBrowser(self._browser, portal, **options))

    def officer(self, portal: RunningPortal, **options: Any) -> OfficerInBrowser:
        return self._keep(OfficerInBrowser(self._browser, portal, **options))

    def _keep(self, person: Any) -> Any:
        self._all.append(person)
        return person

    def leave(self, *, is_checked: bool) -> None:
        for person in self._all:
            if is_checked:
                person.leaves()
            else:
                person.context.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Iterator[None]:
    """Tell fixtures whether their test passed."""
    report: Any = yield
    if report.when == "call":
        item.stash[_PASSED] = report.passed
    return report


_PASSED = pytest.StashKey[bool]()


@pytest.fixture
def people(browser: Browser, request: pytest.FixtureRequest) -> Iterator[People]:
    """Makes victims and officers; when the test has passed, each must leave in good order."""
    people = People(browser)
    yield people
    people.leave(is_checked=request.node.stash.get(_PASSED, False))


@pytest.fixture
def victim(people: People, running_portal: RunningPortal) -> VictimInBrowser:
    """A victim on their case page, a case of their own."""
    person = people.victim(running_portal)
    person.joins(running_portal.case_arrives())
    return person
