"""Which way notices leave, as the settings say."""

from __future__ import annotations

from pathlib import Path

from app.config import NOTIFY_SCHEME, NotifyAddress, PushSettings
from app.notifications.govuk_notify import NotifySender
from app.notifications.push import NoPush, PushSender
from app.notifications.senders import FileSender, Sender, SmtpSender


def sender_for(notify_url: str) -> Sender:
    """The sender that `NOTIFY_URL` (checked by the settings) names."""
    if notify_url.startswith("file:"):
        return FileSender(Path(notify_url.removeprefix("file:")))
    if notify_url.startswith(NOTIFY_SCHEME):
        return NotifySender(NotifyAddress.read(notify_url))
    return SmtpSender(notify_url)


def push_sender_for(push: PushSettings | None) -> Sender:
    """The sender that wakes devices, or one that takes nothing."""
    return NoPush() if push is None else PushSender(push)
