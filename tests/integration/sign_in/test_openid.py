"""Officers sign in through their force's own provider: the certified one from npm, which here can
also be made to lie."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from app.accounts.models import Officer
from app.accounts.viewers import Role
from app.audit.models import AuditRow
from app.sign_in.models import SignInSession
from tests.integration.sign_in.conftest import PERSON, PUBLIC_URL
from tests.openid.running import SECRET_ENV, RunningProvider
from tests.pages import Page, Visitor
from tests.portal import PASSWORD, OfficerAccount, Portal
from tests.ports import free_port

START = "/officer/sign-in/northshire"
CALLBACK = "/officer/sign-in/callback"
ROLES = {"portal-officers": "officer", "portal-bureau": ["contact-bureau", "supervisor"]}


def with_provider(portal: Portal, provider: RunningProvider, **more: Any) -> None:
    settings = {"collar_claim": "collar", **more}
    portal.add_force(officer_sign_in=provider.force(**settings))


def begin(someone: Visitor) -> str:
    """The address to which the link of the force leads."""
    answer = someone.get(START)
    assert answer.status_code == 303
    return answer.location


def come_back(someone: Visitor, address: str, provider: RunningProvider) -> Page:
    """Through the provider and back; the page that is there then."""
    back = provider.passes(address, PUBLIC_URL)
    return someone.see(back.removeprefix(PUBLIC_URL))


def sign_in(portal: Portal, provider: RunningProvider) -> Page:
    someone = portal.visitor()
    return come_back(someone, begin(someone), provider)


def audited(portal: Portal, action: str) -> list[dict[str, Any]]:
    with portal.database.reading() as session:
        rows = session.scalars(select(AuditRow).where(AuditRow.action == action)).all()
        return [row.details for row in rows]


def stored(portal: Portal, account: OfficerAccount) -> Officer:
    with portal.database.reading() as session:
        return session.get_one(Officer, account.id)


def test_officer_signs_in_with_their_force(portal: Portal, provider: RunningProvider) -> None:
    with_provider(portal, provider)
    noise = portal.add_officer("9999")
    officer = portal.add_officer()

    page = sign_in(portal, provider)

    assert (page.status, page.h1) == (200, "Inbox")
    assert "1234" in page.words
    assert audited(portal, "sign-in.succeeded") == [{"by": "openid"}]
    assert stored(portal, officer).last_signed_in_at is not None
    assert stored(portal, officer).subject_index is not None
    assert stored(portal, noise).subject_index is None


def test_the_way_there_is_asked_for_with_pkce_state_and_nonce(
    portal: Portal, provider: RunningProvider
) -> None:
    with_provider(portal, provider)
    asked = [parse_qs(urlsplit(begin(portal.visitor())).query) for _number in range(2)]

    assert {each["code_challenge_method"][0] for each in asked} == {"S256"}
    assert {each["redirect_uri"][0] for each in asked} == {PUBLIC_URL + CALLBACK}
    for name in ("state", "nonce", "code_challenge"):
        assert len({each[name][0] for each in asked}) == 2
        assert all(len(each[name][0]) >= 43 for each in asked)


def test_claims_may_come_from_the_userinfo_endpoint(
    portal: Portal, provider: RunningProvider
) -> None:
    provider.set(inToken=False)
    with_provider(portal, provider)
    portal.add_officer()

    assert sign_in(portal, provider).h1 == "Inbox"


def test_officer_is_known_by_email_where_no_collar_claim_is_set(
    portal: Portal, provider: RunningProvider
) -> None:
    with_provider(portal, provider, collar_claim=None)
    officer = portal.add_officer()
    provider.set(person={"sub": "by-mail", "email": officer.email.upper()})

    assert sign_in(portal, provider).h1 == "Inbox"

    provider.set(person={"sub": "other", "email": officer.email, "email_verified": False})
    assert sign_in(portal, provider).status == 403


def test_the_account_stays_the_persons_when_their_number_changes(
    portal: Portal, provider: RunningProvider
) -> None:
    with_provider(portal, provider)
    portal.add_officer("5555")
    officer = portal.add_officer()
    sign_in(portal, provider)

    provider.set(person={**PERSON, "collar": "5555"})
    page = sign_in(portal, provider)

    assert "1234" in page.words
    assert "5555" not in page.words
    assert stored(portal, officer).subject_index is not None


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


def test_the_same_subject_at_two_forces_is_two_people(
    portal: Portal, provider: RunningProvider
) -> None:
    with_provider(portal, provider)
    portal.add_force(
        slug="southshire",
        name="Southshire Police",
        ons_code="E23000098",
        officer_sign_in=provider.force(collar_claim="collar"),
    )
    portal.add_officer(name="PC North")
    portal.add_officer("1234", "southshire", name="PC South")
    sign_in(portal, provider)

    someone = portal.visitor()
    address = someone.get("/officer/sign-in/southshire").location
    page = come_back(someone, address, provider)

    assert "PC South 1234" in page.words


def test_roles_come_with_every_sign_in(portal: Portal, provider: RunningProvider) -> None:
    with_provider(portal, provider, roles=ROLES)
    officer = portal.add_officer(roles=[Role.AUDITOR])
    provider.set(person={**PERSON, "groups": ["portal-bureau", "drivers"]})
    sign_in(portal, provider)
    assert stored(portal, officer).roles == ["supervisor", "contact-bureau"]

    provider.set(person={**PERSON, "groups": "portal-officers"})
    sign_in(portal, provider)

    assert stored(portal, officer).roles == ["officer"]
    assert audited(portal, "officer.roles-changed") == [
        {"before": "auditor", "after": "supervisor contact-bureau", "by": "openid"},
        {"before": "supervisor contact-bureau", "after": "officer", "by": "openid"},
    ]


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


def test_changed_keys_of_the_provider_are_learnt(portal: Portal, provider: RunningProvider) -> None:
    with_provider(portal, provider)
    portal.add_officer()
    assert sign_in(portal, provider).h1 == "Inbox"

    provider.set(rotate=True)

    assert sign_in(portal, provider).h1 == "Inbox"


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


def test_a_password_leads_to_the_provider_and_opens_nothing(
    portal: Portal, provider: RunningProvider
) -> None:
    with_provider(portal, provider)
    officer = portal.add_officer()
    someone = portal.visitor()
    form = someone.see("/officer/sign-in").form("Sign in")

    page = someone.send(form, email=officer.email, password=PASSWORD)

    assert page.h1 == "Sign in with Northshire Police"
    assert page.link("Continue") == START
    assert someone.see("/officer/sign-in/code").h1 == "Sign in as an officer"


def test_a_code_after_the_password_opens_nothing_once_the_force_has_a_provider(
    portal: Portal, provider: RunningProvider
) -> None:
    portal.add_force()
    officer = portal.add_officer()
    someone = portal.visitor()
    form = someone.see("/officer/sign-in").form("Sign in")
    page = someone.send(form, email=officer.email, password=PASSWORD)
    with_provider(portal, provider)

    page = someone.send(page.form("Sign in"), code=officer.code())

    assert page.status == 422
    assert someone.get("/officer/inbox").status_code == 303


def test_an_officer_of_a_force_without_a_provider_is_not_led_away(
    portal: Portal, provider: RunningProvider
) -> None:
    with_provider(portal, provider)
    portal.add_force(slug="southshire", name="Southshire Police", ons_code="E23000098")
    officer = portal.add_officer(slug="southshire")

    portal.officer_signs_in(officer)

    for slug in ("southshire", "nowhere"):
        assert portal.visitor().get(f"/officer/sign-in/{slug}").location == "/officer/sign-in"


def test_whoever_was_signed_in_here_no_longer_is(portal: Portal, provider: RunningProvider) -> None:
    with_provider(portal, provider)
    portal.add_officer()
    someone = portal.visitor()
    come_back(someone, begin(someone), provider)

    come_back(someone, begin(someone), provider)

    with portal.database.reading() as session:
        ended = [row.ended_at is None for row in session.scalars(select(SignInSession))]
    assert sorted(ended) == [False, True]
