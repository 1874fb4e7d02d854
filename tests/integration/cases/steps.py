"""What tests of cases look at besides pages."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import inspect as look_at
from sqlalchemy import select, text
from sqlalchemy.orm import joinedload

from app import clock
from app.cases.models import Case, Invitation, Task
from app.cases.queries import facts_of, why_case_is_not_open
from app.notifications.models import Notice, NoticeState
from tests.pages import Page, Visitor
from tests.portal import Portal

NEUTRAL = "This case is not available online"


def why_closed(portal: Portal, reference: str, slug: str = "northshire") -> str | None:
    """The reason code that keeps a case closed now; None: it is open."""
    case_id = portal.case_id(reference, slug)
    with portal.database.reading() as session:
        case = session.get_one(Case, case_id, options=[joinedload(Case.force)])
        return why_case_is_not_open(session, case, clock.now())


def knows_facts(portal: Portal, reference: str) -> bool:
    """Whether anything but hashes and the reason is kept of a case."""
    case_id = portal.case_id(reference)
    with portal.database.reading() as session:
        case = session.get_one(Case, case_id)
        return case.wrapped_key is not None and facts_of(case) is not None


def open_tasks(portal: Portal, reference: str) -> list[str]:
    case_id = portal.case_id(reference)
    with portal.database.reading() as session:
        return sorted(
            session.scalars(
                select(Task.kind).where(Task.case_id == case_id, Task.done_at.is_(None))
            )
        )


def owed_notices(portal: Portal) -> list[str]:
    """Templates of the notices that would still leave."""
    with portal.database.reading() as session:
        return list(
            session.scalars(select(Notice.template).where(Notice.state == NoticeState.OWED.value))
        )


def invitations_of(portal: Portal, case_id: UUID) -> list[Invitation]:
    with portal.database.reading() as session:
        return list(
            session.scalars(
                select(Invitation).where(Invitation.case_id == case_id).order_by(Invitation.made_at)
            )
        )


def everything_stored(portal: Portal) -> str:
    """Every value of every row of every table, as text."""
    values = []
    with portal.database.engine.connect() as connection:
        for table in look_at(connection).get_table_names():
            for row in connection.execute(text(f'SELECT * FROM "{table}"')):
                values += [
                    value.decode("latin-1") if isinstance(value, bytes) else str(value)
                    for value in row
                ]
    return "\n".join(values)


def same_page(page: Page) -> str:
    """A page without what differs each time it is asked for."""
    tokens = {each.get("value") or "" for each in page.all(".//input[@name='csrf_token']")}
    shown = page.text
    for token in tokens - {""}:
        shown = shown.replace(token, "TOKEN")
    return shown


def sees_neutral_page(someone: Visitor, url: str) -> Page:
    page = someone.see(url)
    assert (page.status, page.h1) == (404, NEUTRAL), page.words[:300]
    return page
