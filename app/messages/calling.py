"""A victim would rather be phoned: a task for the officer, and an entry on the case record.

The number that they give is for this call alone: it never becomes an address of theirs.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.viewers import OfficerViewer, VictimViewer
from app.audit import actions as audit
from app.audit.vocabulary import Action
from app.cases.models import Task, TaskKind
from app.cases.tasks import open_task
from app.messages.actions import Author, locked
from app.messages.entry_words import Said, owe_words, words_place
from app.messages.models import CallRequest, Conversation, EntryWords
from app.messages.urgent import is_found_urgent, raise_attention
from app.outbox import actions as outbox

CONTACT_REQUEST = "contact-request"
MOST_IN_A_DAY = 5


class TooManyRequests(Exception):
    """Asked very often in a day. Nothing was stored."""


def ask_to_be_phoned(
    session: Session,
    conversation_id: UUID,
    viewer: VictimViewer,
    *,
    number: str | None,
    times: str,
    client_id: str,
    is_closed: bool,
    now: datetime,
) -> CallRequest:
    """Store the request, owe its entry and open a task. `number` is None for the one that the
    force has. The same client id and words store once and return what was stored the first time.

    `is_closed`: asked on a page from before the case was closed to its victim; it goes to the
    record with high priority, and onto the task for such words.

    Raises:
        TooManyRequests: nothing was stored.
    """
    conversation = locked(session, conversation_id)
    text = text_of_request(number, times)
    fingerprint = conversation.data_key.fingerprint(text)
    known = _known(session, conversation, client_id, fingerprint)
    if known is not None:
        return known
    _check_rate(session, conversation, now)
    request = CallRequest(
        id=uuid4(),
        conversation_id=conversation.id,
        force_id=conversation.force_id,
        client_id=client_id,
        fingerprint=fingerprint,
        asked_at=now,
    )
    session.add(request)
    is_urgent = is_found_urgent(conversation.case, times)
    said = Said(
        Author.of(viewer),
        CONTACT_REQUEST,
        text,
        now,
        priority=outbox.HIGH if is_urgent or is_closed else "normal",
    )
    owe_words(session, conversation, request.id, said)
    _open_task(session, conversation, request, is_closed=is_closed)
    if is_urgent:
        raise_attention(session, conversation.case, request.id, now)
    audit.record(
        session,
        Action.CALL_WANTED,
        viewer.actor,
        force_id=conversation.force_id,
        case_id=conversation.case_id,
        subject_id=request.id,
    )
    session.flush()
    return request


def text_of_request(number: str | None, times: str) -> str:
    """What the entry says, in English, as the record is."""
    on = f"on this number: {number}" if number else "on the number that the force has"
    when = f"Good times, in the victim's words: {times}" if times else "No times were given."
    return f"The victim asks to be phoned {on}. {when}"


def newest_request(session: Session, conversation: Conversation) -> CallRequest | None:
    """The last time that this victim asked to be phoned."""
    return session.scalar(
        select(CallRequest)
        .where(CallRequest.conversation_id == conversation.id)
        .order_by(CallRequest.asked_at.desc())
        .limit(1)
    )


def request_of(session: Session, task: Task) -> CallRequest | None:
    """The request to be phoned that a task is about; None: it is about something else."""
    if task.subject_id is None:
        return None
    request = session.get(CallRequest, task.subject_id)
    return request if request is not None and request.force_id == task.force_id else None


def words_of_request(session: Session, task: Task, viewer: OfficerViewer) -> str | None:
    """What was asked, for somebody of the force who may do the task. A consultation, so recorded:
    the session has to be one that writes."""
    request = request_of(session, task)
    if request is None:
        return None
    conversation = session.get_one(Conversation, request.conversation_id)
    words = session.get_one(EntryWords, request.id)
    audit.record(
        session,
        Action.REQUEST_CONSULTED,
        viewer.actor,
        force_id=request.force_id,
        case_id=task.case_id,
        subject_id=request.id,
    )
    return conversation.data_key.open(words.text_sealed, words_place(words.id))


def _known(
    session: Session, conversation: Conversation, client_id: str, fingerprint: bytes
) -> CallRequest | None:
    return session.scalar(
        select(CallRequest).where(
            CallRequest.conversation_id == conversation.id,
            CallRequest.client_id == client_id,
            CallRequest.fingerprint == fingerprint,
        )
    )


def _open_task(
    session: Session, conversation: Conversation, request: CallRequest, *, is_closed: bool
) -> None:
    open_task(
        session,
        conversation.case,
        TaskKind.WORDS_IN_THE_GAP if is_closed else TaskKind.CALL_WANTED,
        request.asked_at,
        due_at=request.asked_at if is_closed else None,
        subject_id=request.id,
    )


def _check_rate(session: Session, conversation: Conversation, now: datetime) -> None:
    asked = session.scalar(
        select(func.count())
        .select_from(CallRequest)
        .where(
            CallRequest.conversation_id == conversation.id,
            CallRequest.asked_at > now - timedelta(days=1),
        )
    )
    if (asked or 0) >= MOST_IN_A_DAY:
        raise TooManyRequests
