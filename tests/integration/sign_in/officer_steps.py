"""What tests of officers' ways in do again and again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.audit.models import AuditRow
from tests.pages import Page, Visitor
from tests.portal import PASSWORD, OfficerAccount, Portal


def give_password(someone: Visitor, email: str, password: str = PASSWORD) -> Page:
    page = someone.see("/officer/sign-in")
    return someone.send(page.form("Sign in"), email=email, password=password)


def sign_in_with(
    portal: Portal, officer: OfficerAccount, code: str, password: str = PASSWORD
) -> Page:
    """From another browser."""
    someone = portal.visitor()
    page = give_password(someone, officer.email, password)
    return someone.send(page.form("Sign in"), code=code)


def recovery_codes_of(someone: Visitor) -> list[str]:
    """New ones, as the page shows them."""
    form = someone.see("/officer/account/recovery-codes").form("Make new recovery codes")
    page = someone.send(form, password=PASSWORD)
    assert page.h1 == "Your new recovery codes", page.words
    return [each.text.strip() for each in page.all(".//main//li") if each.text]


def audited(portal: Portal, action: str) -> list[dict[str, Any]]:
    with portal.database.reading() as session:
        rows = session.scalars(select(AuditRow).where(AuditRow.action == action)).all()
        return [row.details for row in rows]
