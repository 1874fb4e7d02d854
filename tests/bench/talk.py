"""The rows of conversations, and what follows from every message in them."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, ColumnElement, Connection, func, insert, literal, select

from app.audit.models import AuditRow
from app.cases.facts import CaseFacts
from app.crypto import Keyring, Place
from app.database import Base
from app.messages.models import Conversation, Message, RecordedTotal
from app.notifications.models import Notice
from app.outbox.models import OwedEntry, Stream
from tests.bench.people import Desk, Home, Made, Sealing
from tests.bench.rows import Row, row, table_of

WAITING = 4
"""One conversation in so many waits for an answer."""
DUE = 10
"""One stream in so many has its last entry still to be delivered."""

# As many words as people use in such messages: fewer would make pages look better compressed.
_WORDS = (
    "the a and to of in it is was that I you we they he my your our me him them this there here "
    "what when where who which how if or but so not no yes can could would will may have had "
    "has been be are were do did done for from with at by on off up down out about after before "
    "again still already today tomorrow yesterday morning afternoon evening Monday Tuesday "
    "Friday week month hour minute house garden garage window door lock gate shed street corner "
    "shop neighbour brother daughter friend man woman somebody nobody bike laptop phone purse "
    "jewellery tools camera television car van money card bank insurance number reference "
    "letter email photograph picture list receipt serial statement witness court charge suspect "
    "officer station report crime burglary thank please sorry sure think know remember saw "
    "heard called came went took broke left found lost tried asked told sent wrote waiting "
    "happy worried tired better possible another first last next new old small large red blue "
    "dark grey near behind between "
)
_KNOWN = _WORDS.split()


def words(length: int, seed: int) -> str:
    """So many characters that look like a message and hold nothing to escape."""
    text = " ".join(random.Random(seed).choices(_KNOWN, k=length // 3 + 2))
    return text[: length - 1].rstrip().ljust(length - 1, "x") + "."


@dataclass(frozen=True, slots=True)
class Talk:
    """One conversation: the `number`th of its force, so many messages long."""

    keyring: Keyring
    force_id: UUID
    home: Home
    desk: Desk
    facts: CaseFacts
    number: int
    texts: tuple[str, ...]
    """One for each message."""
    started: datetime

    @property
    def is_due(self) -> bool:
        return self.number % DUE == 0

    def rows(self) -> Made:
        sealing = Sealing(self.keyring, "conversations", self.home.conversation_id)
        last_at = self.started + timedelta(minutes=len(self.texts))
        yield Conversation, self._conversation(sealing, last_at)
        due_at = last_at if self.is_due and self.texts else None
        stream = {"id": self.home.conversation_id, "force_id": self.force_id}
        yield Stream, row(Stream, **stream, due_at=due_at)
        for sequence, text in enumerate(self.texts, start=1):
            yield Message, self._message(sealing, sequence, text)

    def _conversation(self, sealing: Sealing, last_at: datetime) -> Row:
        length = len(self.texts)
        return row(
            Conversation,
            id=self.home.conversation_id,
            wrapped_key=sealing.wrapped_key,
            case_id=self.home.case_id,
            victim_id=self.home.victim_id,
            force_id=self.force_id,
            officer_id=self.desk.officer_id,
            reference_sealed=sealing.seal("reference", self.facts.reference),
            victim_reference_sealed=sealing.seal("victim_reference", self.facts.victim.id),
            last_sequence=length,
            revision=length,
            started_at=self.started,
            last_activity_at=last_at,
            waiting_since=last_at if self.number % WAITING == 0 else None,
            victim_read_to=length,
            victim_read_at=last_at,
            officer_read_to=length,
        )

    def _message(self, sealing: Sealing, sequence: int, text: str) -> Row:
        kind = "victim" if sequence % 2 else "officer"
        author, named = self._author(kind)
        message_id, key = uuid4(), sealing.key
        sent_at = self.started + timedelta(minutes=sequence)
        is_recorded = not (self.is_due and sequence == len(self.texts))
        return row(
            Message,
            id=message_id,
            conversation_id=self.home.conversation_id,
            force_id=self.force_id,
            sequence=sequence,
            revision=sequence,
            author_kind=kind,
            author_id=author,
            client_id=message_id.hex,
            fingerprint=key.fingerprint(text),
            text_sealed=key.seal(text, Place("messages", "text", message_id)),
            author_sealed=key.seal(json.dumps(named), Place("messages", "author", message_id)),
            sent_at=sent_at,
            state="recorded" if is_recorded else "saved",
            recorded_at=sent_at if is_recorded else None,
        )

    def _author(self, kind: str) -> tuple[UUID, dict[str, Any]]:
        if kind == "victim":
            return self.home.victim_id, {"name": "Alex Morgan", "id": self.facts.victim.id}
        return self.desk.officer_id, {"name": "PC Sam Okafor", "collar": self.desk.collar}


def follow_messages(connection: Connection) -> None:
    """An entry owed for each message, its audit rows, and a notice for each of an officer's."""
    message, conversation = table_of(Message).c, table_of(Conversation).c
    receipts = [{"entryId": "N-00000001", "recordedAt": "2026-01-01T00:00:00Z"}]
    entry = {
        "id": message.id,
        "stream_id": message.conversation_id,
        "force_id": message.force_id,
        "position": message.sequence,
        "kind": message.author_kind + "-message",
        "state": message.state,
        "owed_at": message.sent_at,
    }
    _for_each_message(
        connection,
        OwedEntry,
        entry | {"receipts": literal(receipts, JSON())},
        only=message.state == "recorded",
    )
    _for_each_message(
        connection,
        OwedEntry,
        entry | {"receipts": literal([], JSON())},
        only=message.state != "recorded",
    )
    connection.execute(
        insert(table_of(RecordedTotal)).from_select(
            ["force_id", "part", "messages"],
            select(message.force_id, literal(0), func.count())
            .where(message.state == "recorded")
            .group_by(message.force_id),
        )
    )
    for action in ("message.collected", "entry.disclosed"):
        audit = {
            "at": message.sent_at,
            "force_id": message.force_id,
            "actor_kind": message.author_kind,
            "actor_id": message.author_id,
            "action": literal(action),
            "case_id": conversation.case_id,
            "subject_id": message.id,
            "details": literal({}, JSON()),
        }
        _for_each_message(connection, AuditRow, audit)
    notice = {
        "id": message.id,
        "template": literal("update"),
        "channel": literal("email"),
        "force_id": message.force_id,
        "case_id": conversation.case_id,
        "victim_id": conversation.victim_id,
        "state": literal("handed-over"),
        "created_at": message.sent_at,
        "due_at": message.sent_at,
        "ended_at": message.sent_at,
    }
    _for_each_message(connection, Notice, notice, only=message.author_kind == "officer")


def _for_each_message(
    connection: Connection,
    model: type[Base],
    values: Mapping[str, ColumnElement[Any]],
    *,
    only: ColumnElement[bool] | None = None,
) -> None:
    message, conversation = table_of(Message), table_of(Conversation)
    source = select(*values.values()).select_from(
        message.join(conversation, conversation.c.id == message.c.conversation_id)
    )
    if only is not None:
        source = source.where(only)
    connection.execute(insert(table_of(model)).from_select(list(values), source))
