"""Forms on the victim's pages."""

from __future__ import annotations

import re

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import (  # type: ignore[attr-defined]
    RadioField,
    SelectChoice,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, ValidationError

from app.messages.text import without_controls
from app.web.forms import ConversationForm, Form, FormSentOnce
from app.web.widgets import Radios, TextArea, TextInput

LONGEST_TIMES = 200
LONGEST_NUMBER = 40
LONGEST_COMPLAINT = 2000
LONGEST_FEEDBACK = 1000
"""Code points."""

OTHER_NUMBER = "other"
_NUMBERS = {
    "known": _("The number that the police have"),
    OTHER_NUMBER: _("Another number"),
}
_RATINGS = {
    "5": _("Very good"),
    "4": _("Good"),
    "3": _("Neither good nor bad"),
    "2": _("Bad"),
    "1": _("Very bad"),
}
_DIALLED = re.compile(r"\+?[0-9][0-9 ()./\-]*", re.ASCII)
_FEWEST_DIGITS = 7


def _tidy(words: str | None) -> str:
    return without_controls(words or "").strip()


def _shorter(longest: int) -> Length:
    message = _("Write %(longest)s characters or fewer", longest=f"{longest:,}")
    return Length(max=longest, message=message)


def _radios(label: str, choices: dict[str, str]) -> RadioField:
    return RadioField(
        label,
        choices=[SelectChoice(value, words) for value, words in choices.items()],
        widget=Radios(),
        validate_choice=False,
    )


class MessageForm(ConversationForm):
    """A victim's message. Its length is checked by ``app.messages.text``, not here."""

    text = TextAreaField(
        _("Your message"), widget=TextArea(), filters=[lambda words: without_controls(words or "")]
    )


class CallForm(FormSentOnce):
    """ "I would rather be phoned": which number is safe, and when."""

    which = _radios(_("Which number is safe for us to phone?"), _NUMBERS)
    number = StringField(
        _("The other number"),
        filters=[_tidy],
        validators=[_shorter(LONGEST_NUMBER)],
        widget=TextInput(),
    )
    times = StringField(
        _("When is a good time? (You do not have to say.)"),
        filters=[_tidy],
        validators=[_shorter(LONGEST_TIMES)],
        widget=TextInput(),
    )

    @property
    def chosen_number(self) -> str | None:
        """The other number; None: the one that the police have."""
        typed = str(self.number.data or "")[:LONGEST_NUMBER]
        return typed or None

    def validate_which(self, field: RadioField) -> None:
        if field.data not in _NUMBERS:
            raise ValidationError(gettext("Choose which number is safe"))
        # Which of the two would be phoned must not be a guess.
        if field.data != OTHER_NUMBER and self.number.data:
            raise ValidationError(
                gettext("Choose “Another number”, or take away the number that you typed")
            )

    def validate_number(self, field: StringField) -> None:
        if self.which.data != OTHER_NUMBER:
            return
        typed = field.data or ""
        digits = sum(each.isdigit() for each in typed)
        if not _DIALLED.fullmatch(typed) or digits < _FEWEST_DIGITS:
            raise ValidationError(gettext("Enter a phone number, like 07700 900 123"))


class DataComplaintForm(FormSentOnce):
    """A complaint about how the police handle this victim's data."""

    words = TextAreaField(
        _("What is your complaint?"),
        widget=TextArea(),
        filters=[_tidy],
        validators=[
            DataRequired(_("Write what your complaint is about")),
            _shorter(LONGEST_COMPLAINT),
        ],
    )


class FeedbackForm(Form):
    """What somebody thinks of the service: both parts may stay empty, but not both at once."""

    rating = _radios(_("How good or bad is this service?"), _RATINGS)
    words = TextAreaField(
        _("What could we do better?"),
        widget=TextArea(),
        filters=[_tidy],
        validators=[_shorter(LONGEST_FEEDBACK)],
    )

    @property
    def chosen_rating(self) -> int | None:
        return int(self.rating.data) if self.rating.data in _RATINGS else None

    def validate_rating(self, _field: RadioField) -> None:
        if self.chosen_rating is None and not self.words.data:
            raise ValidationError(gettext("Choose an answer, or write something"))
