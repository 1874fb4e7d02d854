"""Holds in the midst of everything else, many times over: notices being handed over, codes asked
for, pages looked at, words being sent, each a moment before, during or after the hold's commit.

All of it is the portal's own: routes, worker steps, feed. Ours are the case system in memory, and a
sender that asks the database, at the moment it is handed a letter, whether the hold stands there.
Delays, who takes part, and pauses just before commits are drawn from a seed; threads do the rest.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from app.config import Settings
from app.database import Database
from app.notifications.senders import Letter
from app.worker import Work
from tests.chaos.holds_scene import HANDED_OVER, NOT_ON_RECORD, SHOWN, Scene, Tally
from tests.databases import migrate_by_command
from tests.portal import Portal, open_portal
from tests.postgresql import running_cluster

DAWDLES = 0.02


@dataclass(frozen=True, slots=True)
class Result:
    """`happened` counts what people and the portal did; `wrong` what has to be 0."""

    profile: str
    database: str
    seed: int
    times: int
    happened: dict[str, int]
    wrong: dict[str, int]
    examples: list[str]
    seconds: float

    @property
    def rows(self) -> list[tuple[str, object]]:
        return [
            ("holds", self.times),
            *sorted(self.happened.items()),
            ("handed to a sender after the commit", self.wrong.get(HANDED_OVER, 0)),
            ("shown after the commit", self.wrong.get(SHOWN, 0)),
            ("words that are not on the record", self.wrong.get(NOT_ON_RECORD, 0)),
            ("seconds", round(self.seconds, 1)),
            ("wrong", {**self.wrong} or "nothing"),
            *(("", each) for each in self.examples[:10]),
        ]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


class Postbox:
    """A sender that asks, before it takes a letter, whether its person is on hold already."""

    def __init__(self, tally: Tally, chance: random.Random) -> None:
        self.scene: Scene | None = None
        self._tally, self._chance = tally, chance

    def send(self, letter: Letter) -> None:
        scene = self.scene
        assert scene is not None
        if letter.to != scene.address:
            self._tally.note("letters to officers")
            return
        if scene.is_held():
            self._tally.blame(HANDED_OVER, letter.template)
        # A mail server takes its time, and the hold must wait for it.
        time.sleep(self._chance.uniform(0, DAWDLES))
        if scene.is_held():
            self._tally.blame(HANDED_OVER, f"{letter.template}, while the sender took it")
        self._tally.note(f"letters handed over, {letter.template}")


class World:
    """One portal in which all of it happens."""

    def __init__(self, url: str, profile: str, seed: int) -> None:
        self.chance = random.Random(seed)
        self.tally = Tally()
        self.portal: Portal = open_portal(url, POLLS_PER_MINUTE="10000000")
        self.postbox = Postbox(self.tally, random.Random(f"postbox {seed}"))
        self.portal.work_ = replace(self.portal.work_, sender=self.postbox)
        self.portal.add_force(case_system={"profile": profile})

    @property
    def database(self) -> Database:
        return self.portal.database

    @property
    def work(self) -> Work:
        return self.portal.work_

    @property
    def settings(self) -> Settings:
        found = self.portal.app.extensions["settings"]
        assert isinstance(found, Settings)
        return found

    def act(self) -> None:
        """One hold among everything else."""
        scene = Scene(self, random.Random(self.chance.random()))
        self.postbox.scene = scene
        with _dawdling_before_commits(scene.chance):
            scene.play()
        while self.work.deliver():
            pass
        while self.work.hand_over_notices():
            pass
        scene.check()


@contextmanager
def _dawdling_before_commits(chance: random.Random) -> Iterator[None]:
    """Transactions stay open a little longer than they must, some not at all."""

    def dawdle(_session: Session) -> None:
        if chance.random() < 0.5:
            time.sleep(chance.uniform(0, DAWDLES))

    event.listen(Session, "before_commit", dawdle)
    try:
        yield
    finally:
        event.remove(Session, "before_commit", dawdle)


def run(url: str, profile: str, seed: int, times: int) -> Result:
    """So many holds in the migrated, empty database at this address."""
    began = time.monotonic()
    world = World(url, profile, seed)
    try:
        for _ in range(times):
            world.act()
    finally:
        world.database.engine.dispose()
    return Result(
        profile=profile,
        database=url.partition(":")[0].partition("+")[0],
        seed=seed,
        times=times,
        happened=dict(world.tally.happened),
        wrong=dict(world.tally.wrong),
        examples=world.tally.examples,
        seconds=time.monotonic() - began,
    )


def run_on_new_database(profile: str, database: str, seed: int, times: int, folder: Path) -> Result:
    """The same on a durable database that is there for nothing else."""
    if database == "sqlite":
        url = f"sqlite:///{folder / 'portal.db'}"
        migrate_by_command(url)
        return run(url, profile, seed, times)
    with running_cluster(durable=True) as cluster:
        cluster.create("portal")
        migrate_by_command(cluster.url("portal"))
        return run(cluster.url("portal"), profile, seed, times)
