"""Somebody signed in who asks for what is not theirs is told nothing, and it is on record."""

from __future__ import annotations

from uuid import uuid4

from app.accounts.viewers import Role
from tests.integration.inbox.steps import account, audited, details, officers_url, staff
from tests.portal import Portal


def test_a_look_at_anothers_case_is_on_record(northshire: Portal) -> None:
    northshire.add_officer()
    joined = northshire.join()
    curious = account(northshire, Role.OFFICER)
    someone = northshire.officer_signs_in(curious)

    assert someone.get(officers_url(joined)).status_code == 404

    (row,) = audited(northshire, "access.refused")
    assert (row.actor_id, row.case_id) == (curious.id, joined.case_id)
    assert row.details == {"address": "inbox.case", "method": "GET"}


def test_an_attempt_to_act_is_on_record(northshire: Portal) -> None:
    northshire.add_officer()
    joined = northshire.join()
    someone = staff(northshire, Role.CONTACT_BUREAU)
    token = someone.see("/officer/inbox").form("Sign out").values["csrf_token"]

    form = {"csrf_token": token, "text": "Hello"}
    assert someone.post(f"{officers_url(joined)}/messages", data=form).status_code == 404

    assert details(audited(northshire, "access.refused")) == [
        {"address": "inbox.send_reply", "method": "POST"}
    ]


def test_a_victim_who_asks_for_anothers_case_is_on_record(northshire: Portal) -> None:
    joined, other = northshire.join(), northshire.join()

    assert joined.visitor.get(other.url).status_code == 404

    (row,) = audited(northshire, "access.refused")
    assert (row.actor_kind, row.case_id) == ("victim", other.case_id)


def test_a_victims_own_case_on_hold_and_an_address_of_nothing_are_no_refusals(
    northshire: Portal,
) -> None:
    northshire.add_officer()
    joined = northshire.join()
    northshire.tell({**joined.case, "flags": ["stalking"]})
    someone = staff(northshire, Role.OFFICER)

    joined.visitor.get(joined.url)
    joined.visitor.get("/cases")
    for nothing in (uuid4(), "nonsense"):
        someone.get(f"/officer/cases/{nothing}")
        someone.get(f"/officer/tasks/{nothing}")

    assert audited(northshire, "access.refused") == []


def test_a_look_at_another_forces_case_is_on_both_records_and_crosses_nothing(
    northshire: Portal,
) -> None:
    northshire.add_officer()
    joined = northshire.join()
    northshire.add_force(
        slug="southshire",
        name="Southshire Police",
        ons_code="E23000098",
        case_system={"url": "http://127.0.0.1:9101"},
    )
    stranger = account(northshire, *Role, slug="southshire")
    northshire.officer_signs_in(stranger).get(officers_url(joined))

    ours, theirs = audited(northshire, "access.refused")
    assert (ours.case_id, ours.actor_id) == (joined.case_id, None)
    assert (theirs.case_id, theirs.actor_id) == (None, stranger.id)
    assert ours.force_id != theirs.force_id
