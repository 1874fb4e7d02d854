"""The commands, as operators type them: what they print, and how they end."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from argon2 import Type, extract_parameters
from click.testing import Result
from sqlalchemy import select

from app import clock
from app.accounts.models import Officer
from app.audit.models import AuditRow
from app.cases.models import Case
from app.sign_in.authenticator import Authenticator
from tests.factories.facts import case_json, force_toml
from tests.portal import Portal


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "forces.toml"


def run(portal: Portal, *arguments: str, says: str | None = None) -> Result:
    return portal.app.test_cli_runner().invoke(args=list(arguments), input=says)


def test_a_forces_file_is_loaded_and_loaded_again(portal: Portal, file: Path) -> None:
    file.write_text(force_toml())
    assert run(portal, "forces", "load", str(file)).output == "northshire: added\n"
    assert run(portal, "forces", "load", str(file)).output == "northshire: unchanged\n"
    file.write_text(force_toml(phone="0800 1111"))
    result = run(portal, "forces", "load", str(file))
    assert result.output.startswith("northshire: changed phone")
    assert result.exit_code == 0


@pytest.mark.parametrize(
    "spoiled, key",
    [
        ({"colour_of_hats": "blue"}, "colour_of_hats"),
        ({"closed_after_hours": -1}, "closed_after_hours"),
        ({"case_system": {"profile": "paper"}}, "profile"),
    ],
)
def test_a_bad_file_is_refused_whole_and_the_key_named(
    portal: Portal, file: Path, spoiled: dict, key: str
) -> None:
    file.write_text(force_toml() + force_toml(slug="southshire", **spoiled))
    result = run(portal, "forces", "load", str(file))
    assert result.exit_code == 1
    assert key in result.output
    assert len(result.output.splitlines()) == 1
    assert json.loads(run(portal, "sync", "status", "--json").output)["forces"] == {}


def test_a_change_of_the_rules_decides_every_case_again(northshire: Portal, file: Path) -> None:
    case = case_json(flags=["repeat-victim"])
    northshire.tell(case)
    assert northshire.case(northshire.case_id(case["reference"])).reason is None
    file.write_text(force_toml(harmless_flags=[]))
    assert run(northshire, "forces", "load", str(file)).exit_code == 0
    with northshire.database.reading() as session:
        [found] = session.scalars(select(Case)).all()
    assert found.reason == "flagged"


ADD = ("officers", "add", "--force", "northshire", "--collar", "77")
MORE = ("--name", "DC Lee", "--email", "Lee@Northshire.example", "--password-stdin")


def test_an_officer_is_added_and_can_sign_in(northshire: Portal) -> None:
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    result = run(northshire, *ADD, *MORE, says=f"a long made-up password\n{secret}\n")
    assert result.exit_code == 0, result.output
    assert secret not in result.output
    someone = northshire.visitor()
    page = someone.see("/officer/sign-in")
    page = someone.send(
        page.form("Sign in"), email="lee@northshire.example", password="a long made-up password"
    )
    assert page.h1 == "Enter your authenticator code"


@pytest.mark.parametrize("given", ["JBSWY3DPEHPK3PXP", "jbsw y3dp ehpk 3pxp"])
def test_the_secret_of_an_authenticator_that_is_in_use_already_may_be_short(
    northshire: Portal, given: str
) -> None:
    result = run(northshire, *ADD, *MORE, says=f"a long made-up password\n{given}\n")
    assert result.exit_code == 0, result.output
    someone = northshire.visitor()
    page = someone.see("/officer/sign-in")
    page = someone.send(
        page.form("Sign in"), email="lee@northshire.example", password="a long made-up password"
    )
    code = Authenticator("JBSWY3DPEHPK3PXP").at(clock.now())
    assert someone.send(page.form("Sign in"), code=code).h1 == "Inbox"


@pytest.mark.parametrize("given", ["JBSWY3DP", "not base32 at all!"])
def test_what_is_no_secret_of_an_authenticator_is_refused(northshire: Portal, given: str) -> None:
    result = run(northshire, *ADD, *MORE, says=f"a long made-up password\n{given}\n")
    assert result.exit_code == 1
    [line] = result.output.splitlines()
    assert "authenticator secret must be base32" in line


def test_an_authenticator_is_made_and_shown_once(northshire: Portal) -> None:
    result = run(northshire, *ADD, *MORE, says="a long made-up password\n")
    [line] = [each for each in result.output.splitlines() if "authenticator secret" in each]
    secret = line.rsplit(" ", 1)[1]
    assert len(secret) == 32
    again = run(northshire, *ADD, "--name", "DI Lee")
    assert secret not in again.output


def test_what_is_left_out_stays(northshire: Portal) -> None:
    run(northshire, *ADD, *MORE, "--role", "supervisor", says="a long made-up password\n")
    run(northshire, *ADD, "--name", "DI Lee")
    with northshire.database.reading() as session:
        officer = session.scalars(select(Officer).where(Officer.collar == "77")).one()
        assert (officer.name, officer.email) == ("DI Lee", "lee@northshire.example")
        assert officer.roles == ["supervisor"]
        assert officer.password_hash is not None


def test_a_password_is_kept_as_a_hash_that_is_slow_to_guess(northshire: Portal) -> None:
    run(northshire, *ADD, *MORE, says="a long made-up password\n")
    with northshire.database.reading() as session:
        officer = session.scalars(select(Officer).where(Officer.collar == "77")).one()
        made = extract_parameters(officer.password_hash or "")
    # RFC 9106, the second of its two recommendations.
    assert made.type is Type.ID
    assert (made.time_cost, made.memory_cost, made.parallelism) >= (3, 64 * 1024, 4)


def test_the_feed_renames_an_officer_and_never_touches_the_sign_in(northshire: Portal) -> None:
    run(northshire, *ADD, *MORE, says="a long made-up password\n")
    named = {"collar": "77", "name": "DS Lee", "email": "other@northshire.example"}
    northshire.tell(case_json(officerInCase=named))
    with northshire.database.reading() as session:
        officer = session.scalars(select(Officer).where(Officer.collar == "77")).one()
        assert (officer.name, officer.email) == ("DS Lee", "lee@northshire.example")


@pytest.mark.parametrize(
    "arguments, says, named",
    [
        (("--force", "nowhere", "--collar", "1"), None, "--force"),
        (("--force", "northshire", "--collar", " "), None, "--collar"),
        (("--force", "northshire", "--collar", "1", "--email", "x"), None, "--email"),
        (("--force", "northshire", "--collar", "1", "--password-stdin"), "x\n", "--password-stdin"),
    ],
)
def test_what_is_wrong_is_named_in_one_line(
    northshire: Portal, arguments: tuple[str, ...], says: str | None, named: str
) -> None:
    result = run(northshire, "officers", "add", *arguments, says=says)
    assert result.exit_code == 1
    assert named in result.output
    assert len(result.output.splitlines()) == 1


def test_status_counts_each_message_once(northshire: Portal) -> None:
    victim = northshire.join()
    nothing = json.loads(run(northshire, "sync", "status", "--json").output)
    assert nothing["oldest_saved_seconds"] is None
    victim.writes("One")
    northshire.work()
    northshire.system().fail("422")
    victim.writes("Two")
    northshire.work()
    victim.writes("Three")
    told = json.loads(run(northshire, "sync", "status", "--json").output)
    counts = ("saved", "recorded", "attention", "waiting_for_cutover")
    assert [told[name] for name in counts] == [1, 1, 1, 0]
    assert told["oldest_saved_seconds"] >= 0
    force = told["forces"]["northshire"]
    assert [force[name] for name in counts] == [1, 1, 1, 0]
    assert force["system"] == "niche"
    assert force["feed_age_seconds"] >= 0


def test_status_tells_of_a_feed_that_fails_and_of_a_pause_that_was_asked_for(
    northshire: Portal,
) -> None:
    victim = northshire.join()
    northshire.system().fail("429", retry_after=600)
    victim.writes("Hello")
    northshire.work()
    northshire.system().fail("500", feed=True)
    northshire.work()
    told = run(northshire, "sync", "status").output
    assert "northshire: the feed failed at the last try (500" in told
    assert re.search(
        r"northshire: nothing is sent for (5\d\d|600) s more, as the case system asked", told
    )


def test_every_change_by_an_operator_is_on_the_audit_record(northshire: Portal) -> None:
    run(northshire, *ADD, *MORE, says="a long made-up password\n")
    with northshire.database.reading() as session:
        rows = session.scalars(select(AuditRow).where(AuditRow.actor_kind == "operator")).all()
    assert {row.action for row in rows} >= {"force.changed", "officer.changed"}
    assert "Lee" not in str([row.details for row in rows])
