"""How many codes are sent, how many are good at a time, and that none of it shows."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from app import clock
from app.audit.models import AuditRow
from app.audit.vocabulary import Action
from app.notifications.models import Notice
from app.sign_in.models import SignInCode
from tests.integration.sign_in.steps import RIGHT, ask, other_code, recorded, sent, sign_in, typed
from tests.portal import Joined, Portal
from tests.together import run_together


@pytest.fixture
def joined(northshire: Portal) -> Joined:
    return northshire.join()


@pytest.fixture
def address(joined: Joined) -> str:
    found: str = joined.case["victim"]["email"]
    return found


def test_another_browsers_request_leaves_earlier_codes_good(
    northshire: Portal, address: str
) -> None:
    browsers = [northshire.visitor() for _ in range(3)]
    codes = []
    for each in browsers:
        ask(each, address)
        codes.append(northshire.sign_in_code(address))
    assert len(set(codes)) == 3
    for each, code in zip(browsers, codes, strict=True):
        assert typed(each, code).h1 == RIGHT


def test_three_unanswered_codes_an_hour_are_sent_and_six_a_day(
    northshire: Portal, address: str
) -> None:
    start, asked = clock.now(), 0
    for hours, sent_by_then in ((0, 3), (1.1, 6), (2.2, 6), (25.2, 9)):
        with time_machine.travel(start + timedelta(hours=hours), tick=True):
            northshire.work()
            for _ in range(5):
                asked += 1
                page = ask(northshire.visitor(), address)
                assert (page.status, page.h1) == (200, "Enter your security code")
                assert "ask your officer, or call 101" in page.words
            assert sent(northshire, address) == sent_by_then, hours


def test_codes_that_let_somebody_in_do_not_count(northshire: Portal, address: str) -> None:
    for _ in range(8):
        _someone, page = sign_in(northshire, address)
        assert page.h1 == RIGHT
    assert sent(northshire, address) == 8


def test_a_code_that_was_held_back_looks_like_one_that_has_not_come(
    northshire: Portal, address: str
) -> None:
    someone = northshire.visitor()
    for _ in range(3):
        ask(northshire.visitor(), address)
    before = ask(northshire.visitor(), "nobody@mail.example").words
    assert ask(someone, address).words == before
    said = [typed(someone, other).error_messages for other in ("11112222", "11113333", "11114444")]
    assert ["no longer works" in each[0] for each in said] == [False, False, True]
    assert recorded(northshire, Action.SIGN_IN_REFUSED)[-1].details["why"] == "withheld"


def test_strangers_cannot_use_up_the_codes_of_a_device_that_is_known(
    northshire: Portal, joined: Joined, address: str
) -> None:
    for _ in range(10):
        ask(northshire.visitor(), address)
    assert sent(northshire, address) == 3
    joined.visitor.send(joined.visitor.see(joined.url).form("Sign out"))
    _someone, page = sign_in(northshire, address, joined.visitor)
    assert page.h1 == RIGHT


def test_no_more_than_three_are_good_at_a_time(
    northshire: Portal, joined: Joined, address: str
) -> None:
    for _ in range(3):
        ask(northshire.visitor(), address)
    joined.visitor.send(joined.visitor.see(joined.url).form("Sign out"))
    ask(joined.visitor, address)
    with northshire.database.reading() as session:
        alive = session.scalars(
            select(SignInCode.is_own_device).where(SignInCode.expires_at > clock.now())
        ).all()
    assert len(alive) <= 3
    assert True in alive


def test_an_earlier_code_that_arrives_late_works_in_its_browser(
    northshire: Portal, address: str
) -> None:
    someone = northshire.visitor()
    ask(someone, address)
    first = northshire.sign_in_code(address)
    ask(someone, address)
    assert northshire.sign_in_code(address) != first
    assert typed(someone, first).h1 == RIGHT


def test_tries_count_against_every_code_of_the_browser(northshire: Portal, address: str) -> None:
    someone = northshire.visitor()
    for _ in range(2):
        ask(someone, address)
    code = northshire.sign_in_code(address)
    for by in (1, 2, 3):
        typed(someone, other_code(code, by))
    page = typed(someone, code)
    assert page.status == 422
    assert "no longer works" in page.words


def test_requests_at_the_same_moment_are_counted_one_after_the_other(
    northshire: Portal, address: str
) -> None:
    forms = []
    for _ in range(8):
        someone = northshire.visitor()
        forms.append((someone, someone.see("/sign-in").form("Continue")))
    run_together(*[lambda s=s, f=f: s.send(f, address=address) for s, f in forms])
    assert sent(northshire, address) == 3


def test_what_is_held_back_leaves_the_same_rows_for_known_and_unknown_addresses(
    northshire: Portal, address: str
) -> None:
    def rows() -> list[int]:
        with northshire.database.reading() as session:
            return [
                session.scalar(select(func.count()).select_from(model)) or 0
                for model in (SignInCode, Notice, AuditRow)
            ]

    grown = []
    for each in (address, "nobody@mail.example"):
        counts = [rows()]
        for _ in range(5):
            ask(northshire.visitor(), each)
            counts.append(rows())
        grown.append(
            [
                [b - a for a, b in zip(earlier, later, strict=True)]
                for earlier, later in itertools.pairwise(counts)
            ]
        )
    assert grown[0] == grown[1]
    assert grown[0] == [[1, 1, 1]] * 3 + [[1, 0, 1]] * 2
