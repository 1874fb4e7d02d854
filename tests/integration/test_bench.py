"""The benchmarks run, on next to nothing, so that they are there when somebody wants them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.bench import growth, requests, steps
from tests.bench.deliveries import compare_deliveries
from tests.bench.load import Load, WrongAnswers, put_load
from tests.bench.reading_time import seconds_to_readable
from tests.bench.requests import Standing, compare_requests, standing
from tests.bench.servers import Place, place_at
from tests.bench.sizes import weigh
from tests.bench.tables import crew_table, growth_table, ratio_table, size_table
from tests.bench.workers import compare_workers
from tests.databases import Databases


@pytest.fixture
def place(migrated_url: str, tmp_path: Path) -> Iterator[Place]:
    with place_at(migrated_url, tmp_path / "portal") as place:
        yield place


@pytest.fixture
def here(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[Standing]:
    monkeypatch.setattr(requests, "SENDS", requests.LINES)
    with standing(place, rounds=1) as here:
        yield here


def test_a_little_of_every_request_is_compared_with_its_floor(
    here: Standing, database_kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    compared = compare_requests(here, database_kind, rounds=1, seconds=0.2)

    ratio_table(compared, 1.0)
    shown = capsys.readouterr().out
    assert [each.name for each in compared] == [
        "idle poll",
        "conversation page",
        "page, floor records",
        "send",
    ]
    assert all(each.portal.median > 0 and each.floor.median > 0 for each in compared)
    assert all(each.name in shown for each in compared)


def test_load_tells_when_the_portal_answers_something_else(here: Standing) -> None:
    poll = [[here.pages[0].polls()]]

    with pytest.raises(WrongAnswers):
        put_load(Load(here.web, poll, 200, seconds=0.1, warm=0.0))


def test_a_little_delivery_is_compared_with_its_floor(place: Place, database_kind: str) -> None:
    profile = "niche" if database_kind == "sqlite" else "connect"
    compared = compare_deliveries(place, database_kind, profile, rounds=1, streams=2)

    assert compared.portal.median > 0
    assert compared.floor.median > 0


def test_four_workers_are_compared_with_one(
    migrated_postgresql_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with place_at(migrated_postgresql_url, tmp_path / "portal") as place:
        [crew] = compare_workers(place, rounds=1, streams=3, answers_after=(0.01,))

    crew_table([crew])
    assert "answers after 10 ms" in capsys.readouterr().out
    assert crew.one.median > 0
    assert crew.many.median > 0


def test_a_page_keeps_to_its_bytes_and_can_be_read_on_a_bad_line(
    here: Standing, place: Place, browser: Browser, capsys: pytest.CaptureFixture[str]
) -> None:
    home = here.town.homes[-1]

    sizes = weigh(place, here.web, home)
    seconds = seconds_to_readable(browser, place, here.web, home)

    size_table(sizes, [seconds])
    assert "Readable" in capsys.readouterr().out
    # Unlike times, bytes are the same everywhere: these goals are kept.
    assert {each.name: each.down for each in sizes if each.goal and each.down > each.goal} == {}
    assert seconds > 0.8


def test_a_step_can_be_compared_in_towns_of_two_sizes(
    databases: Databases, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growth, "SMALL", 200)
    monkeypatch.setattr(steps, "CHANGED", 2)

    grown = growth.compare_growth(databases, 400, times=1)

    growth_table(grown, 400)
    assert "worker claim" in capsys.readouterr().out
    assert all(each.small_ms > 0 and each.large_ms > 0 for each in grown)
