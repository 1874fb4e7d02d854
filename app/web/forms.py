"""What all forms share. Their fields use :mod:`app.web.widgets`."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from uuid import uuid4

from babel.support import NullTranslations, Translations
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import Field, HiddenField
from wtforms.i18n import messages_path

from app import clock
from app.web.times import time_in_words

LONGEST_TEXT = 5000  # code points; the rule itself is in app.messages.text
LONGEST_CLIENT_ID = 64


class Form(FlaskForm):
    """A form of ours: Flask-WTF's, with a way to refuse a field after its own checks."""

    class Meta(FlaskForm.Meta):
        def get_translations(self, _form: object) -> object:
            """WTForms' own texts; Flask-WTF reads their file again for every request."""
            return _texts_of_wtforms(str(get_locale()))

    def refuse(self, field: Field, message: str) -> None:
        """Add an error to a field, to be shown beside it and in the summary."""
        field.errors = [*field.errors, message]


@cache
def _texts_of_wtforms(locale: str) -> NullTranslations:
    return Translations.load(messages_path(), [locale], domain="wtforms")


def _new_client_id() -> str:
    return str(uuid4())


def _shorten(value: str | None) -> str:
    # Only what a browser's random id is made of: it goes into the database as it is.
    kept = "".join(c for c in value or "" if c.isascii() and (c.isalnum() or c in "-_."))
    return kept[:LONGEST_CLIENT_ID]


class FormSentOnce(Form):
    """``client_id`` names this attempt, so that sending twice stores once."""

    client_id = HiddenField(default=_new_client_id, filters=[_shorten])

    @property
    def attempt(self) -> str:
        """The client id; a new one where the form came without."""
        return str(self.client_id.data or _new_client_id())


class ConversationForm(FormSentOnce):
    """A message being written. A subclass adds ``text`` with its own label.

    ``after`` is the cursor of the page that it was written on.
    """

    after = HiddenField(default="0")

    @property
    def cursor(self) -> int:
        """The cursor that came with the form; 0 when it is missing or nonsense."""
        raw = str(self.after.data or "")
        return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 19 else 0

    def show_problem(self, problem: str | None) -> None:
        """Say why the text was not taken, beside the field and in the summary.

        ``problem`` is a code: ``empty``, ``too-long:LENGTH`` (in code points),
        ``too-many:SECONDS``, ``too-old`` (the page) or ``not-open``. None: nothing was wrong, the
        words only come back.
        """
        self["text"].errors = [] if problem is None else [_words_for(problem)]


def _words_for(problem: str) -> str:
    code, _colon, length = problem.partition(":")
    if code == "too-long":
        return _too_long(int(length))
    return str(
        {
            "empty": _("Write something before you send"),
            "too-many": _(
                "That was many messages in a short time. You can send this one after %(time)s",
                time=time_in_words(clock.now() + timedelta(seconds=int(length or "60"))),
            ),
            "too-old": _("This page was open too long. Your words are here, and not sent yet"),
            "not-open": _(
                "This case is not open online now. Nothing was sent; make contact another way"
            ),
        }[code]
    )


def _too_long(length: int) -> str:
    return str(
        _(
            "This has %(length)s characters. Make it %(limit)s or fewer,"
            " or send it as two messages",
            limit=f"{LONGEST_TEXT:,}",
            length=f"{length:,}",
        )
    )
