"""Accounts that an operator opens, shuts and opens again."""

from __future__ import annotations

import pytest
from click.testing import Result

from app.accounts.models import Officer
from tests.integration.sign_in.officer_steps import audited, give_password
from tests.integration.sign_in.openid_steps import begin, come_back, with_provider
from tests.openid.running import RunningProvider
from tests.pages import HTMX
from tests.portal import Portal

ADD = ("officers", "add", "--force", "northshire", "--collar", "4321", "--name", "DC Priya Shah")


def run(portal: Portal, *arguments: str, says: str = "") -> Result:
    return portal.app.test_cli_runner().invoke(args=list(arguments), input=says)


def shut(portal: Portal, collar: str = "1234") -> Result:
    return run(portal, "officers", "disable", "--force", "northshire", "--collar", collar)


def test_a_disabled_officer_loses_every_session_at_the_next_request(northshire: Portal) -> None:
    officer = northshire.add_officer()
    other = northshire.officer_signs_in(northshire.add_officer("9999"))
    desk, car = (northshire.visitor() for _number in range(2))
    desk = northshire.officer_signs_in(officer)
    with car.session_transaction() as cookie, desk.session_transaction() as copied:
        cookie.update(copied)
    case = northshire.join().case_id

    result = shut(northshire)

    assert (result.exit_code, result.output) == (0, "northshire 1234: disabled\n")
    assert desk.get("/officer/inbox").status_code == 303
    assert car.get(f"/officer/cases/{case}/messages", headers=HTMX).status_code == 401
    assert other.get("/officer/inbox").status_code == 200
    assert give_password(northshire.visitor(), officer.email).status == 422
    assert audited(northshire, "officer.disabled") == [{}]


def test_an_enabled_officer_signs_in_anew_and_old_sessions_stay_ended(northshire: Portal) -> None:
    officer = northshire.add_officer()
    desk = northshire.officer_signs_in(officer)
    shut(northshire)

    result = run(northshire, "officers", "enable", "--force", "northshire", "--collar", "1234")

    assert (result.exit_code, result.output) == (0, "northshire 1234: enabled\n")
    assert desk.get("/officer/inbox").status_code == 303
    assert give_password(northshire.visitor(), officer.email).h1 == "Enter your authenticator code"
    assert audited(northshire, "officer.enabled") == [{}]


def test_whoever_gets_the_number_of_a_disabled_officer_is_recognised_anew(
    portal: Portal, provider: RunningProvider
) -> None:
    with_provider(portal, provider)
    officer = portal.add_officer()
    someone = portal.visitor()
    come_back(someone, begin(someone), provider)
    shut(portal)
    with portal.database.reading() as session:
        assert session.get_one(Officer, officer.id).subject_index is None
    run(portal, "officers", "enable", "--force", "northshire", "--collar", "1234")
    provider.set(person={"sub": "person-2", "collar": "1234"})

    assert come_back(someone, begin(someone), provider).h1 == "Inbox"


@pytest.mark.parametrize("command", ["disable", "enable"])
@pytest.mark.parametrize(
    "force,collar,named", [("nowhere", "1234", "--force"), ("northshire", "0000", "--collar")]
)
def test_an_unknown_account_is_named_in_one_line(
    northshire: Portal, command: str, force: str, collar: str, named: str
) -> None:
    result = run(northshire, "officers", command, "--force", force, "--collar", collar)

    assert result.exit_code == 1
    assert named in result.output
    assert len(result.output.splitlines()) == 1


@pytest.mark.parametrize(
    "password,why",
    [
        ("elevenchars", "at least 12 characters"),
        ("Password12345", "one of the first"),
        ("priya priya 4321", "too short"),
        ("northshire boat", "too short"),
        ("q4321z4321k4321", "too short"),
    ],
)
def test_an_operator_cannot_set_a_weak_password_either(
    northshire: Portal, password: str, why: str
) -> None:
    result = run(northshire, *ADD, "--password-stdin", says=f"{password}\n")

    assert result.exit_code == 1
    assert why in result.output
    assert len(result.output.splitlines()) == 1


def test_a_known_name_counts_for_nothing_in_a_later_password(northshire: Portal) -> None:
    run(northshire, *ADD)
    result = run(northshire, *ADD[:6], "--password-stdin", says="shah shah shah\n")

    assert "too short" in result.output


def test_a_new_password_from_an_operator_ends_what_is_open(northshire: Portal) -> None:
    officer = northshire.add_officer()
    someone = northshire.officer_signs_in(officer)

    run(northshire, *ADD[:5], "1234", "--password-stdin", says="another long harbour word\n")

    assert someone.get("/officer/inbox").status_code == 303


def test_an_officer_of_a_force_with_a_provider_keeps_no_sign_in_here(
    portal: Portal, provider: RunningProvider
) -> None:
    with_provider(portal, provider)
    portal.add_officer()
    someone = portal.visitor()
    come_back(someone, begin(someone), provider)

    page = someone.see("/officer/account")

    assert "You sign in through your force's own system" in page.words
    for path in ("password", "authenticator", "recovery-codes"):
        assert someone.get(f"/officer/account/{path}").status_code == 404
