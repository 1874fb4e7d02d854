"""The change feed: every page once, safe over a crash, and honest about its age."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from app import clock
from app.cases.models import Case
from app.forces.models import Feed
from app.sync.feed import PAGE, read_to_end
from app.sync.port import ChangesPage
from tests.factories.facts import case_json
from tests.portal import Portal


def feed_of(portal: Portal) -> Feed:
    with portal.database.reading() as session:
        return session.scalars(select(Feed)).one()


def cases(portal: Portal) -> int:
    with portal.database.reading() as session:
        return len(session.scalars(select(Case.id)).all())


def test_many_pages_are_read_to_the_end(northshire: Portal) -> None:
    for _ in range(PAGE * 2 + 1):
        case = case_json()
        northshire.system().put_case(case["reference"], case)
    northshire.work()
    assert cases(northshire) == PAGE * 2 + 1


@pytest.mark.parametrize("fault", ["500", "401", "nonsense", "hang"])
def test_a_page_that_fails_is_read_again_and_nothing_is_read_twice_as_new(
    northshire: Portal, fault: str
) -> None:
    for _ in range(PAGE + 1):
        case = case_json()
        northshire.system().put_case(case["reference"], case)
    northshire.system().fail(fault, feed=True)
    northshire.work()
    assert cases(northshire) == 0
    assert feed_of(northshire).problem
    northshire.work()
    assert cases(northshire) == PAGE + 1
    assert feed_of(northshire).problem is None


def test_its_age_counts_from_the_start_of_the_read_that_reached_the_end(
    northshire: Portal,
) -> None:
    start = clock.now()
    northshire.system().fail("500", feed=True)
    northshire.work()
    with time_machine.travel(start + timedelta(hours=1), tick=False):
        northshire.work()
    fresh_at = feed_of(northshire).fresh_at
    assert fresh_at is not None
    assert fresh_at < start + timedelta(minutes=1)


def test_a_feed_that_is_too_old_closes_cases_until_it_is_fresh(northshire: Portal) -> None:
    victim = northshire.join()
    northshire.system().is_reachable = False
    start = clock.now()
    for hours in range(2, 72, 10):
        with time_machine.travel(start + timedelta(hours=hours)):
            northshire.work()
            signed_in = victim.visitor.see(victim.url)
            assert signed_in.h1 in {"Your case", "Sign in"}
    with time_machine.travel(start + timedelta(hours=73)):
        fresh = northshire.case(victim.case_id)
        assert fresh.reason is None
        northshire.work()
        page = signs_in_again(northshire, victim.case["victim"]["email"])
        assert page is None
        northshire.system().is_reachable = True
        northshire.work()
        assert signs_in_again(northshire, victim.case["victim"]["email"]) == "Your case"


def signs_in_again(portal: Portal, address: str) -> str | None:
    """The heading after signing in by code; None where no code comes."""
    someone = portal.visitor()
    before = len(portal.sender.letters)
    someone.send(someone.see("/sign-in").form("Continue"), address=address)
    portal.work()
    if len(portal.sender.letters) == before:
        return None
    code = portal.sign_in_code(address)
    return someone.send(someone.see("/sign-in/code").form("Sign in"), code=code).h1


def test_a_page_that_another_worker_has_read_meanwhile_is_thrown_away(
    northshire: Portal,
) -> None:
    case = case_json()
    northshire.system().put_case(case["reference"], case)
    feed = feed_of(northshire)
    other = northshire.system()
    fetch = other.changes
    taken: list[ChangesPage] = []

    def read_by_two(cursor: str | None, limit: int):
        page = fetch(cursor, limit)
        if not taken:
            # The lease ran out while the case system answered, and another worker took over.
            taken.append(page)
            with northshire.database.writing() as session:
                session.get_one(Feed, feed.id).leased_until = None
            assert read_to_end(northshire.database, feed.id, other, ignore_interval=True)
        return page

    other.changes = read_by_two  # type: ignore[method-assign]
    read_to_end(northshire.database, feed.id, other, ignore_interval=True)
    assert cases(northshire) == 1
    assert feed_of(northshire).lease_token is None


def test_a_case_without_a_reference_stops_nothing(northshire: Portal) -> None:
    good = case_json()
    northshire.system().put_case("", {**case_json(), "reference": None})
    northshire.system().put_case(good["reference"], good)
    northshire.work()
    assert cases(northshire) == 1


def test_the_officer_whom_the_feed_names_anew_has_the_case_and_the_old_one_has_not(
    northshire: Portal,
) -> None:
    old, new = northshire.add_officer("1234"), northshire.add_officer("5678", name="DC Ellis")
    victim = northshire.join()
    victim.writes("Hello")
    inboxes = [northshire.officer_signs_in(each) for each in (old, new)]
    named = {"collar": "5678", "name": "DC Ellis", "email": None}
    northshire.tell({**victim.case, "officerInCase": named})
    statuses = [inbox.see(f"/officer{victim.url}").status for inbox in inboxes]
    assert statuses == [404, 200]
    assert "DC Ellis" in victim.visitor.see(victim.url).words
