"""What lists of tasks, and those who look after others' cases, are given to show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import url_for

from app.accounts.viewers import OfficerViewer
from app.cases.access import Way, is_in_charge, may_pause, may_supervise
from app.cases.models import Case, Task, TaskKind
from app.cases.queries import facts_of, ties_of
from app.inbox.task_words import task_words
from app.inbox.views import victim_name
from app.messages.models import Conversation
from app.messages.rules import sending_is_paused


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One open task. Of the case it says the reference, and no more than the viewer may know: the
    victim's name to who is in charge, nothing to an administrator but the number by which the
    audit record names it."""

    id: UUID
    url: str
    title: str
    how: str
    made_at: datetime
    due_at: datetime
    done_at: datetime | None
    reference: str | None
    victim_name: str | None
    case_url: str | None
    case_id: UUID
    retry_url: str | None
    """For a task about a stuck message: it is tried again there, and nobody just calls it done."""
    by_hand_url: str | None

    @classmethod
    def of(cls, task: Task, way: Way | None) -> TaskRow:
        """`way` is as what the viewer may open the case; None: not at all."""
        words = task_words(task.kind)
        case = task.case
        facts = facts_of(case) if way is not None and case.wrapped_key is not None else None
        is_stuck = is_about_stuck_entry(task) and task.done_at is None
        return cls(
            id=task.id,
            url=url_for("inbox.task", task_id=task.id),
            title=words.title,
            how=words.how,
            made_at=task.made_at,
            due_at=task.due_at,
            done_at=task.done_at,
            reference=facts.reference if facts else None,
            victim_name=victim_name(facts) if facts and is_in_charge(way) else None,
            case_url=url_for("inbox.case", case_id=case.id) if facts else None,
            case_id=case.id,
            retry_url=url_for("inbox.retry_entry", task_id=task.id) if is_stuck else None,
            by_hand_url=url_for("inbox.record_by_hand", task_id=task.id)
            if is_stuck and way is not None
            else None,
        )


def is_about_stuck_entry(task: Task) -> bool:
    return task.kind == TaskKind.ENTRY_NEEDS_A_PERSON and task.subject_id is not None


@dataclass(frozen=True, slots=True)
class Supervision:
    """What a supervisor can do on a case page: addresses of pages, None where there is nothing."""

    hold_url: str | None
    pause_url: str | None
    end_pause_url: str | None
    paused_until: datetime | None

    @classmethod
    def of(
        cls, viewer: OfficerViewer, case: Case, conversation: Conversation | None, now: datetime
    ) -> Supervision | None:
        """None for those who are no supervisors."""
        ties = ties_of(case)
        if not may_supervise(viewer, ties):
            return None
        until = conversation.paused_until if conversation else None
        is_paused = sending_is_paused(until, now)
        can_pause = conversation is not None and may_pause(viewer, ties)
        return cls(
            hold_url=url_for("inbox.hold", case_id=case.id) if case.held_at else None,
            pause_url=url_for("inbox.pause", case_id=case.id) if can_pause else None,
            end_pause_url=url_for("inbox.resume", case_id=case.id) if is_paused else None,
            paused_until=until if is_paused else None,
        )


@dataclass(frozen=True, slots=True)
class ForceRow:
    """One conversation in the force's lists: no name before somebody said what they look for."""

    url: str
    reference: str
    officer_label: str
    since: datetime | None

    @classmethod
    def of(cls, conversation: Conversation, since: datetime | None) -> ForceRow:
        case = conversation.case
        facts = facts_of(case) if case.wrapped_key is not None else None
        return cls(
            url=url_for("inbox.case", case_id=case.id),
            reference=facts.reference if facts else conversation.reference or "",
            officer_label=case.officer.label if case.officer else "",
            since=since,
        )
