"""Forms of a victim's settings, besides the channel that `SafetyForm` asks for."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from flask_babel import get_locale, gettext
from flask_babel import lazy_gettext as _
from wtforms import (  # type: ignore[attr-defined]
    BooleanField,
    HiddenField,
    RadioField,
    SelectChoice,
    StringField,
)
from wtforms.validators import DataRequired, InputRequired, ValidationError

from app.accounts.rules import LONGEST_PAUSE_DAYS, read_time
from app.sign_in.months import read_date
from app.web.forms import Form
from app.web.widgets import Checkbox, Radios, TextInput

ON = "on"
UNTIL_DATE = "until-date"
UNTIL_SWITCHED_ON = "until-switched-on"
LANGUAGES: Final = {"en": _("English"), "cy": _("Cymraeg")}


def _strip(value: str | None) -> str:
    return (value or "").strip()


class QuietHoursForm(Form):
    """Between which times no message leaves; both empty: none are quiet."""

    start = StringField(_("From"), filters=[_strip], widget=TextInput())
    end = StringField(_("Until"), filters=[_strip], widget=TextInput())

    @property
    def times(self) -> tuple[int, int] | tuple[None, None]:
        """Minutes after midnight, of a form that was found right."""
        start, end = read_time(self.start.data or ""), read_time(self.end.data or "")
        return (None, None) if start is None or end is None else (start, end)

    def validate_start(self, field: StringField) -> None:
        """A time, if the other one is there."""
        self._check(field, self.end)

    def validate_end(self, field: StringField) -> None:
        """A time other than the first."""
        self._check(field, self.start)
        start = read_time(self.start.data or "")
        if start is not None and start == read_time(field.data or ""):
            raise ValidationError(gettext("Enter two different times"))

    def _check(self, field: StringField, other: StringField) -> None:
        if not field.data and other.data:
            raise ValidationError(gettext("Enter both times, or leave both empty"))
        if field.data and read_time(field.data) is None:
            raise ValidationError(gettext("Enter a time like 10pm or 22:00"))


class PauseForm(Form):
    """Whether to be told at all for now."""

    pause = RadioField(
        _("Messages from us"),
        choices=[
            SelectChoice(ON, _("Send them")),
            SelectChoice(UNTIL_DATE, _("Pause them until a date")),
            SelectChoice(UNTIL_SWITCHED_ON, _("Pause them until I switch them on again")),
        ],
        validators=[InputRequired(_("Say whether we may send you messages"))],
        widget=Radios(),
    )
    day = StringField(_("Day"), filters=[_strip])
    month = StringField(_("Month"), filters=[_strip])
    year = StringField(_("Year"), filters=[_strip])
    today: date

    @property
    def until(self) -> date | None:
        """The date that the three fields name, or None if there is no such day."""
        locale = str(get_locale() or "en")
        return read_date(self.day.data, self.month.data, self.year.data, locale)

    def validate_day(self, _field: StringField) -> None:
        """Check the three fields together, if they count; the first one carries the error."""
        if self.pause.data != UNTIL_DATE:
            return
        if self.until is None:
            raise ValidationError(gettext("Enter a date, like 27 3 2027 or 27 March 2027"))
        if self.until <= self.today:
            raise ValidationError(gettext("Enter a date after today"))
        if self.until > self.today + timedelta(days=LONGEST_PAUSE_DAYS):
            raise ValidationError(gettext("Enter a date within a year"))


class LanguageForm(Form):
    """The language of pages and messages."""

    language = RadioField(
        _("Language"),
        validators=[InputRequired(_("Choose a language"))],
        widget=Radios(),
    )

    def offer(self, languages: tuple[str, ...]) -> None:
        """Leave only these to choose from."""
        self.language.choices = [
            SelectChoice(code, label) for code, label in LANGUAGES.items() if code in languages
        ]


class LeaveForm(Form):
    """So that nobody leaves by a slip of the thumb."""

    sure = BooleanField(
        _("I want to stop using this service"),
        validators=[DataRequired(_("Tick this box if you want to stop using this service"))],
        widget=Checkbox(),
    )


class PushForm(Form):
    """Be told on this device. Script fills in where its browser's push service takes calls."""

    endpoint = HiddenField()
    only_me = BooleanField(
        _("Only I can see this device"),
        validators=[
            DataRequired(_("Tick this box if only you can see this device. If not, go back"))
        ],
        widget=Checkbox(),
    )
