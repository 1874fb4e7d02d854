"""Forms on officers' own pages: in English only, so the Welsh catalogue leaves them out."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import PasswordField, RadioField, SelectChoice, StringField  # type: ignore[attr-defined]
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from app.sign_in.forms import NewAddressForm
from app.web.forms import Form
from app.web.widgets import CodeInput, PasswordInput, Radios, TextInput


def _strip(value: str | None) -> str:
    return (value or "").strip()


class VictimAddressForm(NewAddressForm):
    """An address that the victim gave outside this service. The reason goes on the record."""

    reason = RadioField(
        _("How did you check that it is the victim who asks?"),
        choices=[
            SelectChoice(
                "called-known-number", _("I called them on a number from the case record")
            ),
            SelectChoice("met-in-person", _("I met them in person")),
            SelectChoice("agreed-safe-route", _("By the safe way that we had agreed")),
        ],
        validators=[InputRequired(_("Say how you checked who asks"))],
        widget=Radios(),
    )


class OfficerPasswordForm(Form):
    """An officer's way in, first step."""

    email = StringField(
        _("Email address"),
        filters=[_strip],
        validators=[DataRequired(_("Enter your email address"))],
        widget=TextInput(),
    )
    password = PasswordField(
        _("Password"),
        validators=[DataRequired(_("Enter your password"))],
        widget=PasswordInput(),
    )


class OfficerCodeForm(Form):
    """An officer's way in, second step."""

    code = StringField(
        _("Authenticator code"),
        filters=[_strip],
        validators=[DataRequired(_("Enter the code from your authenticator app"))],
        widget=CodeInput(),
    )


class OwnPasswordForm(Form):
    """The officer's own password once more, before something that must be theirs to do."""

    password = PasswordField(
        _("Your password"),
        validators=[DataRequired(_("Enter your password"))],
        widget=PasswordInput(),
    )


class NewPasswordForm(Form):
    """A new password in place of the old one."""

    old = PasswordField(
        _("Old password"),
        validators=[DataRequired(_("Enter your old password"))],
        widget=PasswordInput(),
    )
    new = PasswordField(
        _("New password"),
        validators=[DataRequired(_("Enter a new password"))],
        widget=PasswordInput(),
    )
    again = PasswordField(_("New password again"), widget=PasswordInput())

    def validate_again(self, field: PasswordField) -> None:
        """Typed twice, because nobody sees what is typed."""
        if self.new.data and field.data != self.new.data:
            raise ValidationError(gettext("Enter the same new password again"))


class NewAuthenticatorForm(Form):
    """The first code of a new authenticator."""

    code = StringField(
        _("Code from the new authenticator"),
        filters=[_strip],
        validators=[DataRequired(_("Enter the code that the new authenticator shows"))],
        widget=CodeInput(),
    )


class PasskeyForm(Form):
    """What a new passkey is called, and the password, before it is made."""

    name = StringField(
        _("Name of the passkey"),
        filters=[_strip],
        validators=[
            DataRequired(_("Enter a name for the passkey")),
            Length(max=60, message=_("Use at most 60 characters")),
        ],
        widget=TextInput(),
    )
    password = PasswordField(
        _("Your password"),
        validators=[DataRequired(_("Enter your password"))],
        widget=PasswordInput(),
    )
