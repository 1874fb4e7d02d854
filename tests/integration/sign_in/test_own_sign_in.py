"""What officers change of their own sign-in: password, authenticator, recovery codes."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
import time_machine
from sqlalchemy import select

from app import clock
from app.accounts.models import Officer
from app.sign_in.models import OfficerRecoveryCode
from tests.integration.sign_in.officer_steps import (
    audited,
    give_password,
    recovery_codes_of,
    sign_in_with,
)
from tests.pages import Page, Visitor
from tests.portal import PASSWORD, OfficerAccount, Portal

NEW = "four unrelated harbour words"


@pytest.fixture
def officer(northshire: Portal) -> OfficerAccount:
    northshire.add_officer("9999")
    return northshire.add_officer()


def change_password(someone: Visitor, new: str, old: str = PASSWORD, again: str = "") -> Page:
    form = someone.see("/officer/account/password").form("Change password")
    return someone.send(form, old=old, new=new, again=again or new)


def offer_authenticator(someone: Visitor, password: str = PASSWORD) -> Page:
    form = someone.see("/officer/account/authenticator").form("Continue")
    return someone.send(form, password=password)


def secret_on(page: Page) -> str:
    return (page.find(".//strong").text or "").replace(" ", "")


def test_a_new_password_counts_at_once_and_signs_out_everywhere_else(
    northshire: Portal, officer: OfficerAccount
) -> None:
    elsewhere = northshire.officer_signs_in(officer)
    with time_machine.travel(clock.now() + timedelta(seconds=60)):
        someone = northshire.officer_signs_in(officer)

        page = change_password(someone, NEW)

        assert "Your password is changed" in page.words
        assert someone.get("/officer/inbox").status_code == 200
        assert elsewhere.get("/officer/inbox").status_code == 303
        assert give_password(northshire.visitor(), officer.email).status == 422
    with time_machine.travel(clock.now() + timedelta(seconds=120)):
        assert sign_in_with(northshire, officer, officer.code(), NEW).h1 == "Inbox"
    assert audited(northshire, "officer.password-changed") == [{}]


@pytest.mark.parametrize(
    "new,why",
    [
        ("elevenchars", "Use at least 12 characters"),
        ("x" * 201, "Use at most 200 characters"),
        ("Password12345", "That is one of the first"),
        ("aaaaaaaaaaaaaaaa", "That is one of the first"),
        ("okafor okafor 7", "Leave out your name"),
        ("NORTHSHIRE boat", "Leave out your name"),
        ("1234 okafor 1234", "Leave out your name"),
    ],
)
def test_a_weak_password_is_refused_in_words(
    northshire: Portal, officer: OfficerAccount, new: str, why: str
) -> None:
    someone = northshire.officer_signs_in(officer)

    page = change_password(someone, new)

    assert page.status == 422
    assert page.error_messages[0].startswith(why)
    assert new not in page.text


def test_the_old_password_is_asked_for_and_the_new_one_twice(
    northshire: Portal, officer: OfficerAccount
) -> None:
    someone = northshire.officer_signs_in(officer)

    assert change_password(someone, NEW, old="wrong").error_messages == [
        "That is not your password"
    ]
    assert change_password(someone, NEW, again="another one").error_messages == [
        "Enter the same new password again"
    ]
    assert give_password(northshire.visitor(), officer.email).h1 == "Enter your authenticator code"


def test_wrong_old_passwords_count_with_those_of_sign_in(
    northshire: Portal, officer: OfficerAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.sign_in.officers.TRIES_IN_AN_HOUR", 3)
    someone = northshire.officer_signs_in(officer)
    for _ in range(3):
        assert change_password(someone, NEW, old="wrong").status == 422

    assert change_password(someone, NEW).status == 429
    assert give_password(northshire.visitor(), officer.email).status == 429


def test_a_new_authenticator_counts_once_a_code_of_it_was_typed(
    northshire: Portal, officer: OfficerAccount
) -> None:
    elsewhere = northshire.officer_signs_in(officer)
    with time_machine.travel(clock.now() + timedelta(seconds=60)):
        someone = northshire.officer_signs_in(officer)
        assert offer_authenticator(someone, "wrong").error_messages == ["That is not your password"]
        page = offer_authenticator(someone)
        assert page.h1 == "Add this to your authenticator"
        new = pyotp.TOTP(secret_on(page))
        wrong = f"{(int(new.at(clock.now())) + 1) % 1_000_000:06}"
        page = someone.send(page.form("Use this authenticator"), code=wrong)
        assert page.status == 422
    with time_machine.travel(clock.now() + timedelta(seconds=120)):
        # Until then the old one counts.
        assert sign_in_with(northshire, officer, officer.code()).h1 == "Inbox"
        page = someone.send(page.form("Use this authenticator"), code=new.at(clock.now()))
        assert "The new authenticator is in use" in page.words
        assert elsewhere.get("/officer/inbox").status_code == 303
        assert sign_in_with(northshire, officer, new.at(clock.now())).status == 422
    with time_machine.travel(clock.now() + timedelta(seconds=180)):
        assert sign_in_with(northshire, officer, officer.code()).status == 422
        assert sign_in_with(northshire, officer, new.at(clock.now())).h1 == "Inbox"
    assert audited(northshire, "officer.authenticator-changed") == [{}]


def test_the_picture_says_what_the_key_says(northshire: Portal, officer: OfficerAccount) -> None:
    someone = northshire.officer_signs_in(officer)
    page = offer_authenticator(someone)
    picture = page.find(".//main//img").get("src") or ""

    answer = someone.get(picture)

    assert answer.mimetype == "image/svg+xml"
    assert answer.get_data(as_text=True).startswith("<svg")
    with northshire.database.reading() as session:
        stored = session.get_one(Officer, officer.id).new_authenticator or ""
    assert stored == secret_on(page)
    address = pyotp.TOTP(stored).provisioning_uri(name=officer.email, issuer_name="Keep in touch")
    assert parse_qs(urlsplit(address).query)["secret"] == [stored]


def test_an_offered_authenticator_waits_for_fifteen_minutes(
    northshire: Portal, officer: OfficerAccount
) -> None:
    someone = northshire.officer_signs_in(officer)
    page = offer_authenticator(someone)
    new = pyotp.TOTP(secret_on(page))

    with time_machine.travel(clock.now() + timedelta(minutes=16)):
        page = someone.send(page.form("Use this authenticator"), code=new.at(clock.now()))

        assert page.h1 == "Set up a new authenticator"
        assert someone.get("/officer/account/authenticator/picture").status_code == 404


def test_ten_recovery_codes_are_shown_once(northshire: Portal, officer: OfficerAccount) -> None:
    someone = northshire.officer_signs_in(officer)
    codes = recovery_codes_of(someone)

    assert len(set(codes)) == 10
    assert all(len(code.replace(" ", "")) == 12 for code in codes)
    assert someone.see("/officer/account/recovery-codes/new").h1 == "Recovery codes"
    with northshire.database.reading() as session:
        rows = session.scalars(select(OfficerRecoveryCode)).all()
    assert len({row.code_hash for row in rows}) == 10
    assert all(
        code.replace(" ", "").encode() not in row.code_hash for row in rows for code in codes
    )


def test_a_recovery_code_works_once_and_says_how_many_are_left(
    northshire: Portal, officer: OfficerAccount
) -> None:
    codes = recovery_codes_of(northshire.officer_signs_in(officer))

    page = sign_in_with(northshire, officer, codes[3])

    assert page.h1 == "Recovery codes"
    assert "Recovery codes you have left: 9" in page.words
    assert sign_in_with(northshire, officer, codes[3]).status == 422
    assert "left: 8" in sign_in_with(northshire, officer, codes[4].replace(" ", "-")).words
    assert audited(northshire, "sign-in.succeeded")[1:] == [{"by": "recovery-code"}] * 2
    assert audited(northshire, "sign-in.failed") == [{"by": "recovery-code"}]


def test_new_recovery_codes_end_the_old_ones(northshire: Portal, officer: OfficerAccount) -> None:
    someone = northshire.officer_signs_in(officer)
    old, new = recovery_codes_of(someone), recovery_codes_of(someone)

    assert not set(old) & set(new)
    assert sign_in_with(northshire, officer, old[0]).status == 422
    assert sign_in_with(northshire, officer, new[0]).h1 == "Recovery codes"
    assert len(audited(northshire, "officer.recovery-codes-made")) == 2


def test_recovery_codes_are_the_officers_own(northshire: Portal, officer: OfficerAccount) -> None:
    codes = recovery_codes_of(northshire.officer_signs_in(officer))
    other = northshire.add_officer("8888")
    recovery_codes_of(northshire.officer_signs_in(other))

    assert sign_in_with(northshire, other, codes[0]).status == 422


def test_recovery_codes_need_the_password(northshire: Portal, officer: OfficerAccount) -> None:
    someone = northshire.officer_signs_in(officer)
    form = someone.see("/officer/account/recovery-codes").form("Make new recovery codes")

    assert someone.send(form, password="wrong").error_messages == ["That is not your password"]
    assert audited(northshire, "officer.recovery-codes-made") == []
