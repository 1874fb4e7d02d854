"""Room for every force: one whose case system hangs must not take up all threads of a worker."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from uuid import UUID


class Crowd:
    """Counts who is busy with which force; at most `room` threads with one."""

    def __init__(self, room: int | None = None) -> None:
        """None: as many as like."""
        self._room = room
        self._lock = Lock()
        self._busy: Counter[UUID] = Counter()

    @contextmanager
    def joining(self, force_id: UUID) -> Iterator[bool]:
        """False: there is no room, and nobody was counted."""
        with self._lock:
            there_is_room = self._room is None or self._busy[force_id] < self._room
            self._busy[force_id] += there_is_room
        try:
            yield there_is_room
        finally:
            with self._lock:
                self._busy[force_id] -= there_is_room
