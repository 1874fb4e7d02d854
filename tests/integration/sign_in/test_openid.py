"""Officers sign in through their force's own provider: the certified one from npm."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from sqlalchemy import select

from app.accounts.viewers import Role
from app.sign_in.models import SignInSession
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
from tests.openid.running import RunningProvider
from tests.portal import PASSWORD, Portal


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


def test_changed_keys_of_the_provider_are_learnt(portal: Portal, provider: RunningProvider) -> None:
    with_provider(portal, provider)
    portal.add_officer()
    assert sign_in(portal, provider).h1 == "Inbox"

    provider.set(rotate=True)

    assert sign_in(portal, provider).h1 == "Inbox"


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
