"""What the ways in leave behind goes after a stated time, and nothing that is needed does."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from app import clock
from app.cases import housekeeping as of_cases
from app.cases.housekeeping import forget_old_invitations
from app.cases.models import Invitation
from app.database import Row
from app.sign_in import housekeeping
from app.sign_in.housekeeping import sweep_out
from app.sign_in.models import AddressChange, OfficerSignInTry, SignInCode, SignInSession
from tests.factories.facts import case_json
from tests.portal import Joined, Portal

DAY = timedelta(days=1)


@pytest.fixture
def joined(northshire: Portal) -> Joined:
    """Somebody with a session, a code asked for, a change of address under way; and an officer's
    wrong try."""
    officer, joined = northshire.add_officer(), northshire.join()
    someone = northshire.visitor()
    someone.send(someone.see("/sign-in").form("Continue"), address="nobody@mail.example")
    page = someone.see("/officer/sign-in")
    someone.send(page.form("Sign in"), email=officer.email, password="wrong, and long enough")
    now = clock.now()
    with northshire.database.writing() as session:
        [begun] = session.scalars(select(SignInSession)).all()
        assert begun.victim_id is not None
        change = AddressChange(
            victim_id=begun.victim_id,
            session_id=begun.id,
            channel="email",
            old_code_hash=b"",
            new_code_hash=b"",
            asked_at=now,
            expires_at=now + timedelta(minutes=30),
        )
        session.add(change)
    return joined


def count(portal: Portal, model: type[Row]) -> int:
    with portal.database.reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.parametrize(
    "model, days",
    [(SignInCode, 7), (OfficerSignInTry, 7), (AddressChange, 7), (SignInSession, 90)],
)
def test_it_goes_when_its_time_is_over_and_not_before(
    northshire: Portal, joined: Joined, model: type[Row], days: int
) -> None:
    now = clock.now()
    sweep_out(northshire.database, now + days * DAY - timedelta(minutes=1))
    assert count(northshire, model) == 1

    sweep_out(northshire.database, now + days * DAY + timedelta(hours=13))
    assert count(northshire, model) == 0


def test_a_session_in_use_stays(northshire: Portal, joined: Joined) -> None:
    sweep_out(northshire.database, clock.now())
    assert joined.visitor.see(joined.url).h1 == "Your case"


def test_much_goes_in_batches(
    northshire: Portal, joined: Joined, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "BATCH", 3)
    now = clock.now()
    with northshire.database.writing() as session:
        session.add_all(OfficerSignInTry(email_index=b"x" * 36, tried_at=now) for _ in range(10))

    sweep_out(northshire.database, now + 8 * DAY)

    assert count(northshire, OfficerSignInTry) == 0


def test_old_invitations_keep_what_became_of_them_and_lose_their_hashes(
    northshire: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_cases, "BATCH", 2)
    cases = [case_json() for _ in range(5)]
    for case in cases:
        northshire.tell(case)
        northshire.invite(case)
    with northshire.database.reading() as session:
        before = {each.id: each.token_hash for each in session.scalars(select(Invitation))}
    now = clock.now()

    assert forget_old_invitations(northshire.database, now + 36 * DAY) == 0
    assert forget_old_invitations(northshire.database, now + 38 * DAY) == 5
    assert forget_old_invitations(northshire.database, now + 38 * DAY) == 0

    with northshire.database.reading() as session:
        after = session.scalars(select(Invitation)).all()
    assert len(after) == 5
    assert all(each.address_index == b"" for each in after)
    assert all(each.token_hash != before[each.id] for each in after)
    someone = northshire.visitor()
    page = someone.see(northshire.invitation_link(cases[0]["victim"]["email"]))
    assert page.h1 == "This invitation cannot be used"


def test_a_worker_does_both(northshire: Portal, joined: Joined) -> None:
    with time_machine.travel(clock.now() + 100 * DAY, tick=True):
        northshire.work()
    assert count(northshire, SignInSession) == 0
    assert count(northshire, SignInCode) == 0
