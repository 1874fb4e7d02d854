"""A victim's words were found on the screening list: somebody of the force is told, at once.

Nothing is held back or answered, and the victim sees no difference. Without an `urgent_desk` the
list is off: nobody would look round the clock.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.audit import actions as audit
from app.audit.vocabulary import WORKER, Action
from app.cases.models import Case, TaskKind
from app.cases.tasks import open_task
from app.messages.screening import screen
from app.notifications.actions import owe
from app.notifications.templates import URGENT

# Read at the start: a list that cannot be read must not be found out by somebody who sends.
_SCREEN = screen()


def is_found_urgent(case: Case, text: str) -> bool:
    """Whether the list of a force with an urgent desk finds something in a victim's words."""
    has_desk = case.force.settings.urgent_desk is not None
    return has_desk and _SCREEN.raises_attention(text)


def raise_attention(
    session: Session,
    case: Case,
    subject_id: UUID,
    now: datetime,
    kind: TaskKind = TaskKind.URGENT_WORDS,
) -> None:
    """Open an urgent task and owe the force's urgent desk a notice, in the transaction of the
    message, request or complaint (`subject_id`) that holds the words.

    The notice says which force, and nothing of the victim, the case or the words.
    """
    desk = case.force.settings.urgent_desk
    assert desk is not None
    open_task(session, case, kind, now, due_at=now, subject_id=subject_id)
    owe(
        session,
        URGENT,
        channel="email",
        to=desk,
        context={"force": case.force.name},
        force_id=case.force_id,
        case_id=case.id,
        subject_id=subject_id,
    )
    audit.record(
        session,
        Action.ATTENTION_RAISED,
        WORKER,
        force_id=case.force_id,
        case_id=case.id,
        subject_id=subject_id,
    )
