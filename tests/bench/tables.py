"""The tables on the screen."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Sequence

from tests.bench.growth import GOAL as GROWTH_GOAL
from tests.bench.growth import SMALL, Grown
from tests.bench.hour import FAR_GOAL, Hour
from tests.bench.hour import GOAL as HOUR_GOAL
from tests.bench.ratios import Compared
from tests.bench.reading_time import GOAL as READABLE_GOAL
from tests.bench.sizes import Bytes
from tests.bench.workers import Crew


def line(text: str = "") -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def ratio_table(compared: Sequence[Compared], ceiling: float) -> None:
    line("\nEach beside its floor, in turns: median (quarters) a second")
    line(f"{'':32}{'portal':>20}{'floor':>24}{'ratio':>22}{'goal':>8}")
    for each in compared:
        line(
            f"{each.name + ', ' + each.database:32}"
            f"{each.portal.in_whole():>20}{each.floor.in_whole():>24}"
            f"{each.ratio!s:>22}{each.goal:>8.2f}"
        )
    line(f"The load's own program takes in {ceiling:,.0f} answers a second at most.")


def crew_table(crews: Sequence[Crew]) -> None:
    line("\nFour workers beside one, PostgreSQL: messages a second, median (quarters)")
    line(f"{'':40}{'one':>18}{'four':>18}{'ratio':>20}")
    for each in crews:
        line(f"{each.name:40}{each.one.in_whole():>18}{each.many.in_whole():>18}{each.ratio!s:>20}")


def size_table(sizes: Sequence[Bytes], readable: Sequence[float]) -> None:
    line("\nBytes, heads included, 20 messages of 200 characters")
    line(f"{'':32}{'up':>10}{'down':>10}{'goal':>10}")
    for each in sizes:
        goal = "" if each.goal is None else f"{each.goal:,}"
        line(f"{each.name:32}{each.up:>10,}{each.down:>10,}{goal:>10}")
    median = statistics.median(readable)
    line(
        f"Readable in Chromium at 250 kbit/s down, 50 up, 800 ms, cold: {median:.1f} s"
        f" ({min(readable):.1f}–{max(readable):.1f}); goal {READABLE_GOAL} s"
    )


def hour_table(hour: Hour, far: Sequence[float]) -> None:
    line("\nOver HTTP/2 with TLS")
    line(
        f"An idle hour: {hour.polls} polls, {hour.up:,} bytes up, {hour.down:,} down,"
        f" {hour.total:,} together ({hour.with_heads:,} with TCP's and IP's heads);"
        f" goal {HOUR_GOAL:,}"
    )
    line(
        f"A new connection: {hour.connecting_up:,} up, {hour.connecting_down:,} down;"
        f" the page with all that comes once: {hour.opening_up:,} up, {hour.opening_down:,} down"
    )
    line(
        "Readable with 800 ms for every round trip, DNS, TCP and TLS included,"
        f" 250 kbit/s down, 50 up:"
        f" {statistics.median(far):.1f} s ({min(far):.1f}–{max(far):.1f}); goal {FAR_GOAL} s"
    )


def growth_table(grown: Sequence[Grown], messages: int) -> None:
    line("\nMilliseconds for one step, PostgreSQL, medians")
    line(f"{'messages':20}{SMALL:>12,}{messages:>12,}{'ratio':>8}{'goal':>8}  whole tables read")
    for each in grown:
        tables = sorted({found.partition(":")[0] for found in each.whole_table_reads})
        reads = ", ".join(tables) or "none"
        line(
            f"{each.name:20}{each.small_ms:>12.2f}{each.large_ms:>12.2f}{each.ratio:>8.2f}"
            f"{GROWTH_GOAL:>8.1f}  {reads}"
        )
