"""What several tests do: sign in by code, look into the database, count statements."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

from sqlalchemy import event, func, select, text
from sqlalchemy.engine import Connection

from app.database import Base, Database
from app.messages.models import Conversation, KeptText, Message
from app.messages.text import clean
from app.outbox.models import OwedEntry
from tests.pages import HTMX, Page, Visitor
from tests.portal import Joined, OfficerAccount, Portal


def sign_in(portal: Portal, address: str, someone: Visitor | None = None) -> Visitor:
    """Sign a victim in by code; in a fresh browser unless one is given."""
    someone = someone or portal.visitor()
    page = someone.see("/sign-in")
    page = someone.send(page.form("Continue"), address=address)
    someone.send(page.form("Sign in"), code=portal.sign_in_code(address))
    return someone


def conversation_of(portal: Portal, case_id: UUID) -> Conversation:
    """The newest conversation of a case, detached."""
    with portal.database.reading() as session:
        return session.scalars(
            select(Conversation)
            .where(Conversation.case_id == case_id)
            .order_by(Conversation.started_at.desc())
            .limit(1)
        ).one()


def messages_of(portal: Portal, case_id: UUID) -> list[Message]:
    with portal.database.reading() as session:
        return list(
            session.scalars(
                select(Message)
                .join(Conversation, Conversation.id == Message.conversation_id)
                .where(Conversation.case_id == case_id)
                .order_by(Message.sequence)
            )
        )


def entries_of(portal: Portal, case_id: UUID) -> list[OwedEntry]:
    with portal.database.reading() as session:
        return list(
            session.scalars(
                select(OwedEntry)
                .join(Conversation, Conversation.id == OwedEntry.stream_id)
                .where(Conversation.case_id == case_id)
                .order_by(OwedEntry.position)
            )
        )


def kept_texts(portal: Portal) -> int:
    with portal.database.reading() as session:
        return session.scalar(select(func.count()).select_from(KeptText)) or 0


def replies(portal: Portal, officer: OfficerAccount, victim: Joined, words: str) -> Visitor:
    """The officer opens the case in a fresh browser and replies."""
    inbox = portal.officer_signs_in(officer)
    inbox.send(inbox.see(f"/officer{victim.url}").form("Send reply"), text=words)
    return inbox


class Writer:
    """Somebody at their page of a conversation. It is loaded once; each answer to a message with
    `htmx` tells what the next one starts from, as for an open page."""

    def __init__(self, visitor: Visitor, url: str, button: str) -> None:
        self.visitor = visitor
        self.url = url
        self.form = visitor.see(url).form(button)

    def sends(self, texts: list[str], *, htmx: bool) -> None:
        for each in texts:
            told = {**self.form.values, "text": each, "client_id": str(uuid4())}
            answer = self.visitor.post(self.form.action, data=told, headers=HTMX if htmx else {})
            if not htmx:
                assert answer.status_code == 303
                continue
            fragment = Page(answer, self.form.action)
            assert fragment.messages[-1].text == clean(each)
            self.form.values["after"] = fragment.find(".//ol").get("data-cursor") or ""

    def shown(self, count: int) -> list[str]:
        """The texts of the newest messages, when the page is loaded again."""
        return [message.text for message in self.visitor.see(self.url).messages][-count:]


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """Every statement sent to the database meanwhile, transactions' ends and pragmas aside."""
    seen: list[str] = []

    def note(_connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE")):
            seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def stored_bytes(database: Database) -> bytes:
    """Every value of every row, one after the other."""
    found = bytearray()
    with database.reading() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(text(f"SELECT * FROM {table.name}")):
                for value in row:
                    found += value if isinstance(value, bytes) else str(value).encode()
                    found += b"\n"
    return bytes(found)


def stored(portal: Portal, victim: Joined) -> list[str]:
    return [text for _, _, text in portal.messages(victim.case_id)]
