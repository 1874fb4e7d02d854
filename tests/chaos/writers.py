"""People who write, and send again under the same id until they are told that it is kept."""

from __future__ import annotations

import html
import random
import re
import time
from threading import Event, Thread
from urllib.parse import urlsplit
from uuid import uuid4

import httpx

from app import clock
from tests.chaos.ledger import Ledger
from tests.chaos.people import Seat
from tests.chaos.plan import Sending

ANSWERS_WITHIN = 10.0
"""Seconds."""

_LOOK_EVERY = 4
_MOST_PATIENT = 6
_PATIENT_WITH_FAILURES = 3
_FIELD = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="csrf_token"')


class Writer:
    """One browser. It sends one message at a time, in the order of its sendings."""

    def __init__(self, url: str, seat: Seat, sendings: list[Sending], ledger: Ledger) -> None:
        self._seat = seat
        self._sendings = sendings
        self._ledger = ledger
        self._chance = random.Random(f"{seat.reference} {seat.author}")
        self._thread: Thread | None = None
        self._client = httpx.Client(
            base_url=url,
            timeout=ANSWERS_WITHIN,
            headers={"Sec-Fetch-Site": "same-origin"},
            trust_env=False,
        )
        # As if the portal had set it, so that its next one takes this one's place.
        self._client.cookies.set("session", seat.cookie, domain=urlsplit(url).hostname or "")

    def open_page(self) -> None:
        """Look at the conversation, as everybody does before they write."""
        page = self._client.get(self._seat.path)
        assert page.status_code == 200, f"{self._seat.path}: {page.status_code}"
        found = _FIELD.search(page.text)
        assert found is not None, "no form on the page"
        self._csrf_token = html.unescape(found[1] or found[2])

    def start(self, began: float, stop: Event) -> None:
        """Write from now on; `began` is when the run did (monotonic)."""
        self._thread = Thread(target=self._write, args=(began, stop), daemon=True)
        self._thread.start()

    def wait(self, until: float) -> bool:
        """Whether everything is sent; not later than `until` (monotonic)."""
        if self._thread is None:
            return True
        self._thread.join(max(0.0, until - time.monotonic()))
        return not self._thread.is_alive()

    def close(self) -> None:
        self._client.close()

    def _write(self, began: float, stop: Event) -> None:
        for count, sending in enumerate(self._sendings):
            stop.wait(max(0.0, began + sending.at - time.monotonic()))
            if stop.is_set():
                return
            self._ledger.begin(sending, self._seat.reference)
            self._send_until_kept(sending, stop)
            if count % _LOOK_EVERY == 0:
                self._look()

    def _send_until_kept(self, sending: Sending, stop: Event) -> None:
        client_id, tries, unanswered, failed = str(uuid4()), 0, 0, 0
        while not stop.is_set():
            tries += 1
            tried_at = clock.now()
            patience = ANSWERS_WITHIN
            if tries == 1 and sending.hangs_up_after is not None:
                patience = sending.hangs_up_after
            why = self._why_not_kept(sending, client_id, patience)
            if why is None:
                self._ledger.acknowledge(sending.number, tries, tried_at)
                return
            self._ledger.refused(sending.number, why)
            # A server that is too slow is not asked more and more, but less and less; and hundreds
            # who ask for one that is not there, or fails, would leave it no time to recover.
            unanswered += why == httpx.ReadTimeout.__name__
            failed += why == httpx.ConnectError.__name__ or why.startswith("5")
            waits = max(min(unanswered, _MOST_PATIENT), min(failed, _PATIENT_WITH_FAILURES))
            stop.wait(self._chance.uniform(0.1, 0.8) * 2**waits)

    def _why_not_kept(self, sending: Sending, client_id: str, patience: float) -> str | None:
        """None: the portal says that it keeps this message. Hangs up after `patience` seconds
        without an answer, whatever becomes of the request."""
        form = {
            "csrf_token": self._csrf_token,
            "client_id": client_id,
            "after": "0",
            # As browsers send line ends.
            "text": sending.text.replace("\n", "\r\n"),
        }
        headers = {"HX-Request": "true"} if sending.as_fragment else {}
        try:
            answer = self._client.post(
                f"{self._seat.path}/messages",
                data=form,
                headers=headers,
                timeout=httpx.Timeout(ANSWERS_WITHIN, read=patience),
            )
        except httpx.HTTPError as error:
            return type(error).__name__
        if sending.as_fragment:
            return None if answer.status_code == 200 else str(answer.status_code)
        if answer.status_code != 303:
            return str(answer.status_code)
        leads_to = answer.headers["Location"]
        return None if f"{self._seat.path}?sent=1" in leads_to else f"303 to {leads_to}"

    def _look(self) -> None:
        try:
            status = self._client.get(self._seat.path).status_code
        except httpx.HTTPError:
            return
        if status < 500 and status != 200:
            self._ledger.refused(-1, f"page {status}")
