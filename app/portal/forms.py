"""Forms on the victim's pages."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import TextAreaField

from app.messages.text import without_controls
from app.web.forms import ConversationForm
from app.web.widgets import TextArea


class MessageForm(ConversationForm):
    """A victim's message. Its length is checked by ``app.messages.text``, not here."""

    text = TextAreaField(
        _("Your message"), widget=TextArea(), filters=[lambda words: without_controls(words or "")]
    )
