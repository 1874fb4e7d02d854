"""A hold is lifted by a supervisor, with a reason, if the case is eligible again, in silence."""

from __future__ import annotations

from datetime import timedelta

import time_machine

from app import clock
from app.accounts.viewers import Role
from tests.integration.cases.steps import NEUTRAL, owed_notices, sees_neutral_page, why_closed
from tests.integration.cases.test_hold import further_case
from tests.integration.inbox.steps import (
    audited,
    details,
    gives_reason,
    officers_url,
    reasons,
    staff,
)
from tests.pages import Page, Visitor
from tests.portal import Joined, Portal

STAYS = "The hold stays."
SAFE = "Spoke to the victim alone on Tuesday"


def held(portal: Portal, **better: object) -> Joined:
    """A joined case that went on hold; by now the case system says what it said before."""
    joined = portal.join()
    portal.tell({**joined.case, "flags": ["stalking"]})
    portal.tell({**joined.case, **better})
    assert why_closed(portal, joined.case["reference"]) == "held"
    return joined


def lifts(someone: Visitor, joined: Joined, reason: str = SAFE) -> Page:
    """From the case page; the page that follows."""
    gives_reason(someone, officers_url(joined))
    page = someone.see(someone.see(officers_url(joined)).link("Lift the hold"))
    return someone.send(page.form("Lift the hold"), reason=reason)


def test_a_supervisor_lifts_a_hold_and_both_write_again(northshire: Portal) -> None:
    officer = northshire.add_officer()
    joined = held(northshire)
    sees_neutral_page(joined.visitor, joined.url)

    page = lifts(staff(northshire, Role.SUPERVISOR), joined)

    assert page.h1.startswith("Case ")
    assert "Lift the hold" not in page.words
    assert joined.visitor.see(joined.url).h1 == "Your case"
    inbox = northshire.officer_signs_in(officer)
    inbox.send(inbox.see(officers_url(joined)).form("Send reply"), text="I am here")
    assert [text for _n, _state, text in northshire.messages(joined.case_id)] == ["I am here"]


def test_lifting_is_on_the_audit_record_with_its_reason_sealed(northshire: Portal) -> None:
    northshire.add_officer()
    joined = held(northshire)
    lifts(staff(northshire, Role.SUPERVISOR), joined)

    (row,) = audited(northshire, "case.hold-lifted")
    assert row.subject_id is not None
    assert reasons(northshire)[row.subject_id] == ("lifting-a-hold", SAFE)
    assert row.details == {}


def test_lifting_tells_nobody(northshire: Portal) -> None:
    northshire.add_officer()
    joined = held(northshire)
    northshire.work()
    before = len(northshire.sender.letters)

    lifts(staff(northshire, Role.SUPERVISOR), joined)
    northshire.work()

    assert owed_notices(northshire) == []
    assert len(northshire.sender.letters) == before


def test_a_hold_stays_while_the_case_is_not_eligible(northshire: Portal) -> None:
    northshire.add_officer()
    joined = held(northshire, riskAssessedAt=None)

    page = lifts(staff(northshire, Role.SUPERVISOR), joined)

    assert page.h1 == f"Hold on case {joined.case['reference']}"
    assert STAYS in page.words
    assert why_closed(northshire, joined.case["reference"]) == "held"
    assert joined.visitor.see(joined.url).h1 == NEUTRAL
    assert audited(northshire, "case.hold-lifted") == []
    assert details(audited(northshire, "case.hold-kept")) == [{"reason": "risk-assessment-unknown"}]


def test_a_hold_stays_while_another_case_of_the_person_is_not_eligible(
    northshire: Portal,
) -> None:
    northshire.add_officer()
    joined = northshire.join()
    further = further_case(northshire, joined)
    northshire.tell({**further.case, "victim": {**further.case["victim"], "safeToContact": None}})
    someone = staff(northshire, Role.SUPERVISOR)

    assert STAYS in lifts(someone, joined).words
    assert details(audited(northshire, "case.hold-kept")) == [{"reason": "another-case"}]

    northshire.tell(further.case)
    page = someone.see(officers_url(joined))
    page = someone.see(page.link("Lift the hold"))
    assert someone.send(page.form("Lift the hold"), reason=SAFE).h1.startswith("Case ")
    # Each case has a hold of its own.
    assert why_closed(northshire, joined.case["reference"]) is None
    assert why_closed(northshire, further.case["reference"]) == "held"


def test_a_hold_stays_when_the_assessment_has_lapsed_meanwhile(northshire: Portal) -> None:
    northshire.add_officer()
    joined = held(northshire)
    with time_machine.travel(clock.now() + timedelta(days=100)):
        northshire.work()
        page = lifts(staff(northshire, Role.SUPERVISOR), joined)
        assert STAYS in page.words
        assert why_closed(northshire, joined.case["reference"]) == "held"


def test_lifting_asks_for_a_reason(northshire: Portal) -> None:
    northshire.add_officer()
    joined = held(northshire)

    page = lifts(staff(northshire, Role.SUPERVISOR), joined, reason="")

    assert page.status == 422
    assert page.error_messages
    assert why_closed(northshire, joined.case["reference"]) == "held"


def test_only_a_supervisor_lifts(northshire: Portal) -> None:
    officer = northshire.add_officer()
    joined = held(northshire)
    others = [
        northshire.officer_signs_in(officer),
        staff(northshire, Role.CONTACT_BUREAU),
        staff(northshire, Role.FORCE_ADMIN, collar="9002"),
    ]
    for someone in others:
        token = someone.see("/officer/inbox").form("Sign out").values["csrf_token"]
        form = {"csrf_token": token, "reason": SAFE}
        assert someone.post(f"{officers_url(joined)}/hold", data=form).status_code == 404
        assert someone.get(f"{officers_url(joined)}/hold").status_code == 404
    assert why_closed(northshire, joined.case["reference"]) == "held"


def test_bad_news_after_lifting_holds_again(northshire: Portal) -> None:
    northshire.add_officer()
    joined = held(northshire)
    lifts(staff(northshire, Role.SUPERVISOR), joined)

    northshire.tell({**joined.case, "domesticAbuse": True})

    sees_neutral_page(joined.visitor, joined.url)
