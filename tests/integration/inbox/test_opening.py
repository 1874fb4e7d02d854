"""Opening another's case: a reason first, kept sealed, for an hour; reading and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from app import clock
from app.accounts.viewers import Role
from tests.integration.cases.steps import everything_stored
from tests.integration.inbox.steps import (
    REASON,
    audited,
    details,
    gives_reason,
    officers_url,
    reasons,
    staff,
)
from tests.pages import HTMX
from tests.portal import Portal

LOOK_AFTER_THE_FORCE = [Role.SUPERVISOR, Role.CONTACT_BUREAU]


@pytest.mark.parametrize("role", LOOK_AFTER_THE_FORCE)
def test_anothers_case_opens_after_a_reason_for_reading_only(
    northshire: Portal, role: Role
) -> None:
    northshire.add_officer()
    joined = northshire.join()
    joined.writes("My neighbour saw him")
    someone = staff(northshire, role)
    url = officers_url(joined)

    page = someone.see(url)
    assert page.h1 == "Say why you are opening this case"
    assert joined.case["reference"] not in page.text
    assert joined.case["victim"]["familyName"] not in page.text
    assert someone.get(f"{url}/messages?after=0", headers=HTMX).status_code == 404

    page = gives_reason(someone, url)

    assert [m.text for m in page.messages] == ["My neighbour saw him"]
    assert "Send reply" not in page.words
    assert someone.get(f"{url}/messages?after=0", headers=HTMX).status_code == 200
    assert someone.get(url).status_code == 200


def test_a_reason_is_kept_sealed_and_the_audit_row_only_names_it(northshire: Portal) -> None:
    northshire.add_officer()
    joined = northshire.join()
    gives_reason(staff(northshire, Role.SUPERVISOR), officers_url(joined))

    (row,) = audited(northshire, "case.opened-with-reason")
    assert reasons(northshire) == {row.subject_id: ("opening", REASON)}
    assert row.case_id == joined.case_id
    assert row.details == {"way": "supervisor", "minutes": 60}
    assert REASON not in everything_stored(northshire)


@pytest.mark.parametrize("reason", ["", "   ", "x" * 201])
def test_no_reason_opens_nothing(northshire: Portal, reason: str) -> None:
    northshire.add_officer()
    joined = northshire.join()
    someone = staff(northshire, Role.SUPERVISOR)

    page = gives_reason(someone, officers_url(joined), reason)

    assert page.status == 422
    assert page.error_messages
    assert someone.see(officers_url(joined)).h1 == "Say why you are opening this case"


def test_an_opening_ends_after_an_hour_and_is_asked_for_again(northshire: Portal) -> None:
    northshire.add_officer()
    joined = northshire.join()
    joined.writes("Hello")
    someone = staff(northshire, Role.CONTACT_BUREAU)
    url = officers_url(joined)
    gives_reason(someone, url)

    # Somebody who works on: a session that is used does not run out.
    for minutes in (15, 30, 45, 59):
        with time_machine.travel(clock.now() + timedelta(minutes=minutes)):
            assert someone.see(url).h1.startswith("Case ")
    with time_machine.travel(clock.now() + timedelta(minutes=61)):
        assert someone.see(url).h1 == "Say why you are opening this case"
        poll = someone.get(f"{url}/messages?after=0", headers=HTMX)
        assert (poll.status_code, poll.headers["HX-Refresh"]) == (404, "true")


def test_an_opening_is_for_one_person_and_one_case(northshire: Portal) -> None:
    northshire.add_officer()
    joined, noise = northshire.join(), northshire.join()
    someone = staff(northshire, Role.SUPERVISOR)
    other = staff(northshire, Role.SUPERVISOR, collar="9002")
    gives_reason(someone, officers_url(joined))

    for visitor, case in ((someone, noise), (other, joined)):
        assert visitor.see(officers_url(case)).h1 == "Say why you are opening this case"


@pytest.mark.parametrize("role", LOOK_AFTER_THE_FORCE)
def test_who_only_reads_can_write_release_and_invite_nothing(
    northshire: Portal, role: Role
) -> None:
    northshire.add_officer()
    joined = northshire.join()
    someone = staff(northshire, role)
    url = officers_url(joined)
    gives_reason(someone, url)
    token = someone.see("/officer/inbox").form("Sign out").values["csrf_token"]

    for path in ("messages", "invitation", "released-status/charged"):
        form = {"csrf_token": token, "text": "I am not the officer"}
        assert someone.post(f"{url}/{path}", data=form).status_code == 404
    assert northshire.messages(joined.case_id) == []


def test_reading_by_others_leaves_the_words_new_for_the_officer(northshire: Portal) -> None:
    officer = northshire.add_officer()
    joined = northshire.join()
    joined.writes("Is there any news?")
    gives_reason(staff(northshire, Role.SUPERVISOR), officers_url(joined))

    page = northshire.officer_signs_in(officer).see(officers_url(joined))

    assert "New" in page.messages[0].words
    ways = [each.get("way") for each in details(audited(northshire, "message.consulted"))]
    assert ways[-2:] == ["supervisor", "officer-in-case"]


def test_the_officer_in_the_case_needs_no_reason_whatever_else_they_are(
    northshire: Portal,
) -> None:
    officer = northshire.add_officer(roles=[Role.OFFICER, Role.SUPERVISOR])
    joined = northshire.join()

    page = northshire.officer_signs_in(officer).see(officers_url(joined))

    assert "Send reply" in page.words


@pytest.mark.parametrize("role", [Role.OFFICER, Role.FORCE_ADMIN, Role.AUDITOR])
def test_other_roles_open_no_case(northshire: Portal, role: Role) -> None:
    northshire.add_officer()
    joined = northshire.join()
    someone = staff(northshire, role)
    token = someone.see("/officer/inbox").form("Sign out").values["csrf_token"]

    assert someone.see(officers_url(joined)).status == 404
    form = {"csrf_token": token, "reason": REASON}
    assert someone.post(f"{officers_url(joined)}/opening", data=form).status_code == 404
    assert someone.get("/officer/conversations").status_code == 404


def test_a_case_is_found_by_its_reference_within_the_force(northshire: Portal) -> None:
    northshire.add_officer()
    joined = northshire.join()
    northshire.add_force(
        slug="southshire",
        name="Southshire Police",
        ons_code="E23000098",
        case_system={"url": "http://127.0.0.1:9101"},
    )
    finds = staff(northshire, Role.SUPERVISOR)
    elsewhere = staff(northshire, Role.SUPERVISOR, collar="9003", slug="southshire")
    reference = f" {joined.case['reference'].lower()} "

    page = finds.send(finds.see("/officer/conversations").form("Find"), reference=reference)
    assert page.h1 == "Say why you are opening this case"
    page = elsewhere.send(elsewhere.see("/officer/conversations").form("Find"), reference=reference)
    assert page.error_messages == ["There is no case with this reference here"]


def test_the_forces_list_shows_who_waits_longest_and_no_names(northshire: Portal) -> None:
    northshire.add_officer()
    first, second = northshire.join(), northshire.join()
    first.writes("First")
    second.writes("Second")

    page = staff(northshire, Role.CONTACT_BUREAU).see("/officer/conversations")

    shown = [page.words.index(each.case["reference"]) for each in (first, second)]
    assert shown == sorted(shown)
    assert first.case["victim"]["familyName"] not in page.words
