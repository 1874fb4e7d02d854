"""Forms on the officers' pages."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import TextAreaField

from app.messages.text import without_controls
from app.web.forms import ConversationForm, Form
from app.web.widgets import TextArea


class ReplyForm(ConversationForm):
    """An officer's reply. Its length is checked by ``app.messages.text``, not here."""

    text = TextAreaField(
        _("Your reply"), widget=TextArea(), filters=[lambda words: without_controls(words or "")]
    )


class InviteForm(Form):
    """Only a button: send the victim of this case an invitation."""


class ReleaseStatusForm(Form):
    """Only a button: let the victim see the status that the case system gave."""
