"""Whether an address that is known answers in another time than one that is not.

`python -m tests.bench.known_and_unknown [sqlite|postgresql]`: 500 tries each, in an order drawn
by lot, of asking for a code and of typing a wrong one; then a two-sample test (Mann-Whitney U,
normal approximation with ties). Within one process, without a network to hide behind. A benchmark
and not a test: a busy machine may make any two samples differ.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import erfc, sqrt
from statistics import median

from sqlalchemy import delete

from app.notifications.models import Notice
from app.sign_in.models import SignInCode
from tests.databases import Databases, begin_run, end_run
from tests.pages import visitor
from tests.portal import Portal, open_portal

TRIES = 500
WARM_UP = 50
UNKNOWN = "nobody.knows.this@mail.example"


@dataclass(frozen=True)
class Comparison:
    """Of two samples: how likely they would differ so if they were the same."""

    z: float
    p: float


def compare(first: Sequence[float], second: Sequence[float]) -> Comparison:
    """Mann-Whitney U, two-sided."""
    values = sorted([(value, 0) for value in first] + [(value, 1) for value in second])
    ranks, ties, start = [0.0, 0.0], 0.0, 0
    while start < len(values):
        end = start
        while end < len(values) and values[end][0] == values[start][0]:
            end += 1
        for _value, sample in values[start:end]:
            ranks[sample] += (start + 1 + end) / 2
        ties += (end - start) ** 3 - (end - start)
        start = end
    n, m = len(first), len(second)
    total = n + m
    u = ranks[0] - n * (n + 1) / 2
    spread = sqrt(n * m / 12 * ((total + 1) - ties / (total * (total - 1))))
    z = (u - n * m / 2) / spread
    return Comparison(z, erfc(abs(z) / sqrt(2)))


class Asking:
    """One browser that asks for codes and types wrong ones; only the answers are timed."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        # A plain client: checking pages would be measured too.
        self._client = visitor(portal.app)
        page = self._client.see("/sign-in")
        self._token = page.form("Continue").values["csrf_token"]
        portal.app.test_client_class = None
        plain = portal.app.test_client()
        cookie = self._client.get_cookie("session")
        assert cookie is not None
        plain.set_cookie("session", cookie.value)
        self._plain = plain

    def ask(self, address: str) -> float:
        self._begin_anew()
        return self._time("/sign-in", {"address": address})

    def type_wrong(self, address: str) -> float:
        self._begin_anew()
        self._time("/sign-in", {"address": address})
        return self._time("/sign-in/code", {"code": "0000 0000"})

    def _time(self, path: str, form: dict[str, str]) -> float:
        started = time.perf_counter()
        self._plain.post(path, data={**form, "csrf_token": self._token})
        return time.perf_counter() - started

    def _begin_anew(self) -> None:
        """As if nobody had asked before: each try is the first of its address."""
        with self._portal.database.writing() as session:
            session.execute(delete(SignInCode))
            session.execute(delete(Notice))


def sample(step: Callable[[str], float], known: str) -> tuple[list[float], list[float]]:
    """Times for the known and for the unknown address."""
    order = [known, UNKNOWN] * (TRIES + WARM_UP)
    random.shuffle(order)
    times: dict[str, list[float]] = {known: [], UNKNOWN: []}
    for address in order:
        times[address].append(step(address))
    return times[known][-TRIES:], times[UNKNOWN][-TRIES:]


def main(kind: str) -> None:
    begin_run()
    try:
        with Databases().migrated(kind) as url:
            portal = open_portal(url)
            # What is loose by network address would stop a benchmark.
            portal.app.config["PER_ADDRESS"] = "1000000 per hour"
            portal.add_force()
            known = portal.join().case["victim"]["email"]
            asking = Asking(portal)
            for name, step in (("ask for a code", asking.ask), ("wrong code", asking.type_wrong)):
                first, second = sample(step, known)
                found = compare(first, second)
                print(
                    f"{kind}, {name}: {TRIES} each; median known {median(first) * 1e3:.3f} ms,"
                    f" unknown {median(second) * 1e3:.3f} ms; z = {found.z:+.2f}, p = {found.p:.3f}"
                )
            portal.database.engine.dispose()
    finally:
        end_run()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "sqlite")
