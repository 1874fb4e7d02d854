"""Everything that people and workers do again and again, each as one step in this process."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from copy import deepcopy
from itertools import count
from uuid import UUID, uuid4

from flask.testing import FlaskClient

from app import clock
from app.cases.not_reached import note_bounced_notice
from app.notifications.fates import ask_after_fates
from app.notifications.senders import Fate, Letter
from app.outbox import actions as outbox
from tests.bench.asking import FormReader
from tests.bench.people import Home
from tests.bench.servers import cookie_of
from tests.bench.talk import words
from tests.bench.town import Town
from tests.portal import Portal

PEOPLE = 50
"""Whose pages are asked for: as many as a town of 1,000 messages has."""

Step = Callable[[], object]

CHANGED = 50
"""Cases in one step of the feed: a page of it."""


class _Forgetful:
    """A sender that takes everything and knows of nothing what became of it."""

    def send(self, letter: Letter) -> None: ...

    def fate(self, _notice_id: UUID) -> Fate:
        return Fate.UNDER_WAY


class Steps:
    """The steps of one town; each time another of its people takes them."""

    def __init__(self, portal: Portal, town: Town) -> None:
        self._portal = portal
        self._town = town
        self._client: FlaskClient = portal.app.test_client(use_cookies=False)
        self._chance = random.Random(7)
        self._numbers = count(1)
        portal.work_.refresh_systems()
        for case in town.cases:
            portal.system().put_case(case["reference"], deepcopy(case))
        # From all over the town, their pages open already: only the step itself is the step.
        self._people = town.homes[:: max(1, len(town.homes) // PEOPLE)]
        self._pages = {home: self._open(home) for home in self._people}

    def all(self) -> dict[str, Step]:
        return {
            "poll": self.poll,
            "page": self.page,
            "send": self.send,
            "inbox": self.inbox,
            "officer's poll": self.officers_poll,
            "officer's page": self.officers_page,
            "worker claim": self.claim,
            "feed step": self.feed,
        }

    def more(self) -> dict[str, Step]:
        """Rounds of the worker and questions of operators, for their plans."""
        work = self._portal.work_
        return {
            "delivery": work.deliver,
            "notices": work.hand_over_notices,
            "invitations": work.invite,
            "tidying": work.tidy,
            "not reached": work.look_for_people_not_reached,
            "fates": self._fates,
            "status": self._metrics,
        }

    def poll(self) -> None:
        home = self._somebody()
        cookie, form = self._pages[home]
        path = f"/cases/{home.case_id}/messages?after={form['after']}"
        self._get(path, cookie, 204)

    def page(self) -> None:
        home = self._somebody()
        self._get(f"/cases/{home.case_id}", self._cookie(home.token), 200)

    def send(self) -> None:
        # Everybody in turn: nobody writes as much as the portal's own limit.
        home = self._people[next(self._numbers) % len(self._people)]
        cookie, form = self._pages[home]
        told = {**form, "client_id": str(uuid4()), "text": words(200, 5)}
        answer = self._client.post(
            f"/cases/{home.case_id}/messages",
            data=told,
            headers={"Cookie": cookie, "HX-Request": "true"},
        )
        assert answer.status_code == 200, answer.status
        found = re.search(r'data-cursor="(\d+)"', answer.get_data(as_text=True))
        assert found is not None
        form["after"] = found[1]

    def inbox(self) -> None:
        self._get("/officer/inbox", self._desk_cookie(self._somebody()), 200)

    def officers_poll(self) -> None:
        home = self._somebody()
        path = f"/officer/cases/{home.case_id}/messages?after=1000000"
        self._get(path, self._desk_cookie(home), 204)

    def officers_page(self) -> None:
        home = self._somebody()
        self._get(f"/officer/cases/{home.case_id}", self._desk_cookie(home), 200)

    def claim(self) -> None:
        """A worker finds the stream that has waited longest, and gives it back."""
        with self._portal.database.new_session(writes=True) as session:
            now = clock.now()
            [force_id] = outbox.forces_with_something_due(session, now)
            assert outbox.claim(session, force_id, now) is not None
            session.rollback()

    def feed(self) -> None:
        """The case system tells of a page of cases."""
        system = self._portal.system()
        for case in self._town.cases[:CHANGED]:
            told = {**case, "updatedAt": clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")}
            system.put_case(case["reference"], told)
        assert self._portal.work_.read_feeds(ignore_interval=True)

    def _somebody(self) -> Home:
        return self._chance.choice(self._people)

    def _cookie(self, token: str) -> str:
        return cookie_of(self._portal.app, token)

    def _desk_cookie(self, home: Home) -> str:
        desk = self._town.desk_of(home)
        return self._cookie(desk.token)

    def _open(self, home: Home) -> tuple[str, dict[str, str]]:
        """The cookie and the form of this person's open page."""
        cookie = self._cookie(home.token)
        answer = self._client.get(f"/cases/{home.case_id}", headers={"Cookie": cookie})
        reader = FormReader()
        reader.feed(answer.get_data(as_text=True))
        return answer.headers.get("Set-Cookie", cookie).partition(";")[0], reader.values

    def _get(self, path: str, cookie: str, status: int) -> None:
        answer = self._client.get(path, headers={"Cookie": cookie})
        assert answer.status_code == status, (path, answer.status)

    def _fates(self) -> None:
        ask_after_fates(self._portal.database, _Forgetful(), note_bounced_notice)

    def _metrics(self) -> None:
        self._get("/metrics", "", 200)
