"""A conversation as both sides' templates are given it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from app.messages.queries import MessageText, Page
from app.messages.tongue import language_of


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message as its reader sees it; `text` exact to the character."""

    sequence: int
    state: str
    author_label: str
    is_mine: bool
    sent_at: datetime
    text: str
    language: str | None
    """Of the text, where it can be told."""
    is_new: bool


@dataclass(frozen=True, slots=True)
class ConversationView:
    """A page of the conversation, oldest message first."""

    messages: list[MessageView]
    earlier_url: str | None
    newest_url: str | None
    cursor: int

    @property
    def first_new(self) -> MessageView | None:
        """The oldest message here that the reader has not seen before."""
        return next((each for each in self.messages if each.is_new), None)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: `kind` is "victim" or "officer"; `label` names the author of a message to them."""

    kind: str
    read_to: int
    label: Callable[[MessageText], str]

    def sees(self, messages: Iterable[MessageText]) -> list[MessageView]:
        return [
            MessageView(
                sequence=message.sequence,
                state=message.state,
                author_label=self.label(message),
                is_mine=message.author_kind == self.kind,
                sent_at=message.sent_at,
                text=message.text,
                language=language_of(message.text),
                is_new=message.author_kind != self.kind and message.sequence > self.read_to,
            )
            for message in messages
        ]

    def sees_page(self, page: Page, here: str) -> ConversationView:
        """`here` is the address of the page that shows the newest messages."""
        earlier = f"{here}?before={page.messages[0].sequence}" if page.has_earlier else None
        return ConversationView(
            messages=self.sees(page.messages),
            earlier_url=earlier,
            newest_url=here if page.has_later else None,
            cursor=page.cursor,
        )
