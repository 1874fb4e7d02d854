"""A joined case that is no longer eligible: the door closes at once, in silence, for good."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from app.accounts.models import Victim
from app.audit.models import AuditRow
from app.cases.invitations import CannotInvite
from app.cases.models import Task
from app.cases.working_days import end_of_working_day
from app.notifications.models import Notice
from tests.factories.facts import case_json
from tests.integration.cases.steps import (
    open_tasks,
    owed_notices,
    same_page,
    sees_neutral_page,
    why_closed,
)
from tests.integration.messages.steps import replies
from tests.portal import Joined, Portal, open_portal

UNKNOWN = "00000000-0000-4000-8000-000000000000"


def further_case(portal: Portal, joined: Joined, **overrides: object) -> Joined:
    """The same victim joins another case in the same browser."""
    case = case_json(victim=joined.case["victim"], **overrides)
    portal.tell(case)
    page = portal.answer(joined.visitor, case, portal.invite(case))
    assert page.h1 == "Using this safely", page.words
    return Joined(joined.visitor, case, portal.case_id(case["reference"]))


def test_a_hold_closes_the_page_at_the_next_request(northshire: Portal) -> None:
    joined = northshire.join()
    assert joined.visitor.see(joined.url).status == 200

    northshire.tell({**joined.case, "domesticAbuse": True})

    sees_neutral_page(joined.visitor, joined.url)
    sees_neutral_page(joined.visitor, "/cases")
    sees_neutral_page(joined.visitor, "/safety")
    poll = joined.visitor.get(f"{joined.url}/messages?after=0", headers={"HX-Request": "true"})
    assert (poll.status_code, poll.headers["HX-Refresh"]) == (404, "true")


def test_a_held_case_looks_like_one_that_does_not_exist(northshire: Portal) -> None:
    joined = northshire.join()
    northshire.tell({**joined.case, "flags": ["stalking"]})

    held = sees_neutral_page(joined.visitor, joined.url)
    unknown = sees_neutral_page(joined.visitor, f"/cases/{UNKNOWN}")

    assert same_page(held) == same_page(unknown)
    assert dict(held.response.headers) == dict(unknown.response.headers)


def test_a_held_case_looks_like_one_that_somebody_else_may_not_see(portal: Portal) -> None:
    portal.add_force(languages=["en", "cy"])
    joined, other = portal.join(), portal.join()
    portal.tell({**joined.case, "flags": ["stalking"]})

    held = sees_neutral_page(joined.visitor, joined.url)
    not_theirs = sees_neutral_page(other.visitor, joined.url)

    assert same_page(held) == same_page(not_theirs)


def test_who_sees_the_neutral_page_can_sign_out(northshire: Portal) -> None:
    joined = northshire.join()
    northshire.tell({**joined.case, "domesticAbuse": True})

    for path in (joined.url, f"/cases/{UNKNOWN}", "/cases", "/preferences"):
        assert sees_neutral_page(joined.visitor, path).form("Sign out").action == "/sign-out"
    page = joined.visitor.send(joined.visitor.see(joined.url).form("Sign out"))

    assert page.h1 == "You are signed out"
    assert joined.visitor.see(joined.url).h1 == "Sign in"


def test_a_hold_is_for_all_cases_of_the_person(northshire: Portal) -> None:
    joined = northshire.join()
    further = further_case(northshire, joined)
    assert {why_closed(northshire, each.case["reference"]) for each in (joined, further)} == {None}

    northshire.tell({**joined.case, "victim": {**joined.case["victim"], "safeToContact": None}})

    for each in (joined, further):
        assert why_closed(northshire, each.case["reference"]) == "held"
        assert open_tasks(northshire, each.case["reference"]) == ["safeguarding-hold"]
        sees_neutral_page(joined.visitor, each.url)


def test_a_hold_reaches_what_the_person_joined_under_another_account(northshire: Portal) -> None:
    first = case_json(victim={"mobile": None})
    second = case_json(
        victim={**first["victim"], "id": "SECOND-ID", "email": "second@mail.example"}
    )
    one, other = northshire.join(first), northshire.join(second)

    northshire.tell({**first, "riskAssessedAt": None})

    sees_neutral_page(one.visitor, one.url)
    sees_neutral_page(other.visitor, other.url)
    assert why_closed(northshire, second["reference"]) == "held"


def test_a_hold_shuts_invitations_to_other_cases_of_the_person(northshire: Portal) -> None:
    joined = northshire.join()
    invited = case_json(victim=joined.case["victim"])
    northshire.tell(invited)
    link = northshire.invite(invited)

    northshire.tell({**joined.case, "riskAssessedAt": None})

    assert northshire.visitor().see(link).status == 404
    with pytest.raises(CannotInvite, match="not-open"):
        northshire.invite(invited)


def test_somebody_on_hold_cannot_be_invited_to_a_new_case(northshire: Portal) -> None:
    joined = northshire.join()
    northshire.tell({**joined.case, "riskAssessedAt": None})
    new = case_json(victim=joined.case["victim"])
    northshire.tell(new)

    with pytest.raises(CannotInvite, match="not-open"):
        northshire.invite(new)


def test_a_hold_cancels_what_was_still_to_be_sent(northshire: Portal) -> None:
    joined = northshire.join()
    address = joined.case["victim"]["email"]
    page = joined.visitor.see("/sign-in")
    joined.visitor.send(page.form("Continue"), address=address)
    assert "sign-in-code" in owed_notices(northshire)

    northshire.tell({**joined.case, "domesticAbuse": True})

    assert owed_notices(northshire) == []
    assert northshire.sender.to(address, "sign-in-code") == []


def test_a_notice_does_not_wait_for_the_account_that_a_hold_has(
    migrated_postgresql_url: str,
) -> None:
    """The hold waits for the notice's row next: one of the two would be ended by the database, and
    if that is the hold, the door stays open until the feed is read again."""
    northshire = open_portal(migrated_postgresql_url)
    northshire.add_force()
    officer, joined = northshire.add_officer(), northshire.join()
    page = joined.visitor.see("/safety")
    joined.visitor.send(page.form("Continue to your case"), channel="email", only_me="y")
    replies(northshire, officer, joined, "We found your bicycle")
    assert owed_notices(northshire) == ["update", "update"], "the second is its repeat"

    with ThreadPoolExecutor(1) as worker, northshire.database.writing() as hold:
        # As `place_hold` does it.
        hold.execute(select(Victim.id).with_for_update(key_share=True))
        assert worker.submit(northshire.work_.hand_over_notices).result(timeout=5) is False
        hold.execute(select(Notice.id).with_for_update())

    northshire.work()
    assert len(northshire.sender.to(joined.case["victim"]["email"], "update")) == 1
    northshire.database.engine.dispose()


def test_no_code_is_sent_to_somebody_on_hold(northshire: Portal) -> None:
    joined = northshire.join()
    northshire.tell({**joined.case, "domesticAbuse": True})

    someone = northshire.visitor()
    page = someone.send(
        someone.see("/sign-in").form("Continue"), address=joined.case["victim"]["email"]
    )
    northshire.work()

    assert page.h1 == "Check your messages" or page.status == 200
    assert northshire.sender.to(joined.case["victim"]["email"], "sign-in-code") == []


def test_the_feed_never_lifts_a_hold(northshire: Portal) -> None:
    joined = northshire.join()
    northshire.tell({**joined.case, "domesticAbuse": True})

    northshire.tell(joined.case)
    northshire.tell(joined.case)

    assert why_closed(northshire, joined.case["reference"]) == "held"
    sees_neutral_page(joined.visitor, joined.url)


def test_repeated_bad_news_makes_one_task(northshire: Portal) -> None:
    joined = northshire.join()

    for flags in (["stalking"], ["stalking", "firearms"], None):
        northshire.tell({**joined.case, "flags": flags})

    assert open_tasks(northshire, joined.case["reference"]) == ["safeguarding-hold"]
    with northshire.database.reading() as session:
        task = session.scalars(select(Task)).one()
    assert task.due_at == end_of_working_day(1, after=task.made_at)


def test_a_hold_leaves_other_people_alone(northshire: Portal) -> None:
    joined, noise = northshire.join(), northshire.join()

    northshire.tell({**joined.case, "domesticAbuse": True})

    assert noise.visitor.see(noise.url).status == 200
    assert open_tasks(northshire, noise.case["reference"]) == []


def test_why_a_case_is_held_stays_with_the_force_that_knows_it(northshire: Portal) -> None:
    url = {"url": "http://127.0.0.1:9200"}
    northshire.add_force(slug="southshire", ons_code="E23000098", case_system=url)
    victim = northshire.join()
    south = case_json(victim=victim.case["victim"])
    northshire.tell(south, "southshire")
    northshire.answer(victim.visitor, south, northshire.invite(south, "southshire"))

    northshire.tell({**victim.case, "domesticAbuse": True})

    with northshire.database.reading() as session:
        rows = session.scalars(select(AuditRow).where(AuditRow.action == "case.held"))
        why = {row.case_id: row.details["reason"] for row in rows}
    southern = northshire.case_id(south["reference"], "southshire")
    assert why == {victim.case_id: "domestic-abuse", southern: "held-elsewhere"}
