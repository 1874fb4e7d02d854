"""Whatever happens, in whatever order, each message stands on the record once and in order.

The real delivery over a real database; the case system, its faults, crashes and time are played.
"""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

import pytest
import time_machine
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine
from sqlalchemy import select

from app import clock
from app.messages.actions import Author, send
from app.messages.models import Conversation, Message
from app.sync.delivery import deliver_one_stream
from app.sync.port import Answer, Entry
from tests.databases import Databases
from tests.portal import Portal, open_portal

FAULTS = (
    *("cut-before", "cut-after", "hang", "nonsense", "late"),
    *("401", "404", "408", "429", "500", "502", "503"),
)


class Crash(BaseException):
    """The worker's process ends here."""


class Delivery(RuleBasedStateMachine):
    """One conversation, any number of workers."""

    template: ClassVar[Path]
    """A database with a victim who has joined, to be copied."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="delivery-"))
        shutil.copy(self.template, self.folder / "portal.db")
        self.portal: Portal = open_portal(f"sqlite:///{self.folder / 'portal.db'}")
        self.portal.work_.refresh_systems()
        self.now = clock.now()
        self.sent: list[str] = []
        with self.portal.database.reading() as session:
            conversation = session.scalars(select(Conversation)).one()
            self.conversation, self.victim = conversation.id, conversation.victim_id
            self.reference = conversation.reference or ""
        self.system = self.portal.system()
        self.system.put_case(self.reference, {})

    @contextmanager
    def at_this_moment(self) -> Iterator[None]:
        with time_machine.travel(self.now, tick=False):
            yield

    def deliver(self) -> None:
        while deliver_one_stream(self.portal.database, self.portal.work_.systems):
            pass

    @rule()
    def the_victim_writes(self) -> None:
        words = f"Number {len(self.sent) + 1}"
        with self.at_this_moment(), self.portal.database.writing() as session:
            send(
                session,
                self.conversation,
                Author("victim", self.victim),
                text=words,
                client_id=str(uuid.uuid4()),
                now=self.now,
            )
        self.sent.append(words)

    @rule(fault=st.sampled_from(FAULTS))
    def the_next_call_fails(self, fault: str) -> None:
        self.system.fail(fault)

    @rule(seconds=st.sampled_from([1, 5, 20, 31, 61, 90]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(
        fault=st.sampled_from(["late", "cut-after", "cut-before", "hang"]),
        seconds=st.sampled_from([1, 6, 15, 29]),
    )
    def an_answer_is_lost_and_another_try_comes_soon(self, fault: str, seconds: int) -> None:
        self.system.heal()
        self.now += timedelta(minutes=10)
        self.a_worker_works()
        self.the_victim_writes()
        self.system.fail(fault)
        self.a_worker_works()
        self.now += timedelta(seconds=seconds)
        self.a_worker_works()

    @rule()
    def a_worker_works(self) -> None:
        with self.at_this_moment():
            self.deliver()

    @rule(takes_effect=st.booleans())
    def a_worker_dies_in_a_call(self, *, takes_effect: bool) -> None:
        def die(reference: str, entry: Entry, ends_by: float) -> Answer:
            if takes_effect:
                self.system.heal()
                record(reference, entry, ends_by)
            raise Crash

        record = self.system.record
        with self.in_place_of_record(die), self.at_this_moment(), suppress(Crash):
            self.deliver()

    @rule(seconds=st.sampled_from([10, 61, 200]))
    def a_worker_is_paused_in_a_call_while_another_works(self, seconds: int) -> None:
        def pause(reference: str, entry: Entry, ends_by: float) -> Answer:
            answer = record(reference, entry, ends_by)
            del self.system.record
            self.now += timedelta(seconds=seconds)
            with self.at_this_moment():
                self.deliver()
            return answer

        record = self.system.record
        with self.in_place_of_record(pause), self.at_this_moment():
            deliver_one_stream(self.portal.database, self.portal.work_.systems)

    @contextmanager
    def in_place_of_record(self, played: Callable[[str, Entry, float], Answer]) -> Iterator[None]:
        self.system.__dict__["record"] = played
        try:
            yield
        finally:
            self.system.__dict__.pop("record", None)

    @invariant()
    def each_stands_once_and_in_order(self) -> None:
        if hasattr(self, "system"):
            with self.at_this_moment():
                held = [entry.text for entry in self.system.held(self.reference)]
            assert held == self.sent[: len(held)]
            acknowledged = self.states().count("recorded")
            assert acknowledged <= len(held)

    def states(self) -> list[str]:
        with self.portal.database.reading() as session:
            return list(session.scalars(select(Message.state).order_by(Message.sequence)))

    def teardown(self) -> None:
        if not hasattr(self, "system"):
            return
        self.system.heal()
        for _ in range(4):
            self.now += timedelta(minutes=10)
            self.a_worker_works()
        self.each_stands_once_and_in_order()
        assert self.states() == ["recorded"] * len(self.sent)
        self.portal.database.engine.dispose()
        shutil.rmtree(self.folder)


@pytest.mark.parametrize("profile", ["niche", "connect"])
def test_each_message_stands_on_the_record_once_and_in_order(
    databases: Databases, tmp_path: Path, profile: str
) -> None:
    template = tmp_path / "template.db"
    with databases.migrated("sqlite") as url:
        portal = open_portal(url)
        portal.add_force(case_system={"profile": profile})
        portal.join()
        portal.database.engine.dispose()
        shutil.copy(url.removeprefix("sqlite:///"), template)
    machine = type(f"Over{profile.title()}", (Delivery,), {"template": template})
    run_machine(
        machine,
        settings=settings(
            max_examples=15,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
