"""Forms that let people in."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from flask_babel import get_locale, gettext
from flask_babel import lazy_gettext as _
from wtforms import (  # type: ignore[attr-defined]
    BooleanField,
    PasswordField,
    RadioField,
    SelectChoice,
    StringField,
)
from wtforms.validators import DataRequired, Optional, ValidationError

from app.sign_in.months import read_date
from app.web.forms import Form
from app.web.widgets import Checkbox, CodeInput, Radios, TextInput, WordInput

NO_NEWS = "none"
CHANNELS = {"email": _("Email"), "sms": _("Text message"), NO_NEWS: _("Do not tell me")}


def _strip(value: str | None) -> str:
    return (value or "").strip()


class InvitationForm(Form):
    """The two things that only the right person knows. Wrong answers are counted by the action."""

    reference = StringField(
        _("Crime reference number"),
        filters=[_strip],
        validators=[DataRequired(_("Enter your crime reference number"))],
        widget=TextInput(),
    )
    day = StringField(_("Day"), filters=[_strip])
    month = StringField(_("Month"), filters=[_strip])
    year = StringField(_("Year"), filters=[_strip])

    @property
    def date_of_birth(self) -> date | None:
        """The date that the three fields name, or None if there is no such day."""
        locale = str(get_locale() or "en")
        return read_date(self.day.data, self.month.data, self.year.data, locale)

    def validate_day(self, _field: StringField) -> None:
        """Check the three fields together; the first one carries the error."""
        if not (self.day.data or self.month.data or self.year.data):
            raise ValidationError(gettext("Enter your date of birth"))
        if self.date_of_birth is None:
            raise ValidationError(
                gettext("Enter your date of birth, like 27 3 1987 or 27 March 1987")
            )


class NotMeForm(Form):
    """Only a button: the invitation reached somebody else."""


class SafetyForm(Form):
    """How to tell the victim of new messages. Nothing on it has to be filled in."""

    channel = RadioField(
        _("Tell me about new messages by"),
        choices=[SelectChoice(name, label) for name, label in CHANNELS.items()],
        validators=[Optional()],
        widget=Radios(),
    )
    only_me = BooleanField(_("Only I can see messages sent there"), widget=Checkbox())

    def offer(self, channels: Collection[str]) -> None:
        """Leave only these channels (``email``, ``sms``) and "Do not tell me" to choose from."""
        keep = {*channels, NO_NEWS}
        self.channel.choices = [
            SelectChoice(name, label) for name, label in CHANNELS.items() if name in keep
        ]

    @property
    def chosen(self) -> str | None:
        """``email`` or ``sms`` if the person wants to be told, else None."""
        channel = self.channel.data
        return str(channel) if channel and channel != NO_NEWS else None

    def validate_only_me(self, field: BooleanField) -> None:
        """A notice may only go where nobody else reads it."""
        if self.chosen and not field.data:
            raise ValidationError(
                gettext(
                    "Tick this box if only you can see messages sent there."
                    " If not, choose “Do not tell me”"
                )
            )


class SignInForm(Form):
    """A victim's way in, first step."""

    address = StringField(
        _("Email address or mobile number"),
        filters=[_strip],
        validators=[DataRequired(_("Enter your email address or mobile number"))],
        widget=TextInput(),
    )


class CodeForm(Form):
    """A victim's way in, second step."""

    code = StringField(
        _("Security code"),
        filters=[_strip],
        validators=[DataRequired(_("Enter the security code"))],
        widget=CodeInput(),
    )


class WordForm(Form):
    """A victim's way in on a new device, third step."""

    word = PasswordField(
        _("Extra word"),
        validators=[DataRequired(_("Enter your extra word"))],
        widget=WordInput(),
    )


class ChooseWordForm(Form):
    """Choosing an extra word."""

    word = PasswordField(
        _("Your extra word"),
        validators=[DataRequired(_("Enter a word"))],
        widget=WordInput(),
    )


class NewAddressForm(Form):
    """Another address to sign in with."""

    address = StringField(
        _("New email address or mobile number"),
        filters=[_strip],
        validators=[DataRequired(_("Enter the new email address or mobile number"))],
        widget=TextInput(),
    )


class BothCodesForm(Form):
    """What came to the old address, and what came to the new one."""

    old = StringField(
        _("Code from your current address"),
        filters=[_strip],
        validators=[DataRequired(_("Enter the code that came to your current address"))],
        widget=CodeInput(),
    )
    new = StringField(
        _("Code from your new address"),
        filters=[_strip],
        validators=[DataRequired(_("Enter the code that came to your new address"))],
        widget=CodeInput(),
    )
