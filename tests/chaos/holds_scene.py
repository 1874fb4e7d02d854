"""One person on the point of being put on hold, and everybody who does something just then."""

from __future__ import annotations

import html
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID, uuid4

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app import clock
from app.accounts.models import Officer, Victim
from app.cases.enrolment import join
from app.cases.invitations import invite
from app.cases.models import Case, Task, TaskKind
from app.config import Settings
from app.database import Database
from app.messages.actions import Author, open_conversation, send
from app.messages.models import Conversation
from app.notifications.models import Notice, NoticeState
from app.sign_in.sessions import begin
from app.sync.port import Priority
from app.worker import Work
from tests.chaos.people import signed_cookie
from tests.factories.facts import case_json
from tests.portal import Portal

BEFORE, ACROSS, AFTER = "before the hold", "across it", "after it"
HOLDS_WITHIN, OTHERS_WITHIN = 0.1, 0.3
"""Seconds from the start within which everybody begins. Reading the feed takes a while."""
TRIES = 20
_FIELD = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="csrf_token"')
_IS_HELD = select(Case.id).where(Case.held_at.is_not(None))

HANDED_OVER, SHOWN, NOT_ON_RECORD = "handed over", "shown", "not on the record"
NOT_URGENT, NO_TASK, NOT_HELD = "not urgent", "no task about words", "not held"
STILL_OWED, TURNED_AWAY, TWICE = "still owed", "turned away", "twice on the record"


@dataclass
class Tally:
    """What happened, by when it began and ended; what must not have is in `wrong`."""

    happened: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, what: str) -> None:
        with self._lock:
            self.happened[what] += 1

    def blame(self, what: str, example: str) -> None:
        with self._lock:
            self.wrong[what] += 1
            self.examples.append(f"{what}: {example}")


class World(Protocol):
    """Where it happens."""

    portal: Portal
    tally: Tally

    @property
    def database(self) -> Database: ...

    @property
    def work(self) -> Work: ...

    @property
    def settings(self) -> Settings: ...


class Scene:
    """One person, their cases, and those who are about to do something to them."""

    def __init__(self, world: World, chance: random.Random) -> None:
        self._world, self.chance = world, chance
        self.cases = self._told(2 if chance.random() < 0.3 else 1)
        self.reference = self.cases[0]["reference"]
        self.address: str = self.cases[0]["victim"]["email"]
        self.words: dict[str, bool] = {}
        """What was accepted, and whether the hold was there before it was sent."""
        self.case_ids: list[UUID] = []
        self._enrol()

    def _told(self, count: int) -> list[dict[str, Any]]:
        first = case_json()
        return [first, *(case_json(victim=first["victim"]) for _ in range(count - 1))]

    def _enrol(self) -> None:
        world, now = self._world, clock.now()
        for told in self.cases:
            world.portal.system().put_case(told["reference"], told)
        world.work.read_feeds(ignore_interval=True)
        self.case_ids = [world.portal.case_id(each["reference"]) for each in self.cases]
        with world.database.writing() as session:
            victim: Victim | None = None
            for case_id in self.case_ids:
                victim = self._join(session, case_id, victim, now)
            assert victim is not None
            victim.notice_channel, victim.notices_confirmed_at = "email", now
            officer = self._officer_sends_news(session, now)
            victims = begin(session, world.settings, victim=victim, officer=None, now=now)
            officers = begin(session, world.settings, victim=None, officer=officer, now=now)
            self.victim_id = victim.id
        self.url = f"/cases/{self.case_ids[0]}"
        self.visitor, self.token = self._browser(victims, "/safety")
        self.desk, self.desk_token = self._browser(officers, f"/officer{self.url}")
        self.stranger, self.stranger_token = self._browser(None, "/sign-in")

    def _join(
        self, session: Session, case_id: UUID, victim: Victim | None, now: datetime
    ) -> Victim:
        case = session.get_one(Case, case_id)
        invitation = invite(session, case, now)
        session.flush()
        victim = join(session, invitation, victim, now)
        session.flush()
        open_conversation(session, case, victim.id, now)
        return victim

    def _officer_sends_news(self, session: Session, now: datetime) -> Officer:
        """So that there is a notice which waits to be handed over."""
        case = session.get_one(Case, self.case_ids[0])
        officer = session.get_one(Officer, case.officer_id)
        conversation_id = session.scalars(
            select(Conversation.id).where(Conversation.case_id == case.id)
        ).one()
        author = Author("officer", officer.id)
        text = f"{case.id} Good news."
        send(session, conversation_id, author, text=text, client_id=str(uuid4()), now=now)
        return officer

    def _browser(self, session_token: str | None, page: str) -> tuple[FlaskClient, str]:
        app = self._world.portal.app
        browser = app.test_client()
        if session_token is not None:
            name = app.config["SESSION_COOKIE_NAME"]
            browser.set_cookie(name, signed_cookie(app, session_token))
        answer = browser.get(page)
        found = _FIELD.search(answer.get_data(as_text=True))
        assert answer.status_code == 200, f"{page}: {answer.status_code}"
        assert found is not None, f"{page}: no form"
        return browser, html.unescape(found[1] or found[2])

    def is_held(self) -> bool:
        """Whether the hold's commit can be seen from here."""
        with self._world.database.reading() as session:
            held = session.scalars(_IS_HELD.where(Case.id.in_(self.case_ids))).all()
        return len(held) > 0

    def play(self) -> None:
        """Everybody begins at a moment of their own; ends when all have."""
        actors: list[Callable[[], None]] = [self._hold]
        actors += [self._hand_over] * self.chance.randint(1, 2)
        others = (self._look, self._poll, self._write, self._write, self._ask_code, self._reply)
        actors += [actor for actor in others if self.chance.random() < 0.6]
        delays = [self.chance.uniform(0, HOLDS_WITHIN)]
        delays += [self.chance.uniform(0, OTHERS_WITHIN) for _ in actors[1:]]
        with ThreadPoolExecutor(len(actors)) as pool:
            barrier = threading.Barrier(len(actors))

            def begin_at(actor: Callable[[], None], delay: float) -> None:
                barrier.wait()
                time.sleep(delay)
                actor()

            for each in [pool.submit(begin_at, *pair) for pair in zip(actors, delays, strict=True)]:
                each.result()

    def _hold(self) -> None:
        news: list[dict[str, Any]] = [
            {"domesticAbuse": True},
            {"flags": ["stalking"]},
            {"riskAssessedAt": None},
        ]
        bad = self.chance.choice(news)
        told = {**self.chance.choice(self.cases), **bad}
        self._world.portal.system().put_case(told["reference"], told)
        self._until_done(lambda: self._world.work.read_feeds(ignore_interval=True), self.is_held)

    def _hand_over(self) -> None:
        for _ in range(4):
            self._until_done(self._world.work.hand_over_notices, lambda: True)
            time.sleep(self.chance.uniform(0, 0.06))

    def _until_done(self, step: Callable[[], Any], is_done: Callable[[], bool]) -> None:
        """As a worker does: a database that refuses is asked again."""
        for _ in range(TRIES):
            try:
                step()
            except DBAPIError as error:
                self._world.tally.note(f"worker steps tried again ({type(error.orig).__name__})")
            if is_done():
                return
            time.sleep(0.02)

    def _look(self) -> None:
        for _ in range(3):
            self._see(self.url, "page", {})
            time.sleep(self.chance.uniform(0, 0.03))

    def _poll(self) -> None:
        for _ in range(4):
            self._see(f"{self.url}/messages?after=0", "poll", {"HX-Request": "true"})
            time.sleep(self.chance.uniform(0, 0.02))

    def _see(self, url: str, what: str, headers: dict[str, str]) -> None:
        knew = self.is_held()
        answer = self._browser_again(self.visitor).get(url, headers=headers)
        shows = answer.status_code != 404 or self.reference in answer.get_data(as_text=True)
        self._note(f"{what} shown" if shows else f"{what} refused", knew)
        if shows and knew:
            self._world.tally.blame(SHOWN, f"{what} {answer.status_code}")

    def _browser_again(self, browser: FlaskClient) -> FlaskClient:
        """Another line of the same browser: a test client is for one thread."""
        app = self._world.portal.app
        name = app.config["SESSION_COOKIE_NAME"]
        again, cookie = app.test_client(), browser.get_cookie(name)
        assert cookie is not None
        again.set_cookie(name, cookie.value)
        return again

    def _write(self) -> None:
        as_fragment = self.chance.random() < 0.5
        text = f"{uuid4()} The lock was broken."
        form = {
            "csrf_token": self.token,
            "client_id": str(uuid4()),
            "after": "0",
            "text": text,
        }
        headers = {"HX-Request": "true"} if as_fragment else {"Sec-Fetch-Mode": "navigate"}
        knew, status = self._post(self.visitor, f"{self.url}/messages", form, headers)
        # Words sent into a hold are answered by the neutral page, and kept all the same.
        if status in {200, 303, 404}:
            self.words[text] = knew
        else:
            self._world.tally.blame(TURNED_AWAY, f"{status}")
        self._note("words accepted", knew)
        if knew and status == 200:
            self._world.tally.blame(SHOWN, "the answer to words")

    def _reply(self) -> None:
        text = f"{uuid4()} We will ring you."
        form = {"csrf_token": self.desk_token, "client_id": str(uuid4()), "after": "0"}
        url = f"/officer{self.url}/messages"
        htmx = {"HX-Request": "true"}
        knew, status = self._post(self.desk, url, {**form, "text": text}, htmx)
        if status == 200:
            self.words[text] = False
            if knew:
                self._world.tally.blame("reply taken after the commit", str(status))
        self._note("reply accepted" if status == 200 else "reply refused", knew)

    def _ask_code(self) -> None:
        form = {"csrf_token": self.stranger_token, "address": self.address}
        knew, _status = self._post(self.stranger, "/sign-in", form, {})
        self._note("code asked for", knew)

    def _post(
        self, browser: FlaskClient, url: str, form: dict[str, str], headers: dict[str, str]
    ) -> tuple[bool, int]:
        """Whether the hold was there before, and the answer; a server that fails is asked again."""
        status = 500
        for _ in range(TRIES):
            knew = self.is_held()
            answer = self._browser_again(browser).post(url, data=form, headers=headers)
            status = answer.status_code
            if status < 500:
                return knew, status
            self._world.tally.note("posts tried again")
        return True, status

    def _note(self, what: str, knew: bool) -> None:
        when = AFTER if knew else ACROSS if self.is_held() else BEFORE
        self._world.tally.note(f"{what}, {when}")

    def check(self) -> None:
        """After everybody is done, and the worker has done what was left."""
        tally = self._world.tally
        with self._world.database.reading() as session:
            held = session.scalars(_IS_HELD.where(Case.id.in_(self.case_ids))).all()
            tasks = session.scalars(
                select(Task.subject_id).where(
                    Task.case_id == self.case_ids[0], Task.kind == TaskKind.WORDS_IN_THE_GAP.value
                )
            ).all()
            owed = session.scalars(
                select(Notice.template).where(
                    Notice.victim_id == self.victim_id, Notice.state == NoticeState.OWED.value
                )
            ).all()
        if len(held) != len(self.case_ids):
            tally.blame(NOT_HELD, f"{len(held)} of {len(self.case_ids)}")
        for template in owed:
            tally.blame(STILL_OWED, template)
        urgent = sum(self._check_words(text, was_held) for text, was_held in self.words.items())
        if urgent != len(tasks):
            tally.blame(NO_TASK, f"{len(tasks)} tasks, {urgent} urgent entries")

    def _check_words(self, text: str, was_held: bool) -> bool:
        """Once on the record, urgent if they came after the hold; whether they are urgent."""
        tally = self._world.tally
        entries = self._world.portal.system().held(self.reference)
        found = [each for each in entries if each.text == text]
        is_urgent = bool(found) and found[0].priority is Priority.HIGH
        if not found:
            tally.blame(NOT_ON_RECORD, text)
        elif len(found) > 1:
            tally.blame(TWICE, text)
        elif was_held and not is_urgent:
            tally.blame(NOT_URGENT, text)
        tally.note("words on the record")
        if is_urgent:
            tally.note("words on the record with high priority")
        return is_urgent
