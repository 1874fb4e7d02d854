"""What the victim's templates are given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from flask_babel import gettext as _

from app.cases.models import Case, StatusRelease
from app.cases.queries import facts_of
from app.cases.status import shown_status
from app.messages.models import Conversation
from app.messages.next_reply import next_reply_shown
from app.messages.queries import MessageText
from app.messages.reading import Reader
from app.messages.rules import sending_is_paused
from app.web.labels import StatusWords, status_label, status_words
from app.web.times import in_london


@dataclass(frozen=True, slots=True)
class CaseView:
    """The head of the case page."""

    id: UUID
    reference: str
    status_label: str
    status_words: StatusWords
    officer_name: str
    officer_collar: str | None
    force_name: str
    force_phone: str
    usual_reply_days: int
    """Working days."""
    next_reply_on: date | None = None
    paused_until: datetime | None = None
    """Until when messages go to the contact team; None: to the officer."""

    @classmethod
    def of(
        cls, case: Case, conversation: Conversation | None = None, now: datetime | None = None
    ) -> CaseView:
        """Without the conversation as it stands `now`, nothing is said of when answers come."""
        facts = facts_of(case)
        officer = case.officer
        name = officer.shown_name if officer else None
        status = shown_status(case.status, case.released_status)
        next_reply_on = paused_until = None
        if conversation is not None and now is not None:
            next_reply_on = next_reply_shown(conversation.next_reply_on, in_london(now).date())
            paused_until = pause_of(conversation, now)
        return cls(
            id=case.id,
            reference=facts.reference if facts else "",
            status_label=status_label(status),
            status_words=status_words(status),
            officer_name=name or _unnamed(),
            officer_collar=officer.collar if officer and name else None,
            force_name=case.force.name,
            force_phone=case.force.phone,
            usual_reply_days=case.force.settings.usual_reply_working_days,
            next_reply_on=next_reply_on,
            paused_until=paused_until,
        )


@dataclass(frozen=True, slots=True)
class ToldRow:
    """A status that the victim was let see, and when."""

    status_label: str
    at: datetime

    @classmethod
    def of(cls, release: StatusRelease) -> ToldRow:
        return cls(status_label=status_label(release.status), at=release.released_at)


@dataclass(frozen=True, slots=True)
class CaseCard:
    """One case in the list of a victim who has several."""

    id: UUID
    reference: str
    status_label: str
    officer_label: str
    has_news: bool

    @classmethod
    def of(cls, case: Case, conversation: Conversation | None) -> CaseCard:
        view = CaseView.of(case)
        unread = conversation is not None and (
            conversation.victim_read_to < conversation.last_sequence
        )
        return cls(
            id=case.id,
            reference=view.reference,
            status_label=view.status_label,
            officer_label=view.officer_name,
            has_news=unread,
        )


def pause_of(conversation: Conversation, now: datetime) -> datetime | None:
    """Until when this victim's messages go to the contact team; None: they do not."""
    until = conversation.paused_until
    return until if sending_is_paused(until, now) else None


def reading(conversation: Conversation) -> Reader:
    """The victim as the reader of this conversation."""
    return Reader("victim", conversation.victim_read_to, _author)


def _author(message: MessageText) -> str:
    return _("You") if message.author_kind == "victim" else message.author_shown or _unnamed()


def _unnamed() -> str:
    """An officer whom the victim is not told of by name: protected, or not known."""
    return str(_("Officer in your case"))
