"""Somebody of the force says what a victim's message is, or corrects what was said."""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import clock
from app.accounts.signed_in import officer
from app.cases.access import Way, is_in_charge
from app.cases.models import Case
from app.cases.queries import CaseNotOpen, ReasonIsNeeded, case_for_officer, facts_of
from app.inbox import blueprint
from app.inbox.forms import MarkForm
from app.inbox.marks import labels_of
from app.inbox.views import victim_name
from app.messages.actions import note_shown
from app.messages.marking import (
    ComplaintStays,
    MarksChangedMeanwhile,
    ShownMarking,
    mark,
    markings_of,
    message_to_mark,
)
from app.messages.models import Conversation, Message
from app.messages.queries import PAGE, current_conversation, message_text
from app.messages.rules import MarkKind, Marks
from app.messages.tongue import language_of
from app.web.access import Audience, open_to
from app.web.asking_again import show_form
from app.web.transactions import database, db
from app.web.values import read_id


@dataclass(frozen=True, slots=True)
class _Found:
    """The message, and as what its case is open to this person."""

    case: Case
    way: Way
    conversation: Conversation
    message: Message

    @property
    def markings(self) -> list[ShownMarking]:
        return markings_of(
            db(), officer(), self.conversation, self.message, is_in_charge=is_in_charge(self.way)
        )


@blueprint.route("/cases/<case_id>/messages/<int:sequence>/marks", methods=["GET", "POST"])
@open_to(Audience.OFFICER)
def mark_message(case_id: str, sequence: int) -> ResponseReturnValue:
    try:
        found = _find(case_id, sequence)
    except ReasonIsNeeded:
        return redirect(url_for("inbox.give_reason", case_id=case_id), 303)
    except CaseNotOpen:
        abort(404)
    form = MarkForm()
    if form.validate_on_submit() and _was_marked(found, form):
        # `#marked` takes the reader to the confirmation, also without scripts.
        here = url_for(
            "inbox.case",
            case_id=found.case.id,
            before=_page_with(found),
            marked=sequence,
            _anchor="marked",
        )
        return redirect(here, 303)
    markings = found.markings
    stand = markings[-1].marks if markings else frozenset()
    if request.method == "GET":
        form.marks.data = sorted(stand)
        _note_shown(found)
    return show_form("inbox/marks.html", form, **_shown(found, markings, stand))


def _find(case_id: str, sequence: int) -> _Found:
    case, way = case_for_officer(db(), officer(), read_id(case_id), clock.now())
    conversation = current_conversation(db(), case.id)
    return _Found(case, way, conversation, message_to_mark(db(), conversation, sequence))


def _page_with(found: _Found) -> int | None:
    """Of the page of the conversation that shows the message; None: the newest one does."""
    last, sequence = found.conversation.last_sequence, found.message.sequence
    return None if last - sequence < PAGE else sequence + 1


def _was_marked(found: _Found, form: MarkForm) -> bool:
    """Whether the message is marked as was chosen; else the form says why not."""
    if not form.chosen and not _seen():
        form.refuse(form.marks, _("Choose what this message says"))
        return False
    try:
        mark(
            db(),
            found.case,
            found.message,
            officer(),
            form.chosen,
            seen=_seen(),
            is_in_charge=is_in_charge(found.way),
            now=clock.now(),
        )
    except MarksChangedMeanwhile:
        form.refuse(form.marks, _("The marks were changed meanwhile. Look again, then save"))
    except ComplaintStays:
        form.refuse(form.marks, _("Only a supervisor or the contact team can take a complaint off"))
    return not form.errors


def _seen() -> Marks:
    """What the message was marked as on the page that this form was on."""
    known = {kind.value for kind in MarkKind}
    seen = request.form.get("seen", "").split(",")
    return frozenset(MarkKind(each) for each in seen if each in known)


def _shown(found: _Found, markings: list[ShownMarking], stand: Marks) -> dict[str, object]:
    facts = facts_of(found.case)
    text = message_text(found.conversation, found.message)
    return {
        "reference": facts.reference if facts else "",
        "victim_name": victim_name(facts),
        "sequence": found.message.sequence,
        "sent_at": found.message.sent_at,
        "text": text,
        "language": language_of(text),
        "seen": ",".join(sorted(stand)),
        "history": [(labels_of(each.marks), each.by_name, each.at) for each in markings],
        "back_url": url_for("inbox.case", case_id=found.case.id),
    }


def _note_shown(found: _Found) -> None:
    # A transaction of its own: this request's session only reads. Nothing is marked as read.
    with database().writing() as session:
        note_shown(
            session,
            found.conversation.id,
            officer(),
            clock.now(),
            up_to=found.message.sequence,
            way=None,
        )
