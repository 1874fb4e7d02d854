"""Whom a force's provider does not bring in, whatever it or anybody between says."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from app.accounts.models import Officer
from tests.integration.sign_in.conftest import PERSON, PUBLIC_URL
from tests.integration.sign_in.officer_steps import audited
from tests.integration.sign_in.openid_steps import (
    CALLBACK,
    ROLES,
    START,
    begin,
    come_back,
    sign_in,
    stored,
    with_provider,
)
from tests.openid.running import SECRET_ENV, RunningProvider
from tests.portal import Portal
from tests.ports import free_port


def test_a_number_that_another_person_got_opens_nothing(
    portal: Portal, provider: RunningProvider
) -> None:
    with_provider(portal, provider)
    portal.add_officer()
    sign_in(portal, provider)

    provider.set(person={**PERSON, "sub": "person-2"})
    page = sign_in(portal, provider)

    assert page.status == 403
    assert "belongs to another person" in page.words


@pytest.mark.parametrize(
    "fault,reason",
    [
        ("nonce", "nonce"),
        ("no-nonce", "nonce"),
        ("audience", "aud"),
        ("issuer", "iss"),
        ("expired", "exp"),
        ("from-the-future", "iat"),
        ("key", "bad_signature"),
        ("unsigned", "unsupported_algorithm"),
    ],
)
def test_a_token_with_a_fault_lets_nobody_in(
    portal: Portal, provider: RunningProvider, fault: str, reason: str
) -> None:
    with_provider(portal, provider)
    portal.add_officer()
    provider.set(fault=fault)
    someone = portal.visitor()

    page = come_back(someone, begin(someone), provider)

    assert (page.status, page.h1) == (403, "You are not signed in")
    assert "We could not make sure who you are" in page.words
    assert someone.get("/officer/inbox").status_code == 303
    assert audited(portal, "sign-in.failed") == [{"by": "openid", "reason": reason}]


def test_a_return_counts_once(portal: Portal, provider: RunningProvider) -> None:
    with_provider(portal, provider)
    portal.add_officer()
    someone = portal.visitor()
    address = begin(someone)
    with someone.session_transaction() as cookie:
        pending = dict(cookie["openid"])
    back = provider.passes(address, PUBLIC_URL).removeprefix(PUBLIC_URL)
    assert someone.see(back).h1 == "Inbox"

    # A browser with a copy of the cookie from before.
    thief = portal.visitor()
    with thief.session_transaction() as cookie:
        cookie["openid"] = pending
    page = thief.see(back)

    assert page.status == 403
    assert "used already" in page.words
    assert thief.get("/officer/inbox").status_code == 303
    assert audited(portal, "sign-in.failed")[-1]["reason"] == "used"


def test_a_return_counts_in_the_browser_that_asked_only(
    portal: Portal, provider: RunningProvider
) -> None:
    with_provider(portal, provider)
    portal.add_officer()
    back = provider.passes(begin(portal.visitor()), PUBLIC_URL).removeprefix(PUBLIC_URL)

    other = portal.visitor()
    assert other.get(back).location == "/officer/sign-in"

    begin(other)
    page = other.see(back)
    assert page.status == 403
    assert audited(portal, "sign-in.failed")[-1]["reason"] == "state"


def test_a_return_that_takes_too_long_does_not_count(
    portal: Portal, provider: RunningProvider
) -> None:
    with_provider(portal, provider)
    portal.add_officer()
    someone = portal.visitor()
    address = begin(someone)
    with someone.session_transaction() as cookie:
        cookie["openid"] = {**cookie["openid"], "until": cookie["openid"]["until"] - 601}

    page = come_back(someone, address, provider)

    assert "took too long" in page.words


def test_another_issuer_in_the_return_is_refused(portal: Portal, provider: RunningProvider) -> None:
    with_provider(portal, provider)
    portal.add_officer()
    someone = portal.visitor()
    back = provider.passes(begin(someone), PUBLIC_URL).removeprefix(PUBLIC_URL)
    query = parse_qs(urlsplit(back).query)
    forged = f"{CALLBACK}?code={query['code'][0]}&state={query['state'][0]}&iss=https://x.example"

    assert someone.see(forged).status == 403
    assert audited(portal, "sign-in.failed")[-1]["reason"] == "iss"


def test_a_disabled_officer_is_told_and_stays_out(
    portal: Portal, provider: RunningProvider
) -> None:
    with_provider(portal, provider)
    officer = portal.add_officer()
    with portal.database.writing() as session:
        session.get_one(Officer, officer.id).is_active = False

    page = sign_in(portal, provider)

    assert page.status == 403
    assert "Your account here is closed" in page.words
    assert stored(portal, officer).subject_index is None


def test_somebody_without_an_account_is_told(portal: Portal, provider: RunningProvider) -> None:
    with_provider(portal, provider)
    portal.add_officer("5555")

    for claims in ({"collar": "1234"}, {"collar": True}, {"collar": ["5555"]}, {}):
        provider.set(person={"sub": "new", **claims})
        page = sign_in(portal, provider)
        assert page.status == 403
        assert "have no account here" in page.words


def test_an_officer_of_another_force_is_nobody_here(
    portal: Portal, provider: RunningProvider
) -> None:
    with_provider(portal, provider, collar_claim=None)
    portal.add_force(slug="southshire", name="Southshire Police", ons_code="E23000098")
    other = portal.add_officer("1234", "southshire")
    provider.set(person={"sub": "s", "email": other.email, "collar": "1234"})

    assert sign_in(portal, provider).status == 403

    portal.add_force(officer_sign_in=provider.force(collar_claim="collar"))
    assert sign_in(portal, provider).status == 403
    assert stored(portal, other).subject_index is None


@pytest.mark.parametrize("groups", [None, [], ["drivers"], 7])
def test_without_a_listed_group_nobody_enters_and_open_sessions_end(
    portal: Portal, provider: RunningProvider, groups: object
) -> None:
    with_provider(portal, provider, roles=ROLES)
    officer = portal.add_officer()
    provider.set(person={**PERSON, "groups": ["portal-officers"]})
    at_the_desk = portal.visitor()
    come_back(at_the_desk, begin(at_the_desk), provider)
    assert at_the_desk.get("/officer/inbox").status_code == 200

    provider.set(person={**PERSON, "groups": groups})
    page = sign_in(portal, provider)

    assert page.status == 403
    assert "You are in no group" in page.words
    assert at_the_desk.get("/officer/inbox").status_code == 303
    assert stored(portal, officer).roles == ["officer"]
    assert audited(portal, "sign-in.failed")[-1] == {"by": "openid", "reason": "no-group"}


def test_who_cancels_can_try_again(portal: Portal, provider: RunningProvider) -> None:
    with_provider(portal, provider)
    portal.add_officer()
    provider.set(person=None)

    page = sign_in(portal, provider)

    assert page.status == 403
    assert "did not sign you in" in page.words
    assert page.link("Try again with Northshire Police") == START


def test_a_provider_that_is_down_leaves_a_calm_page(
    portal: Portal, provider: RunningProvider
) -> None:
    portal.add_force(
        officer_sign_in={**provider.force(), "issuer": f"http://127.0.0.1:{free_port()}"}
    )

    page = portal.visitor().see(START)

    assert (page.status, page.h1) == (503, "You are not signed in")
    assert "does not answer properly" in page.words


def test_a_provider_that_fails_on_the_way_back_leaves_a_calm_page(
    portal: Portal, provider: RunningProvider
) -> None:
    with_provider(portal, provider)
    portal.add_officer()
    someone = portal.visitor()
    back = provider.passes(begin(someone), PUBLIC_URL).removeprefix(PUBLIC_URL)
    provider.set(fault="down")

    assert someone.see(back).status == 503
    assert audited(portal, "sign-in.failed") == [{"by": "openid", "reason": "provider"}]


def test_a_secret_that_is_not_set_or_wrong_leaves_a_calm_page(
    portal: Portal, provider: RunningProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_provider(portal, provider)
    portal.add_officer()
    monkeypatch.setenv(SECRET_ENV, "wrong")
    assert sign_in(portal, provider).status == 503

    monkeypatch.delenv(SECRET_ENV)
    assert portal.visitor().see(START).status == 503
