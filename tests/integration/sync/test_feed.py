"""The change feed: every page once, safe over a crash, and honest about its age."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest
import time_machine
from sqlalchemy import select

from app import clock
from app.cases.models import Case
from app.forces.models import Feed
from app.sync.feed import PAGE, read_on
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
    start, system = clock.now(), northshire.system()
    fetch = system.changes
    with time_machine.travel(start + timedelta(hours=1), tick=False) as now:

        def answer_slowly(cursor: str | None, limit: int) -> ChangesPage:
            now.shift(timedelta(minutes=5))
            return fetch(cursor, limit)

        system.changes = answer_slowly  # type: ignore[method-assign]
        northshire.work()
    assert feed_of(northshire).fresh_at == start + timedelta(hours=1)


def test_after_an_outage_its_age_counts_from_the_first_read_that_reached_the_end(
    northshire: Portal,
) -> None:
    start = clock.now()
    northshire.system().fail("500", feed=True)
    northshire.work()
    with time_machine.travel(start + timedelta(hours=80), tick=False):
        northshire.work()
    assert feed_of(northshire).fresh_at == start + timedelta(hours=80)


def test_a_feed_without_end_keeps_no_other_waiting(
    northshire: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.sync.feed.TURN_SECONDS", 0.0)
    northshire.add_force(
        slug="southshire",
        ons_code="E23000098",
        case_system={"url": "http://127.0.0.1:9200"},
    )
    victim = northshire.join(case_json(), "southshire")
    pages = count(1)

    def go_on_for_ever(cursor: str | None, limit: int) -> ChangesPage:
        assert limit
        return ChangesPage((), f"C{next(pages)} after {cursor}"[:100], more=True)

    northshire.system().changes = go_on_for_ever  # type: ignore[method-assign]
    danger = {**victim.case, "domesticAbuse": True}
    northshire.system("southshire").put_case(victim.case["reference"], danger)
    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        assert northshire.work_.read_feeds()
        assert northshire.case(victim.case_id).held_at is not None
        # Whose end nobody has seen does not count as fresh.
        with northshire.database.reading() as session:
            ages = session.scalars(select(Feed.fresh_at).order_by(Feed.fresh_at)).all()
        assert ages[0] is not None
        assert ages[0] < clock.now() - timedelta(seconds=50)


def test_a_page_that_cannot_be_taken_in_keeps_no_other_feed_waiting(northshire: Portal) -> None:
    spoilt = northshire.join()
    northshire.add_force(
        slug="southshire", ons_code="E23000098", case_system={"url": "http://127.0.0.1:9200"}
    )
    victim = northshire.join(case_json(), "southshire")
    with northshire.database.writing() as session:
        sealed = b"not sealed by any key of ours"
        session.get_one(Case, spoilt.case_id).facts_text_sealed = sealed
    northshire.system().put_case(spoilt.case["reference"], {**spoilt.case, "status": "charged"})
    danger = {**victim.case, "domesticAbuse": True}
    northshire.system("southshire").put_case(victim.case["reference"], danger)
    northshire.work()
    assert northshire.case(victim.case_id).held_at is not None


def test_a_first_read_in_many_turns_comes_to_its_end_at_once(
    northshire: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.sync.feed.TURN_SECONDS", 0.0)
    for _ in range(PAGE * 3 + 1):
        case = case_json()
        northshire.system().put_case(case["reference"], case)
    northshire.work()
    assert cases(northshire) == PAGE * 3 + 1


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
            assert read_on(northshire.database, feed.id, other, ignore_interval=True)
        return page

    other.changes = read_by_two  # type: ignore[method-assign]
    read_on(northshire.database, feed.id, other, ignore_interval=True)
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
