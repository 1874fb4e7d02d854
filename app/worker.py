"""The worker: does all that is owed. Any number of them may run against one database."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError

from app import clock
from app.audit.sealing import seal_due
from app.cases import invitations
from app.cases.housekeeping import forget_old_invitations
from app.cases.models import Case
from app.cases.not_reached import note_bounced_notice, note_unused_invitations
from app.cases.working_days import warn_if_ending
from app.crypto import KeyIsMissing
from app.database import Database
from app.forces.models import Force
from app.forces.queries import all_forces
from app.messages import kept
from app.messages.attention import note_late_urgent_entries
from app.messages.not_reached import note_unread_messages
from app.messages.notices import may_still_go
from app.messages.pausing import end_pauses_that_are_over
from app.notifications.fates import ask_after_fates
from app.notifications.housekeeping import HandOver, hand_over_due
from app.notifications.push import NoPush
from app.notifications.senders import Sender
from app.outbox.actions import LEASE as OUTBOX_LEASE
from app.outbox.actions import forces_with_something_leased
from app.outbox.hints import Bell, listen
from app.sign_in.absence import note_absent_people
from app.sign_in.housekeeping import sweep_out
from app.sync.crowd import Crowd
from app.sync.delivery import deliver_one_stream
from app.sync.feed import LEASE as FEED_LEASE
from app.sync.feed import due_feeds, is_any_leased, read_on, unfinished_feeds
from app.sync.port import CALL_SECONDS
from app.sync.rereads import reread_some
from app.sync.systems import ConnectedSystems
from app.sync.tally import Tally
from app.sync.warnings import FeedWatch

log = structlog.get_logger(__name__)

IDLE_SECONDS = 0.5
REFRESH_SECONDS = 5.0
_LONGEST_LEASE = max(OUTBOX_LEASE, FEED_LEASE).total_seconds() + IDLE_SECONDS
STOP_SECONDS = CALL_SECONDS + 2.0
"""A call under way may come to its end; whatever takes longer is taken up again by its lease."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker needs to do its rounds."""

    database: Database
    systems: ConnectedSystems
    sender: Sender
    public_url: str
    push: Sender = field(default_factory=NoPush)
    stop: threading.Event = field(default_factory=threading.Event)
    """Set: what is under way comes to its end, and nothing new begins."""
    tally: Tally = field(default_factory=Tally)
    crowd: Crowd = field(default_factory=Crowd)
    feed_watch: FeedWatch = field(default_factory=FeedWatch)

    def refresh_systems(self) -> bool:
        with self.database.reading() as session:
            self.systems.refresh(session)
        return False

    def read_feeds(self, *, ignore_interval: bool = False) -> bool:
        """Read the feeds that are due, each for a turn; True if any was read."""
        with self.database.reading() as session:
            due = due_feeds(session, clock.now(), ignore_interval=ignore_interval)
        return self._read(due, ignore_interval=ignore_interval)

    def read_feeds_on(self) -> bool:
        """Go on with the feeds whose turn was over before their end; True if any was read."""
        with self.database.reading() as session:
            unfinished = unfinished_feeds(session)
        return self._read(unfinished, ignore_interval=True)

    def _read(self, feeds: list[tuple[UUID, UUID]], *, ignore_interval: bool) -> bool:
        read = False
        for feed_id, force_id in feeds:
            system = self.systems.get(force_id)
            if system is None or self.stop.is_set():
                continue
            try:
                read |= read_on(
                    self.database,
                    feed_id,
                    system,
                    ignore_interval=ignore_interval,
                    should_stop=self.stop.is_set,
                )
            except (DBAPIError, KeyIsMissing):
                # Without a key nobody's danger is found: that is for all forces.
                raise
            except Exception:
                # It is noted and tried again; the other forces' feeds are read all the same.
                log.exception("feed cannot be read", force_id=str(force_id))
        return read

    def outwait_leases(self) -> bool:
        """Wait until nothing that is due is another worker's, at most as long as a lease lasts;
        whether there was anything to wait for."""
        began = clock.boot_seconds()
        has_waited = False
        while clock.boot_seconds() - began <= _LONGEST_LEASE and self._is_anything_leased():
            has_waited = True
            self.stop.wait(IDLE_SECONDS)
        return has_waited

    def _is_anything_leased(self) -> bool:
        now = clock.now()
        with self.database.reading() as session:
            leased = forces_with_something_leased(session, now)
            return any(each in self.systems for each in leased) or is_any_leased(session, now)

    def deliver(self) -> bool:
        return deliver_one_stream(
            self.database,
            self.systems,
            tally=self.tally,
            should_stop=self.stop.is_set,
            crowd=self.crowd if len(self.systems) > 1 else None,
        )

    def write_tally(self) -> bool:
        self.tally.write(self.database)
        return False

    def reread_cases(self) -> bool:
        return reread_some(self.database, self.systems, should_stop=self.stop.is_set)

    def watch_feeds(self) -> bool:
        with self.database.reading() as session:
            self.feed_watch.look(session, clock.now())
        return False

    def look_after_urgent_entries(self) -> bool:
        with self.database.writing() as session:
            note_late_urgent_entries(session, clock.now())
        return False

    def hand_over_notices(self, due_by: datetime | None = None) -> bool:
        hand_over = HandOver(
            self.sender, self.push, self.public_url, may_still_go, note_bounced_notice
        )
        return hand_over_due(self.database, hand_over, self.stop.is_set, due_by=due_by) > 0

    def ask_after_notices(self) -> bool:
        return ask_after_fates(self.database, self.sender, note_bounced_notice) > 0

    def look_for_people_not_reached(self) -> bool:
        now = clock.now()
        note_unused_invitations(self.database, now)
        note_unread_messages(self.database, now)
        note_absent_people(self.database, now)
        return False

    def invite(self) -> bool:
        """Make the automatic invitations that are wanted, within each force's brakes."""
        made = 0
        with self.database.reading() as session:
            forces = [force.id for force in all_forces(session)]
        for force_id in forces:
            try:
                made += self._invite_for(force_id)
            except DBAPIError:
                raise
            except Exception:
                # A key is missing, or there is a defect: the other forces invite all the same.
                log.exception("force cannot invite", force_id=str(force_id))
        return made > 0

    def _invite_for(self, force_id: UUID) -> int:
        made = 0
        with self.database.writing() as session:
            force = session.get_one(Force, force_id)
            now = clock.now()
            left = invitations.left_today(session, force, now)
            for case_id in invitations.wanted_invitations(session, force, now):
                case = session.get_one(Case, case_id)
                if left <= 0:
                    invitations.ask_a_person(session, case, now)
                    continue
                try:
                    invitations.invite(session, case, now)
                except invitations.CannotInvite as error:
                    case.invitation_state = f"not-possible-{error.why.value}"
                    continue
                left -= 1
                made += 1
        return made

    def tidy(self) -> bool:
        with self.database.writing() as session:
            kept.drop_expired(session, clock.now())
        with self.database.writing() as session:
            end_pauses_that_are_over(session, clock.now())
        sweep_out(self.database, clock.now())
        forget_old_invitations(self.database, clock.now())
        return False

    def seal_the_record(self) -> bool:
        seal_due(self.database, clock.now(), should_stop=self.stop.is_set)
        return False


def run_once(work: Work, *, outwaits_leases: bool = False) -> None:
    """Every feed to its end whatever its interval, then all that is due.

    `outwaits_leases`: also what another worker has just now. Where that one was killed, nobody can
    have it before the lease has run out.
    """
    _do_all_once(work)
    if outwaits_leases and work.outwait_leases():
        _do_all_once(work)


def _do_all_once(work: Work) -> None:
    warn_if_ending(clock.now())
    work.refresh_systems()
    work.read_feeds(ignore_interval=True)
    while work.read_feeds_on():
        pass
    work.invite()
    while work.deliver():
        pass
    # What fails slowly is due again before the last of them was tried.
    due_by = clock.now()
    while work.hand_over_notices(due_by):
        pass
    while work.ask_after_notices():
        pass
    while work.reread_cases():
        pass
    work.watch_feeds()
    work.look_after_urgent_entries()
    work.look_for_people_not_reached()
    work.tidy()
    work.seal_the_record()
    work.write_tally()


def run_until(work: Work, *, concurrency: int) -> None:
    """Work until `work.stop` is set, then let calls under way come to their end."""
    stop = work.stop
    bell = Bell()
    rounds: list[tuple[str, Callable[[], bool], float]] = [
        ("systems", work.refresh_systems, REFRESH_SECONDS),
        ("invitations", work.invite, IDLE_SECONDS * 2),
        ("notices", work.hand_over_notices, IDLE_SECONDS),
        ("fates", work.ask_after_notices, 5.0),
        ("not-reached", work.look_for_people_not_reached, 60.0),
        ("tidy", work.tidy, 60.0),
        ("sealing", work.seal_the_record, 60.0),
        ("rereads", work.reread_cases, 30.0),
        ("feed-watch", work.watch_feeds, 60.0),
        ("urgent", work.look_after_urgent_entries, 30.0),
        ("tally", work.write_tally, 5.0),
    ]
    # Several of each, so that a case system which hangs does not keep the other forces waiting.
    rounds += [(f"feeds-{n}", work.read_feeds, IDLE_SECONDS) for n in range(concurrency)]
    threads = [
        _thread(name, _keep_doing, name, step, partial(stop.wait, seconds), stop)
        for name, step, seconds in rounds
    ]
    threads += [
        _thread(name, _keep_doing, name, work.deliver, partial(bell.rest, IDLE_SECONDS), stop)
        for name in (f"delivery-{n}" for n in range(concurrency))
    ]
    threads.append(_thread("hints", listen, work.database, bell, stop))
    for thread in threads:
        thread.start()
    log.info("worker started", concurrency=concurrency)
    warn_if_ending(clock.now())
    stop.wait()
    latest = time.monotonic() + STOP_SECONDS
    for thread in threads:
        thread.join(max(0.0, latest - time.monotonic()))
    with suppress(DBAPIError):
        work.write_tally()


def _thread(name: str, target: Callable[..., object], *args: object) -> threading.Thread:
    return threading.Thread(target=target, args=args, name=name, daemon=True)


def _keep_doing(
    name: str, step: Callable[[], bool], rest: Callable[[], object], stop: threading.Event
) -> None:
    while not stop.is_set():
        try:
            did_something = step()
        except DBAPIError as error:
            # The database went away or refused: everything owed is still owed.
            log.warning("database", round=name, error=type(error.orig).__name__)
            did_something = False
            stop.wait(2.0)
        except Exception:
            log.exception("round failed", round=name)
            did_something = False
            stop.wait(2.0)
        if not did_something:
            rest()
