"""A new encryption key takes the place of an old one, and nobody notices."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from click.testing import Result
from sqlalchemy import select, update

from app.accounts.models import Officer
from app.audit.models import AuditRow
from app.crypto import KeyIsMissing
from app.database import LookupKey
from app.keys.rotation import rotate
from tests.factories.facts import case_json
from tests.integration.cases.steps import sees_neutral_page, why_closed
from tests.integration.keys.steps import (
    NEW,
    NEWEST,
    OLD,
    Town,
    listed,
    number,
    reopened,
    settle,
    used,
)
from tests.portal import Portal, open_portal

Reopen = Callable[..., Portal]


@pytest.fixture
def town(migrated_url: str) -> Iterator[Town]:
    """A portal whose only key is OLD, with something under it everywhere."""
    portal = open_portal(migrated_url, ENCRYPTION_KEYS=listed(OLD))
    yield settle(portal)
    portal.database.engine.dispose()


@pytest.fixture
def reopen(town: Town) -> Iterator[Reopen]:
    """Starts the portal again with other keys."""
    opened = []

    def open_with(*keys: bytes) -> Portal:
        town.portal = reopened(town.portal, *keys)
        opened.append(town.portal)
        return town.portal

    yield open_with
    for portal in opened:
        portal.database.engine.dispose()


def run(portal: Portal, *words: str) -> Result:
    return portal.app.test_cli_runner().invoke(args=list(words))


def everything_works(town: Town, portal: Portal) -> None:
    """Every door, both directions, and dangers that are known by hashes only."""
    address = town.joined.case["victim"]["email"]
    someone = portal.visitor()
    someone.send(someone.see("/sign-in").form("Continue"), address=address)
    code = portal.sign_in_code(address)
    page = someone.send(someone.see("/sign-in/code").form("Sign in"), code=code)
    assert page.h1 == "Your case"
    before = portal.messages(town.joined.case_id)
    assert [text for _, _, text in before] == [each.text for each in page.messages]
    someone.send(page.form("Send message"), text="And now?")
    portal.work()
    stored = portal.messages(town.joined.case_id)
    assert stored[-1][0] == before[-1][0] + 1
    assert {state for _, state, _ in stored} == {"recorded"}
    with portal.database.writing() as session:
        # An authenticator's code works once in half a minute; this is asked oftener.
        session.execute(update(Officer).values(authenticator_step=0))
    officer = portal.officer_signs_in(town.officer)
    assert "And now?" in officer.see(f"/officer{town.joined.url}").words
    same = case_json(victim={"id": town.dangerous["victim"]["id"]})
    portal.tell(same)
    assert why_closed(portal, same["reference"]) == "danger-elsewhere"


def test_after_a_rotation_the_old_key_may_go_and_everything_works(
    town: Town, reopen: Reopen
) -> None:
    portal = reopen(NEW, OLD)

    result = run(portal, "keys", "rotate")

    assert result.exit_code == 0, result.output
    assert f"key {number(OLD).hex()} may go" in result.output
    assert set(used(portal).data_keys) == {number(NEW)}
    assert number(OLD) not in used(portal).lookups
    portal = reopen(NEW)
    everything_works(town, portal)
    page = portal.answer(portal.visitor(), town.invited, town.link)
    assert page.h1 == "Using this safely"


def test_danger_known_by_hashes_only_is_found_after_every_key_has_gone_twice(
    town: Town, reopen: Reopen
) -> None:
    for new, old in ((NEW, OLD), (NEWEST, NEW)):
        assert run(reopen(new, old), "keys", "rotate").exit_code == 0
    portal = reopen(NEWEST)

    by_id = case_json(victim={"id": town.dangerous["victim"]["id"]})
    names = ("givenName", "familyName", "dateOfBirth")
    by_name = case_json(victim={name: town.dangerous["victim"][name] for name in names})
    noise = case_json()
    for case in (by_id, by_name, noise):
        portal.tell(case)

    assert why_closed(portal, by_id["reference"]) == "danger-elsewhere"
    assert why_closed(portal, by_name["reference"]) == "danger-elsewhere"
    assert why_closed(portal, noise["reference"]) is None
    everything_works(town, portal)


def test_a_report_about_a_case_under_an_older_key_makes_no_second_case(
    town: Town, reopen: Reopen
) -> None:
    before = town.portal.case_id(town.dangerous["reference"])
    run(reopen(NEW, OLD), "keys", "rotate")
    portal = reopen(NEW)
    about_cases = select(AuditRow.id).where(AuditRow.action.like("case.%"))
    with portal.database.reading() as session:
        alterations = session.scalars(about_cases).all()

    portal.tell({**town.dangerous, "updatedAt": town.dangerous["reportedAt"]})

    assert portal.case_id(town.dangerous["reference"]) == before
    with portal.database.reading() as session:
        assert session.scalars(about_cases).all() == alterations, "nothing changed"


def test_a_joined_case_goes_on_hold_whichever_key_its_person_is_under(
    town: Town, reopen: Reopen
) -> None:
    run(reopen(NEW, OLD), "keys", "rotate")
    portal = reopen(NEW)

    portal.tell(case_json(flags=["stalking"], victim={"id": town.joined.case["victim"]["id"]}))

    assert why_closed(portal, town.joined.case["reference"]) == "held"
    someone = portal.visitor()
    someone.set_cookie("session", _cookie(town), domain="localhost")
    sees_neutral_page(someone, town.joined.url)


def _cookie(town: Town) -> str:
    cookie = town.joined.visitor.get_cookie("session")
    assert cookie is not None
    return cookie.value


def test_a_process_in_which_the_old_key_is_still_the_first_finds_what_was_moved(
    town: Town, reopen: Reopen
) -> None:
    run(reopen(NEW, OLD), "keys", "rotate")

    everything_works(town, reopen(OLD, NEW))


def test_a_key_that_is_used_again_meanwhile_may_not_go(town: Town, reopen: Reopen) -> None:
    run(reopen(NEW, OLD), "keys", "rotate")
    reopen(OLD, NEW).tell(case_json())

    result = run(reopen(NEW, OLD), "keys", "status")

    assert f"key {number(OLD).hex()} is still needed by" in result.output
    with pytest.raises(KeyIsMissing):
        reopen(NEW).case_id(town.dangerous["reference"])
    assert run(reopen(NEW, OLD), "keys", "rotate").exit_code == 0
    everything_works(town, reopen(NEW))


@pytest.mark.parametrize("command", ["rotate", "status"])
def test_taking_a_key_away_too_early_is_refused_and_loses_nothing(
    town: Town, reopen: Reopen, command: str
) -> None:
    portal = reopen(NEW)

    result = run(portal, "keys", command)

    assert result.exit_code == 1
    assert f"key {number(OLD).hex()} is missing from ENCRYPTION_KEYS" in result.output
    assert "Traceback" not in result.output
    everything_works(town, reopen(NEW, OLD))


def test_without_a_key_in_use_nobody_looks_in_vain_for_a_danger(town: Town, reopen: Reopen) -> None:
    portal = reopen(NEW)
    same = case_json(victim={"id": town.dangerous["victim"]["id"]})
    portal.system().put_case(same["reference"], same)

    with pytest.raises(KeyIsMissing, match="put it back"):
        portal.work()
    result = run(portal, "worker", "run", "--once")
    assert (result.exit_code, len(result.output.splitlines())) == (1, 1)
    answer = portal.visitor().get("/readyz")
    assert (answer.status_code, "ENCRYPTION_KEYS" in answer.text) == (503, True)

    portal = reopen(NEW, OLD)
    assert portal.visitor().get("/readyz").status_code == 200
    portal.work()
    assert why_closed(portal, same["reference"]) == "danger-elsewhere"


def test_a_damaged_row_is_named_and_stops_nothing_else(town: Town, reopen: Reopen) -> None:
    with town.portal.database.writing() as session:
        connection = session.connection()
        connection.exec_driver_sql(
            "UPDATE victims SET wrapped_key = (SELECT wrapped_key FROM officers LIMIT 1)"
        )
    portal = reopen(NEW, OLD)

    result = run(portal, "keys", "rotate")

    assert result.exit_code == 1
    assert "left alone: victims" in result.output
    assert f"key {number(OLD).hex()} is still needed by 1 of victims.person_index" in result.output
    assert set(used(portal).data_keys[number(OLD)]) == {"victims.wrapped_key"}


def test_a_rotation_is_on_record_by_counts(town: Town, reopen: Reopen) -> None:
    portal = reopen(NEW, OLD)
    rotated = rotate(portal.database)

    with portal.database.reading() as session:
        rows = session.scalars(select(AuditRow).where(AuditRow.action.like("keys.%"))).all()

    assert [row.action for row in rows] == ["keys.rotation-begun", "keys.rotated"]
    assert rows[1].actor_kind == "operator"
    assert rows[1].details == {
        "key": number(NEW).hex(),
        "data_keys": rotated.data_keys.total(),
        "lookups": rotated.lookups.total(),
        "damaged": 0,
        "in_use": 0,
    }
    assert rotated.data_keys.total() > 5
    assert rotated.lookups.total() > 5


def test_a_second_rotation_has_nothing_to_do(town: Town, reopen: Reopen) -> None:
    portal = reopen(NEW, OLD)
    rotate(portal.database)

    again = rotate(portal.database)

    assert (again.data_keys.total(), again.lookups.total(), again.is_whole) == (0, 0, True)


def test_ways_under_which_nothing_is_stored_are_forgotten(town: Town, reopen: Reopen) -> None:
    rotate(reopen(NEW, OLD).database)
    portal = reopen(NEWEST, NEW)
    rotate(portal.database)

    with portal.database.reading() as session:
        noted = set(session.scalars(select(LookupKey.number)))

    assert noted == set(used(portal).lookups) | {number(NEWEST)}
