"""GOV.UK Notify, through its official client.

The service there needs one template for each channel, with nothing in it but what is sent: of the
e-mail the subject `((subject))` and the body `((body))`, of the text message `((body))`.
https://docs.notifications.service.gov.uk/python.html
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from uuid import UUID

from notifications_python_client.errors import APIError
from notifications_python_client.notifications import NotificationsAPIClient

from app.config import NotifyAddress
from app.notifications.senders import CannotSend, Fate, Letter

_SECONDS: Final = (3.05, 10)
"""To connect, and to answer. The case's lock is held meanwhile."""
_FATES: Final = {
    "delivered": Fate.ARRIVED,
    "permanent-failure": Fate.BOUNCED,
    "temporary-failure": Fate.LOST,
    "technical-failure": Fate.LOST,
}
# It logs what the other side says of a failure, which nobody has promised holds no address.
logging.getLogger("notifications_python_client").setLevel(logging.CRITICAL + 1)


class NotifySender:
    """Hands notices to GOV.UK Notify. The notice's id goes along as the reference, by which a try
    whose answer was lost is found again, and by which Notify tells what became of it."""

    def __init__(self, address: NotifyAddress) -> None:
        self._address = address
        self._kept = threading.local()

    def send(self, letter: Letter) -> None:
        template = self._address.templates.get(letter.channel)
        if template is None:
            raise CannotSend("notify: no way to send text messages", for_good=True)
        with _failures_told():
            if letter.is_tried_again and self._find(letter.id) is not None:
                return
            if letter.channel == "sms":
                self._client.send_sms_notification(
                    letter.to, template, {"body": letter.text.body}, str(letter.id)
                )
                return
            words = {"subject": letter.text.subject, "body": letter.text.body}
            self._client.send_email_notification(letter.to, template, words, str(letter.id))

    def fate(self, notice_id: UUID) -> Fate:
        with _failures_told():
            found = self._find(notice_id)
        status = found.get("status") if found else None
        return _FATES.get(str(status), Fate.UNDER_WAY)

    def _find(self, notice_id: UUID) -> dict[str, Any] | None:
        """What Notify has under our reference, the newest."""
        answer = self._client.get_all_notifications(reference=str(notice_id))
        found: list[dict[str, Any]] = answer["notifications"]
        return max(found, key=lambda each: str(each["created_at"]), default=None)

    @property
    def _client(self) -> NotificationsAPIClient:
        """One for each thread: it says that it is for one."""
        if not hasattr(self._kept, "client"):
            self._kept.client = NotificationsAPIClient(
                self._address.api_key, base_url=self._address.url, timeout=_SECONDS
            )
        client: NotificationsAPIClient = self._kept.client
        return client


@contextmanager
def _failures_told() -> Iterator[None]:
    """What Notify or the network says, as CannotSend; never an address in it.

    Only an address that Notify calls invalid is refused for good. A wrong key or template, a limit
    that was reached, or no answer may all be mended while we try.
    """
    try:
        yield
    except APIError as error:
        is_bounce = error.status_code == 400 and _is_about_address(error.message)
        why = f"notify: {error.status_code}"
        raise CannotSend(why, for_good=is_bounce, is_bounce=is_bounce) from error
    except (KeyError, TypeError, AttributeError) as error:
        raise CannotSend("notify: not an answer", for_good=False) from error


def _is_about_address(errors: object) -> bool:
    return isinstance(errors, list) and any(
        isinstance(each, dict)
        and each.get("error") == "ValidationError"
        and str(each.get("message", "")).startswith(("email_address", "phone_number"))
        for each in errors
    )
