"""`make bench`: all of it, a table on the screen and `var/bench.json`. Nothing here fails a build;
goals stand beside the figures."""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app import clock
from tests.bench import growth, hour, reading_time, requests
from tests.bench.deliveries import STREAMS, compare_deliveries
from tests.bench.people import Home
from tests.bench.ratios import Compared
from tests.bench.servers import Place, place_at
from tests.bench.sizes import Bytes, weigh
from tests.bench.tables import (
    crew_table,
    growth_table,
    hour_table,
    line,
    ratio_table,
    size_table,
)
from tests.bench.workers import compare_workers
from tests.databases import KINDS, ROOT, Databases, begin_run, end_run, migrate_by_command
from tests.postgresql import Cluster, running_cluster
from tests.servers import running_chromium

READINGS = 3
PROFILES = ("niche", "connect")


def main() -> None:
    told = _arguments()
    begun = time.monotonic()
    results: dict[str, Any] = {"at": clock.now().isoformat(), "quick": told.quick}
    rounds, seconds = (2, 1.0) if told.quick else (requests.ROUNDS, requests.SECONDS)
    folder = Path(tempfile.mkdtemp(prefix="portal-bench-"))
    try:
        if told.bytes:
            results |= _weigh_only(folder)
        else:
            # Durable, as in production: what is measured is what it costs.
            with running_cluster() as cluster:
                results |= _measure(folder, cluster, rounds, seconds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if told.growth:
        results["growth"] = _grow(told.growth)
    results["seconds"] = round(time.monotonic() - begun)
    written = ROOT / "var" / "bench.json"
    written.parent.mkdir(exist_ok=True)
    written.write_text(json.dumps(results, indent=1), "utf-8")
    line(f"\n{results['seconds']} s; written to var/bench.json")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few and short rounds")
    parser.add_argument("--bytes", action="store_true", help="only bytes, times and the idle hour")
    parser.add_argument(
        "--growth", type=int, metavar="MESSAGES", help="also the growth table, up to so many"
    )
    found: argparse.Namespace = parser.parse_args()
    return found


class Weighing:
    """What one page moves over the line, and how long it takes to be read."""

    def __init__(self) -> None:
        self.sizes: list[Bytes] = []
        self.readable: list[float] = []
        self.https: dict[str, Any] = {}

    def weigh(self, place: Place, web: int, home: Home) -> None:
        self.sizes = weigh(place, web, home)
        with running_chromium() as browser:
            self.readable = [
                reading_time.seconds_to_readable(browser, place, web, home) for _ in range(READINGS)
            ]
        self.https = hour.measure_https(place, home, READINGS)

    def tell(self) -> dict[str, Any]:
        """On the screen; and for the file."""
        size_table(self.sizes, self.readable)
        hour_table(self.https["hour"], self.https["far"])
        return {
            "bytes": [each.as_json() for each in self.sizes],
            "seconds_to_readable": statistics.median(self.readable),
            "seconds_to_readable_from_afar": statistics.median(self.https["far"]),
            "idle_hour": self.https["hour"].as_json(),
        }


def _measure(folder: Path, cluster: Cluster, rounds: int, seconds: float) -> dict[str, Any]:
    compared: list[Compared] = []
    weighing = Weighing()
    with place_at(_new(cluster, "sqlite", folder), folder / "ceiling") as place:
        most = requests.ceiling(place)
    for kind in KINDS:
        also = weighing.weigh if kind == KINDS[-1] else None
        compared += _compare(folder, cluster, kind, rounds, seconds, also)
    line("postgresql: four workers beside one")
    with place_at(_new(cluster, "postgresql", folder), folder / "workers") as place:
        crews = compare_workers(place)
    ratio_table(compared, most)
    crew_table(crews)
    return {
        "ceiling": most,
        "ratios": [each.as_json() for each in compared],
        "workers": [each.as_json() for each in crews],
        **weighing.tell(),
    }


def _weigh_only(folder: Path) -> dict[str, Any]:
    """Bytes are the same whatever the database."""
    url = f"sqlite:///{folder / 'bench.db'}"
    migrate_by_command(url)
    weighing = Weighing()
    with place_at(url, folder / "web") as place, requests.standing(place, 0) as here:
        weighing.weigh(place, here.web, here.town.homes[-1])
    return weighing.tell()


def _compare(
    folder: Path,
    cluster: Cluster,
    kind: str,
    rounds: int,
    seconds: float,
    also: Callable[[Place, int, Home], None] | None,
) -> Iterator[Compared]:
    line(f"{kind}: requests")
    with (
        place_at(_new(cluster, kind, folder), folder / f"{kind}-web") as place,
        requests.standing(place, rounds) as here,
    ):
        if also is not None:
            also(place, here.web, here.town.homes[-1])
        yield from requests.compare_requests(here, kind, rounds, seconds)
    for profile in PROFILES:
        line(f"{kind}: deliveries, {profile}")
        with place_at(_new(cluster, kind, folder), folder / f"{kind}-{profile}") as place:
            yield compare_deliveries(place, kind, profile, rounds, STREAMS)


def _new(cluster: Cluster, kind: str, folder: Path) -> str:
    """A database that nobody used yet, migrated."""
    name = f"bench_{len(list(folder.iterdir()))}"
    if kind == "sqlite":
        url = f"sqlite:///{folder / name}.db"
    else:
        cluster.create(name)
        url = cluster.url(name)
    migrate_by_command(url)
    return url


def _grow(messages: int) -> list[dict[str, Any]]:
    line(f"\nMaking towns of {growth.SMALL:,} and {messages:,} messages")
    with _run():
        grown = growth.compare_growth(Databases(), messages)
    growth_table(grown, messages)
    return [each.as_json() for each in grown]


@contextmanager
def _run() -> Iterator[None]:
    begin_run()
    try:
        yield
    finally:
        end_run()


if __name__ == "__main__":
    main()
