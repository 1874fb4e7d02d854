"""What tests of the ways in do again and again."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from app.audit.models import AuditRow
from app.audit.vocabulary import Action
from app.cases.models import Enrolment
from tests.pages import Page, Visitor
from tests.portal import Joined, Portal

RIGHT = "Your case"


def ask(someone: Visitor, address: str) -> Page:
    return someone.send(someone.see("/sign-in").form("Continue"), address=address)


def typed(someone: Visitor, code: str) -> Page:
    return someone.send(someone.see("/sign-in/code").form("Sign in"), code=code)


def sign_in(portal: Portal, address: str, someone: Visitor | None = None) -> tuple[Visitor, Page]:
    """In a new browser unless one is named; the page that the right code leads to."""
    someone = someone or portal.visitor()
    ask(someone, address)
    return someone, typed(someone, portal.sign_in_code(address))


def sent(portal: Portal, address: str, template: str = "sign-in-code") -> int:
    portal.work()
    return len(portal.sender.to(address, template))


def victim_of(portal: Portal, joined: Joined) -> UUID:
    with portal.database.reading() as session:
        found = session.scalar(
            select(Enrolment.victim_id).where(Enrolment.case_id == joined.case_id)
        )
        assert found is not None
        return found


def recorded(portal: Portal, *actions: Action) -> list[AuditRow]:
    """The rows of the record with these actions, in order."""
    with portal.database.reading() as session:
        return list(
            session.scalars(
                select(AuditRow)
                .where(AuditRow.action.in_([action.value for action in actions]))
                .order_by(AuditRow.id)
            )
        )


def other_code(code: str, by: int = 1) -> str:
    return f"{(int(code) + by) % 10**8:08}"
