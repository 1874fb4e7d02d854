"""Room for every force among the threads of a worker."""

from __future__ import annotations

from contextlib import ExitStack
from uuid import uuid4

from app.sync.crowd import Crowd


def test_one_force_does_not_take_up_every_thread() -> None:
    busy, other, crowd = uuid4(), uuid4(), Crowd(room=2)
    with ExitStack() as threads:
        joined = [threads.enter_context(crowd.joining(busy)) for _ in range(3)]
        assert joined == [True, True, False]
        assert threads.enter_context(crowd.joining(other))
    with crowd.joining(busy) as again:
        assert again


def test_without_a_limit_there_is_always_room() -> None:
    force, crowd = uuid4(), Crowd()
    with ExitStack() as threads:
        assert all(threads.enter_context(crowd.joining(force)) for _ in range(50))
