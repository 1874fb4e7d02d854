"""The case systems that this worker can call: settings from the database, tokens from its own
environment, connections kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from threading import Lock
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from app import clock
from app.forces.queries import all_forces
from app.forces.settings import CaseSystemSettings
from app.sync.adapters import connect_to
from app.sync.port import CALL_SECONDS, CaseSystem

log = structlog.get_logger(__name__)

LEFT_SECONDS = 2 * CALL_SECONDS
"""How long after a case system was left its connections are closed."""

Connect = Callable[[CaseSystemSettings, str], CaseSystem]
"""Settings and token in, a case system out. Raises ValueError where it cannot be."""


def connect(settings: CaseSystemSettings, token: str) -> CaseSystem:
    """The case system that a force's settings name. Raises ValueError."""
    return connect_to(
        settings.profile, settings.url, token, settle_seconds=float(settings.settle_seconds)
    )


class ConnectedSystems(Mapping[UUID, CaseSystem]):
    """A case system by its force's id; `refresh` follows changes of the forces' settings.

    A force may leave it at any moment: ask with `get`.
    """

    def __init__(self, environ: Mapping[str, str], connect: Connect = connect) -> None:
        self._environ = environ
        self._connect_to = connect
        self._known: dict[UUID, tuple[CaseSystemSettings, CaseSystem]] = {}
        self._told: set[str] = set()
        self._left: list[tuple[float, CaseSystem]] = []
        self._lock = Lock()

    def refresh(self, session: Session) -> None:
        """Connect what is new or changed. A force without a usable token is left out, and
        said so once; all others go on. Where the settings changed the old system is left at
        once."""
        self._close_left()
        for force in all_forces(session):
            settings = force.settings.case_system
            with self._lock:
                known = self._known.get(force.id)
                if known is not None and known[0] == settings:
                    continue
                if known is not None:
                    del self._known[force.id]
                    self._left.append((clock.boot_seconds(), known[1]))
                system = self._connect(force.slug, settings)
                if system is not None:
                    self._known[force.id] = (settings, system)

    def _close_left(self) -> None:
        """Close what was left, once the calls that were under way must have come to their end."""
        with self._lock:
            over = [each for each in self._left if clock.boot_seconds() - each[0] > LEFT_SECONDS]
            self._left = [each for each in self._left if each not in over]
        for _since, system in over:
            system.close()

    def _connect(self, slug: str, settings: CaseSystemSettings) -> CaseSystem | None:
        token = self._environ.get(settings.token_env, "").strip()
        if not token:
            self._tell_once(f"force {slug} waits: {settings.token_env} is not set")
            return None
        try:
            return self._connect_to(settings, token)
        except ValueError as error:
            self._tell_once(f"force {slug} waits: {error}")
            return None

    def _tell_once(self, line: str) -> None:
        if line not in self._told:
            self._told.add(line)
            log.error(line)

    def __getitem__(self, force_id: UUID) -> CaseSystem:
        return self._known[force_id][1]

    def __iter__(self) -> Iterator[UUID]:
        return iter(list(self._known))

    def __len__(self) -> int:
        return len(self._known)

    def close(self) -> None:
        """Give all connections back."""
        for _known, system in [*self._known.values(), *self._left]:
            system.close()
