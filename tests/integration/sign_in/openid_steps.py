"""Through a force's provider and back, as a test's visitor."""

from __future__ import annotations

from typing import Any

from app.accounts.models import Officer
from tests.integration.sign_in.conftest import PUBLIC_URL
from tests.openid.running import RunningProvider
from tests.pages import Page, Visitor
from tests.portal import OfficerAccount, Portal

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


def stored(portal: Portal, account: OfficerAccount) -> Officer:
    with portal.database.reading() as session:
        return session.get_one(Officer, account.id)
