"""What several tests do: sign in with roles, give a reason, look at the audit record."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.accounts.viewers import Role
from app.audit.models import AuditRow
from app.cases.models import GivenReason
from tests.pages import Page, Visitor
from tests.portal import Joined, OfficerAccount, Portal

REASON = "Cover for an officer on leave"


def staff(portal: Portal, *roles: Role, collar: str = "9001", slug: str = "northshire") -> Visitor:
    """A browser in which somebody with these roles has just signed in."""
    return portal.officer_signs_in(account(portal, *roles, collar=collar, slug=slug))


def account(
    portal: Portal, *roles: Role, collar: str = "9001", slug: str = "northshire"
) -> OfficerAccount:
    return portal.add_officer(collar, slug, roles=list(roles), name=f"Staff {collar}")


def gives_reason(someone: Visitor, url: str, reason: str = REASON) -> Page:
    """Open a case as somebody who has to say why; the page that follows."""
    page = someone.see(url)
    assert page.h1 == "Say why you are opening this case", page.words[:300]
    return someone.send(page.form("Open the case"), reason=reason)


def officers_url(joined: Joined) -> str:
    return f"/officer{joined.url}"


def audited(portal: Portal, action: str) -> list[AuditRow]:
    """The audit rows of one action, oldest first."""
    with portal.database.reading() as session:
        return list(
            session.scalars(select(AuditRow).where(AuditRow.action == action).order_by(AuditRow.id))
        )


def reasons(portal: Portal) -> dict[UUID, tuple[str, str | None]]:
    """What each reason was given for, and its words."""
    with portal.database.reading() as session:
        return {
            each.id: (each.given_for, each.words) for each in session.scalars(select(GivenReason))
        }


def details(rows: list[AuditRow]) -> list[dict[str, Any]]:
    return [row.details for row in rows]
