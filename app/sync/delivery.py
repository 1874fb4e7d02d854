"""Putting what is owed onto the case record: one conversation at a time, entries in order.

A worker claims a stream by a lease, writes each call down before it makes it, holds no lock while
the case system answers, and looks at its lease again before every call. Where the fate of a call
is not known and the case system cannot recognise a repeat, the entry is looked up first.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app import clock
from app.audit import actions as audit
from app.audit.vocabulary import WORKER, Action
from app.database import Database
from app.messages.actions import locked, note_entry_state
from app.messages.attention import note_attention, note_urgent_recorded
from app.messages.models import Conversation
from app.messages.references import tried_under
from app.outbox import actions as outbox
from app.outbox import breakers
from app.outbox.breakers import Leave
from app.outbox.models import EntryState, OwedEntry, Stream
from app.sync.answers import LookedUp, note_breaker, note_not_found, outcome_of
from app.sync.crowd import Crowd
from app.sync.port import (
    CALL_SECONDS,
    Answer,
    CaseSystem,
    CaseSystemFailed,
    Entry,
    NoAnswer,
    Recorded,
    Refused,
    Silence,
    rfc3339,
)
from app.sync.rules import (
    NOT_READY,
    STARTS_WITHIN,
    Again,
    Decision,
    Done,
    ForceWaits,
    NeedsPerson,
    Send,
    alive_after,
    alive_after_writing_down,
    decide,
    decide_look_up,
    decide_unready,
    settled_at,
)
from app.sync.tally import Tally
from app.sync.words import parts_of

log = structlog.get_logger(__name__)

MOST_IN_A_TURN = 50
"""Calls for one conversation; then the others of its force have their turn."""

CaseSystems = Mapping[UUID, CaseSystem]
"""The case system of record of each force that this worker can call, by the force's id."""


@dataclass(slots=True)
class Turn:
    """One worker's turn with one conversation."""

    systems: CaseSystems
    tally: Tally
    should_stop: Callable[[], bool] = field(default=lambda: False)
    leave: Leave = Leave.USUAL
    """As what the force may be called: whether an answer is news for its breaker."""
    calls: int = 0

    def is_over(self, force_id: UUID, system: CaseSystem) -> bool:
        """Also where the force has another case system by now, or none that we can call."""
        has_changed = self.systems.get(force_id) is not system
        return has_changed or self.calls >= MOST_IN_A_TURN or self.should_stop()


@dataclass(frozen=True, slots=True)
class _Call:
    """What is about to be done about one part of one entry: sent, or first looked up."""

    entry_id: UUID
    stream_id: UUID
    token: UUID
    """The lease under which it is made."""
    conversation_id: UUID
    force_id: UUID
    system: CaseSystem
    """To which it is made; the force may have another one when the answer comes."""
    reference: str
    part: Entry
    parts: int
    is_look_up: bool
    has_moved: bool
    """The case has another reference than this one by now; the entry's way on is there."""
    written_down_at: float
    """By the clock that runs on while a machine sleeps."""


@dataclass(frozen=True, slots=True)
class _Unready:
    """The next entry of a stream cannot be made ready to be sent; its lease is still ours."""

    stream_id: UUID
    token: UUID


def deliver_one_stream(
    database: Database,
    systems: CaseSystems,
    *,
    tally: Tally | None = None,
    should_stop: Callable[[], bool] = lambda: False,
    crowd: Crowd | None = None,
) -> bool:
    """Claim a stream of some force and send what it owes; False: nothing was due.

    `crowd` keeps one force from taking up all threads of this process.
    """
    now = clock.now()
    with database.reading() as session:
        forces = outbox.forces_with_something_due(session, now)
    turn, crowd = Turn(systems, tally or Tally(), should_stop), crowd or Crowd()
    for force_id in forces:
        # Without a token for it this worker leaves the force to the others.
        if force_id not in systems:
            continue
        with crowd.joining(force_id) as there_is_room:
            if there_is_room and _deliver_one_of(database, turn, force_id):
                return True
    return False


def _deliver_one_of(database: Database, turn: Turn, force_id: UUID) -> bool:
    system = turn.systems.get(force_id)
    if system is None:
        return False
    with database.writing() as session:
        began, now = clock.boot_seconds(), clock.now()
        claimed = outbox.claim(session, force_id, now)
        if claimed is None:
            return False
        turn.leave = claimed.leave
        step = _next_step(session, turn, claimed.stream, system, now, began)
    while isinstance(step, _Call):
        turn.calls += 1
        told = _make(step)
        # What came of this call and what the next one will be are written down together.
        with database.writing() as session:
            step = _note(session, turn, step, told)
    if step is not None:
        # By itself: its conversation is locked before its stream.
        with database.writing() as session:
            _note_unready(session, step, clock.now())
    return True


def _make(call: _Call) -> Answer | LookedUp:
    if call.is_look_up:
        try:
            return call.system.entry(call.reference, call.part.external_id)
        except CaseSystemFailed as failed:
            return failed
    if clock.boot_seconds() - call.written_down_at > STARTS_WITHIN:
        # The machine slept, or this process was paused: the lease may be another's by now.
        return NoAnswer(Silence.NOT_SENT)
    ends_by = call.written_down_at + STARTS_WITHIN + CALL_SECONDS
    return call.system.record(call.reference, call.part, ends_by)


def _next_call(
    session: Session,
    turn: Turn,
    stream: Stream,
    system: CaseSystem,
    now: datetime,
    began: float,
) -> _Call | None:
    """Write the next call down, or release the stream where there is none to make."""
    entry = outbox.first_unrecorded(session, stream.id)
    if entry is None or entry.state == EntryState.ATTENTION.value:
        outbox.release(stream, None)
        return None
    # To the first call of a turn the claim itself says whether it may be made.
    must_wait = turn.calls > 0 and breakers.is_asked_to_wait(session, stream.force_id, now)
    if must_wait or turn.is_over(stream.force_id, system):
        outbox.release(stream, now)
        return None
    conversation = session.get_one(Conversation, stream.id)
    old_reference = tried_under(conversation, entry)
    can_settle_at = _can_settle_at(entry, system, has_moved=old_reference is not None)
    if can_settle_at is not None and can_settle_at > now:
        outbox.release(stream, can_settle_at)
        return None
    reference = old_reference or conversation.reference
    if reference is None:
        raise LookupError(f"conversation {conversation.id} has entries owed and no reference")
    parts = parts_of(session, conversation, entry, limit=system.text_limit)
    if can_settle_at is not None:
        outbox.note_attempt(entry, now)
    else:
        alive_until = alive_after_writing_down(now, system.settle_seconds)
        outbox.note_try(entry, now, alive_until=alive_until)
    assert stream.lease_token is not None
    return _Call(
        entry_id=entry.id,
        stream_id=stream.id,
        token=stream.lease_token,
        conversation_id=conversation.id,
        force_id=stream.force_id,
        system=system,
        reference=reference,
        part=parts[len(entry.receipts)],
        parts=len(parts),
        is_look_up=can_settle_at is not None,
        has_moved=old_reference is not None,
        written_down_at=began,
    )


def _next_step(
    session: Session,
    turn: Turn,
    stream: Stream,
    system: CaseSystem,
    now: datetime,
    began: float,
) -> _Call | _Unready | None:
    """The next call. That an entry cannot be made ready must not undo the receipt before it."""
    try:
        return _next_call(session, turn, stream, system, now, began)
    except DBAPIError:
        raise
    except Exception:
        log.exception("entry cannot be made ready", stream_id=str(stream.id))
        assert stream.lease_token is not None
        return _Unready(stream.id, stream.lease_token)


def _note_unready(session: Session, unready: _Unready, now: datetime) -> None:
    """Try again later, as after a call without an answer, and in the end ask a person."""
    conversation = locked(session, unready.stream_id)
    stream = outbox.held_stream(session, unready.stream_id, unready.token, now)
    entry = outbox.first_unrecorded(session, unready.stream_id)
    if stream is None or entry is None:
        return
    outbox.note_attempt(entry, now)
    began = entry.first_tried_at or now
    chance = random.random()  # noqa: S311 - jitter, no secret
    decision = decide_unready(first_tried_at=began, attempts=entry.attempts, now=now, chance=chance)
    if isinstance(decision, Again):
        entry.problem = NOT_READY
        outbox.release(stream, decision.at)
    else:
        note_attention(session, conversation, entry, decision.reason.value, now)
        outbox.release(stream, None)


def _note(
    session: Session, turn: Turn, call: _Call, told: Answer | LookedUp
) -> _Call | _Unready | None:
    """Note what came of a call; the next step, if there is one and the lease is still ours."""
    began, now = clock.boot_seconds(), clock.now()
    turn.tally.note(call.force_id, outcome_of(told))
    # Lock order everywhere: conversation, then stream, then breaker.
    conversation = locked(session, call.conversation_id)
    stream = outbox.held_stream(session, call.stream_id, call.token, now)
    if stream is None:
        # It ran out during the call. Whoever has it now settles what became of this call.
        log.warning("lease lost", entry_id=str(call.entry_id), answer=outcome_of(told))
        return None
    entry = session.get_one(OwedEntry, call.entry_id, populate_existing=True)
    system = call.system
    if isinstance(told, Recorded | Refused | NoAnswer):
        alive_until = alive_after(told, now, system.settle_seconds)
        # Who recognises repeats is sent one at once: an earlier call's fate may be unknown still.
        if alive_until is not None or not system.is_idempotent:
            entry.alive_until = alive_until
    note_not_found(entry, told, now)
    match _decision(call, told, entry, now):
        case Done(receipt):
            turn.leave = note_breaker(session, call.force_id, call.stream_id, turn.leave, told, now)
            _note_receipt(session, conversation, stream, entry, receipt, call, now)
            return _next_step(session, turn, stream, system, now, began)
        case Send():
            turn.leave = note_breaker(session, call.force_id, call.stream_id, turn.leave, told, now)
            # It may have moved with its case: who would not recognise it there is asked first.
            if not call.has_moved or system.is_idempotent:
                entry.alive_until = None
            entry.tried_under_sealed = None
            return _next_step(session, turn, stream, system, now, began)
        case Again(at):
            entry.problem = outcome_of(told)
            settled = _can_settle_at(entry, system, has_moved=call.has_moved)
            outbox.release(stream, max(at, settled or at))
            turn.leave = note_breaker(session, call.force_id, call.stream_id, turn.leave, told, now)
        case NeedsPerson(reason):
            note_attention(session, conversation, entry, reason.value, now)
            outbox.release(stream, None)
            turn.leave = note_breaker(session, call.force_id, call.stream_id, turn.leave, told, now)
        case ForceWaits(until):
            entry.first_tried_at = None
            entry.not_found_since = None
            entry.attempts = 0
            is_trial = turn.leave is Leave.TRIAL
            until = breakers.lock_out(session, call.force_id, now, until, is_trial=is_trial)
            outbox.release(stream, until)
            log.warning("case system refuses the token", force_id=str(call.force_id))
    return None


def _decision(
    call: _Call, told: Answer | LookedUp, entry: OwedEntry, now: datetime
) -> Decision | Send:
    first_tried_at = entry.not_found_since or entry.first_tried_at or now
    attempts = entry.attempts
    chance = random.random()  # noqa: S311 - jitter, no secret
    if isinstance(told, Recorded | Refused | NoAnswer):
        return decide(
            told, first_tried_at=first_tried_at, attempts=attempts, now=now, chance=chance
        )
    return decide_look_up(
        told,
        call.part,
        has_moved=call.has_moved,
        first_tried_at=first_tried_at,
        attempts=attempts,
        now=now,
        chance=chance,
    )


def _can_settle_at(entry: OwedEntry, system: CaseSystem, *, has_moved: bool) -> datetime | None:
    """From when the fate of the last call can be settled; None: that need not be done."""
    if entry.alive_until is None:
        return None
    return settled_at(entry.alive_until, is_idempotent=system.is_idempotent, has_moved=has_moved)


def _note_receipt(
    session: Session,
    conversation: Conversation,
    stream: Stream,
    entry: OwedEntry,
    receipt: Recorded,
    call: _Call,
    now: datetime,
) -> None:
    audit.record(
        session,
        Action.ENTRY_DISCLOSED,
        WORKER,
        force_id=entry.force_id,
        subject_id=entry.id,
        part=call.part.part.n,
        of=call.parts,
    )
    told = {"entryId": receipt.entry_id, "recordedAt": rfc3339(receipt.recorded_at)}
    was = entry.state
    if outbox.note_receipt(session, stream, entry, told, call.parts):
        note_entry_state(session, conversation, entry, was, now)
        if entry.priority == outbox.HIGH:
            note_urgent_recorded(session, conversation, entry, now)
