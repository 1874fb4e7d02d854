"""What is particular to the demo case system: its files, its controls and its end."""

from __future__ import annotations

import json
import resource
import signal
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from app.demo.case_system import create_case_system
from app.demo.case_system.journal import Journal
from app.sync.port import Recorded, Silence
from tests.contracts.case_systems import ROOT, TOKEN, DemoProcess, command_line
from tests.factories.entries import an_entry


def test_kill_keeps_every_answered_entry_and_the_feed(
    demo_process: DemoProcess, tmp_path: Path
) -> None:
    demo_process.put_case("one", status="reported")
    demo_process.put_case("two")
    demo_process.put_case("one", status="charged")
    entry = an_entry()
    receipt = demo_process.system.record("one", entry)
    cursor = demo_process.system.changes(None, 1).next

    demo_process.stop(signal.SIGKILL)
    entries = tmp_path / "case-system" / "entries.jsonl"
    assert [json.loads(line)["text"] for line in entries.read_text().splitlines()] == [entry.text]
    with entries.open("ab") as torn:
        torn.write(b'{"reference": "one", "exter')
    demo_process.start()

    assert demo_process.system.record("one", entry) == receipt
    later = an_entry("Later")
    assert isinstance(demo_process.system.record("one", later), Recorded)
    assert demo_process.held("one") == (entry, later)
    told = demo_process.system.changes(None, 10)
    assert [(case["reference"], case["status"]) for case in told.cases] == [
        ("two", None),
        ("one", "charged"),
    ]
    assert [case["reference"] for case in demo_process.system.changes(cursor, 10).cases] == ["one"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_stop_it_ends_at_once_even_with_a_call_under_way(
    demo_process: DemoProcess, number: signal.Signals
) -> None:
    demo_process.put_case("one")
    demo_process.fail("hang")
    demo_process.system.record("one", an_entry())

    began = time.monotonic()
    assert demo_process.stop(number) == 0
    assert time.monotonic() - began < 2


def test_calls_are_answered_side_by_side_and_none_is_lost(demo_process: DemoProcess) -> None:
    demo_process.put_case("one")
    entries = [an_entry(f"Number {n}") for n in range(40)]

    with ThreadPoolExecutor(8) as callers:
        answers = list(callers.map(lambda entry: demo_process.system.record("one", entry), entries))

    assert all(isinstance(answer, Recorded) for answer in answers)
    held = demo_process.held("one")
    assert sorted(entry.text for entry in held) == sorted(entry.text for entry in entries)


def test_slow_answer_beyond_the_time_out_takes_effect_late(demo_process: DemoProcess) -> None:
    demo_process.put_case("one")
    entry = an_entry()
    demo_process.tell("/demo/faults", {"next": 1, "fault": "slow", "hang_seconds": 1.5})

    answer = demo_process.system.record("one", entry)

    assert getattr(answer, "why", None) is Silence.TIMED_OUT
    assert demo_process.held("one") == ()
    deadline = time.monotonic() + 5
    while not demo_process.held("one") and time.monotonic() < deadline:
        time.sleep(0.05)
    assert demo_process.held("one") == (entry,)


def test_port_that_is_taken_ends_it_with_one(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = subprocess.run(
            command_line(port, tmp_path),
            cwd=ROOT,
            capture_output=True,
            timeout=30,
            check=False,
        )
    assert ended.returncode == 1
    assert b"Traceback" not in ended.stderr


def test_unknown_profile_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="unknown case system profile 'other'"):
        create_case_system(tmp_path, TOKEN, "other")


def test_everything_but_the_page_needs_the_token(demo_process: DemoProcess) -> None:
    for method, path in [
        ("PUT", "/demo/cases/one"),
        ("GET", "/demo/entries"),
        ("POST", "/demo/faults"),
        ("GET", "/changes"),
        ("GET", "/occurrences/one"),
    ]:
        answer = httpx.request(method, demo_process.url + path, json={}, trust_env=False)
        assert answer.status_code == 401, path


def test_part_of_a_case_changes_only_that(tmp_path: Path) -> None:
    desk = create_case_system(tmp_path, TOKEN, "niche").test_client()
    signed = {"Authorization": f"Bearer {TOKEN}"}
    desk.put(
        "/demo/cases/14%2F1%2F25",
        headers=signed,
        json={"reference": "ignored", "victim": {"givenName": "Ana", "safeToContact": True}},
    )

    answer = desk.put(
        "/demo/cases/14%2F1%2F25",
        headers=signed,
        json={"victim": {"safeToContact": False, "contactShared": {"email": False}}},
    )

    case = answer.get_json()
    assert case["reference"] == "14/1/25"
    assert case["updatedAt"].endswith("Z")
    assert case["victim"]["givenName"] == "Ana"
    assert case["victim"]["safeToContact"] is False
    assert case["victim"]["contactShared"] == {"email": False, "mobile": None}
    assert case["domesticAbuse"] is None
    assert "closedAt" in case


@pytest.mark.parametrize(
    "told",
    [
        {"fault": "explode"},
        {"fault": "200"},
        {"fault": "500", "next": "many"},
        {"fault": "500", "prob": 0.5},
        [],
    ],
)
def test_unknown_fault_is_refused(tmp_path: Path, told: object) -> None:
    desk = create_case_system(tmp_path, TOKEN, "niche").test_client()
    answer = desk.post("/demo/faults", headers={"Authorization": f"Bearer {TOKEN}"}, json=told)
    assert answer.status_code == 400


def test_faults_can_be_kept_to_a_path_and_switched_off(tmp_path: Path) -> None:
    desk = create_case_system(tmp_path, TOKEN, "niche").test_client()
    signed = {"Authorization": f"Bearer {TOKEN}"}
    for reference in ("one", "14%2F1"):
        desk.put(f"/demo/cases/{reference}", headers=signed, json={})
    desk.post(
        "/demo/faults", headers=signed, json={"fault": "503", "probability": 1, "path": "14/1"}
    )

    assert desk.get("/occurrences/one", headers=signed).status_code == 200
    assert desk.get("/occurrences/14%2F1", headers=signed).status_code == 503
    assert desk.get("/changes", headers=signed).status_code == 200
    desk.post("/demo/faults", headers=signed, json={})
    assert desk.get("/occurrences/14%2F1", headers=signed).status_code == 200


def test_page_shows_entries_as_text_to_this_machine_only(tmp_path: Path) -> None:
    system = create_case_system(tmp_path, TOKEN, "niche")
    desk = system.test_client()
    signed = {"Authorization": f"Bearer {TOKEN}"}
    desk.put("/demo/cases/one", headers=signed, json={"victim": None, "offence": "odd"})
    entry = an_entry("<script>alert(1)</script>")
    path = f"/occurrences/one/entries/{entry.external_id}"
    assert desk.put(path, headers=signed, json=entry.to_json()).status_code == 201
    assert desk.put(f"{path}-odd", headers=signed, json={"text": "odd"}).status_code == 201

    page = desk.get("/demo/")

    assert page.status_code == 200
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert desk.get("/demo/style.css").mimetype == "text/css"
    far = {"REMOTE_ADDR": "192.0.2.7"}
    assert desk.get("/demo/", environ_overrides=far).status_code == 401
    assert desk.get("/demo/", headers={"Host": "evil.example"}).status_code == 401


@pytest.mark.parametrize("query", ["cursor=nonsense", "cursor=E1", "cursor=C-1"])
def test_unknown_cursor_is_a_bad_request(tmp_path: Path, query: str) -> None:
    desk = create_case_system(tmp_path, TOKEN, "niche").test_client()
    answer = desk.get(f"/changes?{query}", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 400


def test_full_disk_leaves_the_journal_whole(tmp_path: Path) -> None:
    path = tmp_path / "some.jsonl"
    journal = Journal(path)
    journal.append({"n": 1})

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 5, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            journal.append({"n": 2})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    journal.append({"n": 3})

    assert Journal(path).lines == [{"n": 1}, {"n": 3}]
