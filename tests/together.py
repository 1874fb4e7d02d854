"""Things that happen at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

T = TypeVar("T")


def run_together(*steps: Callable[[], T], times: int = 1) -> list[T]:
    """Start every step (`times` times each) at once; their results in order, or the first error."""
    all_steps = steps * times
    barrier = Barrier(len(all_steps))

    def run(step: Callable[[], T]) -> T:
        barrier.wait()
        return step()

    with ThreadPoolExecutor(len(all_steps)) as pool:
        running = [pool.submit(run, step) for step in all_steps]
    return [each.result() for each in running]
