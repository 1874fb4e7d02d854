"""Forms on the officers' pages."""

from __future__ import annotations

from datetime import date

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import (  # type: ignore[attr-defined]
    RadioField,
    SelectChoice,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, ValidationError

from app.messages.rules import MarkKind, Marks
from app.messages.text import without_controls
from app.web.forms import ConversationForm, Form
from app.web.widgets import Checkboxes, Radios, TextArea, TextInput

LONGEST_NOTE = 200
"""Code points of a reason, or of what came of a task: what a refused form keeps of a field."""
DAYS = {"1": _("1 day"), "2": _("2 days"), "3": _("3 days"), "5": _("5 days"), "7": _("7 days")}
"""How long a pause may last; `messages.rules` knows no longer one."""


def _tidy(words: str | None) -> str:
    return without_controls(words or "").strip()


def _one_of_the_choices(_form: Form, field: RadioField) -> None:
    if field.data not in DAYS:
        raise ValidationError(gettext("Choose for how long"))


def _note(label: str, missing: str) -> TextAreaField:
    return TextAreaField(
        label,
        widget=TextArea(),
        filters=[_tidy],
        validators=[
            DataRequired(missing),
            Length(max=LONGEST_NOTE, message=_("Write 200 characters or fewer")),
        ],
    )


class ReplyForm(ConversationForm):
    """An officer's reply. Its length is checked by ``app.messages.text``, not here."""

    text = TextAreaField(
        _("Your reply"), widget=TextArea(), filters=[lambda words: without_controls(words or "")]
    )


class InviteForm(Form):
    """Only a button: send the victim of this case an invitation."""


class ReleaseStatusForm(Form):
    """Only a button: let the victim see the status that the case system gave."""


class NextReplyForm(Form):
    """By which day the officer writes again; empty: they do not say."""

    day = StringField(filters=[_tidy])

    @property
    def chosen(self) -> date | None:
        return date.fromisoformat(self.day.data) if self.day.data else None

    def validate_day(self, field: StringField) -> None:
        try:
            date.fromisoformat(field.data or "2000-01-01")
        except ValueError:
            raise ValidationError(gettext("Choose from this list")) from None


class OpeningForm(Form):
    """What for somebody opens a case that is another officer's."""

    reason = _note(_("Your reason"), _("Write why you need to open this case"))


class LiftHoldForm(Form):
    """Why a held case may be open online again."""

    reason = _note(_("Your reason"), _("Write why it is safe to open this case online again"))


class PauseForm(Form):
    """For how long a victim's messages go to the contact team, and why."""

    days = RadioField(
        _("For how long?"),
        choices=[SelectChoice(value, label) for value, label in DAYS.items()],
        widget=Radios(),
        validate_choice=False,
        validators=[_one_of_the_choices],
    )
    reason = _note(_("Your reason"), _("Write why messages should go to the contact team"))


class EndPauseForm(Form):
    """Only a button: messages go to the officer again."""


class DoneForm(Form):
    """What came of a task."""

    outcome = _note(_("What came of it?"), _("Write what came of it"))


class RetryForm(Form):
    """Only a button: try to put a message onto the case record again."""


class ByHandForm(Form):
    """A message that somebody put onto the case record themselves."""

    receipt = StringField(
        _("Number of the entry in the case system"),
        filters=[_tidy],
        validators=[
            DataRequired(_("Enter the number that the case system gave the entry")),
            Length(max=LONGEST_NOTE, message=_("Write 200 characters or fewer")),
        ],
        widget=TextInput(),
    )
    reason = _note(_("Your reason"), _("Write why you entered it yourself"))


MARKS = {
    MarkKind.DISCLOSURE: _("Tells of another crime or of harm"),
    MarkKind.WITHDRAWAL: _("Wants to withdraw"),
    MarkKind.COMPLAINT: _("Complains about the officer or the police"),
}


def _only_known_marks(_form: Form, field: SelectMultipleField) -> None:
    if not set(field.data or ()) <= set(MARKS):
        raise ValidationError(gettext("Choose from this list"))


class MarkForm(Form):
    """What a message is marked as from now on; nothing chosen takes every mark off."""

    marks = SelectMultipleField(
        _("What does this message say?"),
        choices=[SelectChoice(kind.value, label) for kind, label in MARKS.items()],
        widget=Checkboxes(),
        validate_choice=False,
        validators=[_only_known_marks],
    )

    @property
    def chosen(self) -> Marks:
        return frozenset(map(MarkKind, self.marks.data or ()))


class FindForm(Form):
    """A case by its reference."""

    reference = StringField(
        _("Crime reference number"),
        filters=[_tidy],
        validators=[DataRequired(_("Enter the crime reference number"))],
        widget=TextInput(),
    )
