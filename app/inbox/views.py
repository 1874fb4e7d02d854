"""What the officer's templates are given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.cases.access import why_not_open
from app.cases.facts import CaseFacts
from app.cases.models import Case, Invitation
from app.cases.queries import facts_of, standing_of, why_case_is_not_open
from app.cases.status import CLOSED, shown_status
from app.forces.models import Feed
from app.messages.models import Conversation
from app.messages.next_reply import next_reply_shown
from app.messages.queries import MessageText
from app.messages.reading import Reader
from app.messages.rules import sending_is_paused
from app.web.labels import status_label
from app.web.times import day_in_words, in_london

DAYS_OFFERED = 28


@dataclass(frozen=True, slots=True)
class OfficerCaseView:
    """A case as its officer sees it."""

    id: UUID
    reference: str
    victim_name: str
    status_label: str
    shown_status_label: str
    offence_title: str
    force_name: str
    is_open: bool
    why_closed: str | None
    reported_at: datetime | None
    paused_until: datetime | None

    @classmethod
    def of(
        cls, session: Session, case: Case, now: datetime, conversation: Conversation | None = None
    ) -> OfficerCaseView:
        facts = facts_of(case)
        until = conversation.paused_until if conversation else None
        why = why_case_is_not_open(session, case, now)
        return cls(
            id=case.id,
            reference=facts.reference if facts else "",
            victim_name=victim_name(facts),
            status_label=status_label(case.status),
            shown_status_label=status_label(shown_status(case.status, case.released_status)),
            offence_title=(facts.offence_title if facts else None) or "",
            force_name=case.force.name,
            is_open=why is None,
            why_closed=_why_closed(why),
            reported_at=facts.reported_at if facts else None,
            paused_until=until if sending_is_paused(until, now) else None,
        )


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One conversation in the inbox."""

    case_id: UUID
    url: str
    victim_name: str
    reference: str
    waiting_since: datetime | None
    last_message_at: datetime | None
    is_closed: bool
    attention: int
    unread: int

    @classmethod
    def of(cls, conversation: Conversation) -> InboxRow:
        case = conversation.case
        facts = facts_of(case)
        return cls(
            case_id=case.id,
            url=url_for("inbox.case", case_id=case.id),
            victim_name=victim_name(facts),
            reference=facts.reference if facts else "",
            waiting_since=conversation.waiting_since,
            last_message_at=conversation.last_activity_at if conversation.last_sequence else None,
            is_closed=case.status == CLOSED,
            attention=conversation.needs_a_person,
            unread=conversation.last_sequence - conversation.officer_read_to,
        )


@dataclass(frozen=True, slots=True)
class InviteRow:
    """One case whose victim has not joined."""

    case_id: UUID
    url: str
    victim_name: str
    reference: str
    offence_title: str
    state: str
    invited_at: datetime | None

    @classmethod
    def of(
        cls, case: Case, invitation: Invitation | None, feed: Feed | None, now: datetime
    ) -> InviteRow:
        facts = facts_of(case)
        is_open = why_not_open(standing_of(case, feed, case.force), now) is None
        return cls(
            case_id=case.id,
            url=url_for("inbox.case", case_id=case.id),
            victim_name=victim_name(facts),
            reference=facts.reference if facts else "",
            offence_title=(facts.offence_title if facts else None) or "",
            state=invitation_state(case, invitation, is_open=is_open, now=now),
            invited_at=invitation.made_at if invitation else None,
        )


def reading(conversation: Conversation) -> Reader:
    """The officer as the reader of this conversation."""
    name = victim_name(facts_of(conversation.case))

    def author(message: MessageText) -> str:
        return name if message.author_kind == "victim" else message.author_label

    return Reader("officer", conversation.officer_read_to, author)


def victim_name(facts: CaseFacts | None) -> str:
    if facts is None:
        return ""
    names = (facts.victim.given_name, facts.victim.family_name)
    return " ".join(name for name in names if name)


def invitation_state(case: Case, newest: Invitation | None, *, is_open: bool, now: datetime) -> str:
    """How inviting stands, as the templates name it."""
    if case.invitation_state == "joined":
        return "joined"
    if not is_open:
        return "not-open"
    if case.invitation_state == "invited" and newest is not None:
        return "invited" if newest.expires_at > now else "expired"
    if case.invitation_state in {"wanted", "address-wrong", "left"}:
        return case.invitation_state
    return "not-invited"


def _why_closed(why: str | None) -> str | None:
    """Words for an officer; the codes of danger stay in the case system."""
    if why is None:
        return None
    words: dict[str, str] = {
        "feed-too-old": _(
            "We have not heard from the case system for too long, so this case is closed online"
            " until we do."
        ),
        "held": _(
            "This case is on hold to keep the victim safe. They see a neutral page and no reason."
        ),
    }
    return words.get(why) or str(
        _("This case cannot be used online now. Look at the case system to see why.")
    )


def reply_days(conversation: Conversation, now: datetime) -> list[tuple[str, str, bool]]:
    """By which day the officer can say that they write again: value, words and whether it stands;
    first that they do not say."""
    today = in_london(now).date()
    stands = next_reply_shown(conversation.next_reply_on, today)
    days = {today + timedelta(days=number) for number in range(1, DAYS_OFFERED + 1)}
    days |= set() if stands is None else {stands}
    none = ("", str(_("No day: say how soon officers usually reply")), stands is None)
    return [none, *((day.isoformat(), day_in_words(day), day == stands) for day in sorted(days))]
