"""A case system that says anything at all never brings the caller down."""

from __future__ import annotations

import json
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.sync.adapters import connect_to
from app.sync.adapters.http import LARGEST_BODY, ToldNonsense, read_json, retry_after_of
from app.sync.port import (
    CaseSystem,
    CaseSystemFailed,
    ChangesPage,
    NoAnswer,
    Recorded,
    Refused,
    Silence,
)
from tests.certificates import certificate_for
from tests.factories.entries import an_entry

# JSON, and a little of what is not.
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["cases", "next", "more", "entryId", "recordedAt"]), inner
        )
    ),
    max_leaves=6,
)
RECEIPT = {"entryId": "N-1", "recordedAt": "2026-03-02T09:30:00Z"}


class Stranger:
    """Listens on a port of its own and answers each connection with the same bytes."""

    def __init__(self, encrypted: ssl.SSLContext | None = None) -> None:
        self._encrypted = encrypted
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        self.says = b""
        self.heard = b""
        self.pause = 0.0
        Thread(target=self._answer_all, daemon=True).start()

    def tell(self, body: object, status: str = "200 OK", *headers: str) -> None:
        """Answer with this from now on: bytes as they are, anything else as JSON."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        lines = (f"HTTP/1.1 {status}", f"Content-Length: {len(content)}", "Connection: close")
        self.says = "\r\n".join((*lines, *headers, "", "")).encode() + content

    def close(self) -> None:
        # Closing alone leaves a thread that waits in `accept` waiting.
        self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()

    def _answer_all(self) -> None:
        while True:
            try:
                line, _ = self._door.accept()
            except OSError:
                return
            with line, suppress(OSError):
                if self._encrypted is None:
                    self._answer(line)
                    continue
                with self._encrypted.wrap_socket(line, server_side=True) as encrypted:
                    self._answer(encrypted)

    def _answer(self, line: socket.socket) -> None:
        try:
            self.heard = line.recv(65536)
            step = len(self.says) if not self.pause else 1
            for start in range(0, len(self.says), step or 1):
                line.sendall(self.says[start : start + step])
                time.sleep(self.pause)
            line.shutdown(socket.SHUT_WR)
            while line.recv(65536):
                pass
        except OSError:
            return


@pytest.fixture(scope="module")
def listening() -> Iterator[Stranger]:
    with closing(Stranger()) as stranger:
        yield stranger


@pytest.fixture
def stranger(listening: Stranger) -> Stranger:
    listening.says, listening.pause = b"", 0.0
    return listening


@pytest.fixture
def system(stranger: Stranger) -> Iterator[CaseSystem]:
    with closing(connect_to("niche", stranger.url, "token", call_seconds=1.0)) as system:
        yield system


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"entryId": ' + b"9" * 10_000 + b"}",
        b'{"entryId": NaN}',
        {},
        [],
        None,
        {**RECEIPT, "entryId": ""},
        {**RECEIPT, "entryId": "x" * 256},
        {**RECEIPT, "entryId": 7},
        {**RECEIPT, "entryId": None},
        {**RECEIPT, "recordedAt": "yesterday"},
        {**RECEIPT, "recordedAt": "2026-03-02T09:30:00"},
        {**RECEIPT, "recordedAt": "0001-01-01T00:00:00+14:00"},
        {**RECEIPT, "recordedAt": 1772443800},
    ],
)
@pytest.mark.parametrize("status", ["200 OK", "201 Created"])
def test_success_without_a_usable_receipt_is_no_answer(
    stranger: Stranger, system: CaseSystem, body: object, status: str
) -> None:
    stranger.tell(body, status)
    assert system.record("one", an_entry()) == NoAnswer(Silence.NONSENSE)


@pytest.mark.parametrize("status", ["202 Accepted", "204 No Content", "226 IM Used"])
def test_other_success_is_no_receipt(stranger: Stranger, system: CaseSystem, status: str) -> None:
    stranger.tell(b"", status)
    assert system.record("one", an_entry()) == NoAnswer(Silence.NONSENSE)


def test_receipt_may_say_more_than_agreed(stranger: Stranger, system: CaseSystem) -> None:
    stranger.tell({**RECEIPT, "noise": [1]}, "201 Created")
    when = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    assert system.record("one", an_entry()) == Recorded("N-1", when)


@pytest.mark.parametrize(
    "says",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{",
        b"HTTP/1.1 302 Found\r\nLocation: http://[::bad\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\n" + b"X: " + b"x" * 200_000 + b"\r\n\r\n",
    ],
)
def test_broken_http_is_no_answer(stranger: Stranger, system: CaseSystem, says: bytes) -> None:
    stranger.says = says
    assert isinstance(system.record("one", an_entry()), NoAnswer)
    with pytest.raises(CaseSystemFailed) as failed:
        system.changes(None, 10)
    assert failed.value.status is None


@pytest.mark.parametrize(
    "says",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b" " * 1000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"0" * 1000,
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1000,
        b"HTTP/1.1 102 Processing\r\n\r\n" * 40,
    ],
    ids=["body", "length of a piece", "header", "processing without end"],
)
def test_answer_byte_by_byte_is_stopped_in_time(
    stranger: Stranger, system: CaseSystem, says: bytes
) -> None:
    stranger.says, stranger.pause = says, 0.02

    began = time.monotonic()
    assert system.record("one", an_entry()) == NoAnswer(Silence.TIMED_OUT)
    assert time.monotonic() - began < 3


def test_call_that_was_paused_past_its_end_is_never_sent(stranger: Stranger) -> None:
    stranger.tell(RECEIPT, "201 Created")
    stranger.heard = b""
    with closing(connect_to("connect", stranger.url, "token", call_seconds=-1.0)) as system:
        answer = system.record("one", an_entry())

    assert answer in (NoAnswer(Silence.NOT_SENT), NoAnswer(Silence.UNREACHABLE))
    assert stranger.heard == b""


def test_answer_without_end_is_not_kept_in_memory(stranger: Stranger, system: CaseSystem) -> None:
    stranger.tell(b" " * (LARGEST_BODY + 1))
    with pytest.raises(CaseSystemFailed):
        system.changes(None, 10)


@pytest.mark.parametrize(
    "page",
    [
        {},
        [],
        "text",
        {"cases": [], "more": False},
        {"cases": [], "next": None, "more": False},
        {"cases": [], "next": "", "more": False},
        {"cases": [], "next": "C1"},
        {"cases": [], "next": "C1", "more": "false"},
        {"cases": None, "next": "C1", "more": False},
        {"cases": {}, "next": "C1", "more": False},
        {"cases": ["one"], "next": "C1", "more": False},
        {"cases": [], "next": "C0", "more": True},
        {"cases": [], "next": "x" * 5000, "more": False},
    ],
)
def test_page_of_the_feed_that_is_none_is_a_failure(
    stranger: Stranger, system: CaseSystem, page: object
) -> None:
    stranger.tell(page)
    with pytest.raises(CaseSystemFailed) as failed:
        system.changes("C0", 10)
    assert failed.value.status == 200


def test_strings_that_no_database_can_store_are_made_storable(
    stranger: Stranger, system: CaseSystem
) -> None:
    stranger.tell(
        b'{"cases": [{"reference": "a\\u0000\\ud800b", "\\udfff": ["\\ud83d\\ude00"]}],'
        b' "next": "C1", "more": false}'
    )
    page = system.changes(None, 10)
    assert page.cases == ({"reference": "a\ufffd\ufffdb", "\ufffd": ["\U0001f600"]},)


def test_entries_of_others_are_counted_and_passed_over(
    stranger: Stranger, system: CaseSystem
) -> None:
    ours = {**an_entry("Ours").to_json(), "entryId": "N-1"}
    theirs: list[object] = [{"entryId": "N-2", "text": "Theirs"}, "odd", {**ours, "entryId": 3}]
    stranger.tell({"entries": [ours, *theirs], "next": "E4", "more": False})

    page = system.entries("one", None, 10)

    assert [held.entry.text for held in page.entries] == ["Ours"]
    assert page.unreadable == 3


def test_entry_other_than_the_one_asked_for_is_a_failure(
    stranger: Stranger, system: CaseSystem
) -> None:
    stranger.tell({**an_entry().to_json(), "entryId": "N-1"})
    with pytest.raises(CaseSystemFailed):
        system.entry("one", "another-id")


@settings(
    max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(value=ANYTHING)
@example(value=None)
@example(value={"cases": [{}], "next": "C1", "more": True})
def test_whatever_is_told_ends_in_an_answer_or_a_failure(
    stranger: Stranger, system: CaseSystem, value: object
) -> None:
    stranger.tell(value)
    assert isinstance(system.record("one", an_entry()), NoAnswer | Recorded)
    for read in (
        lambda: system.changes("C0", 10),
        lambda: system.case("one"),
        lambda: system.entry("one", "id"),
        lambda: system.entries("one", None, 10),
    ):
        with suppress(CaseSystemFailed):
            assert isinstance(read(), ChangesPage | dict)


def test_reference_too_long_for_any_address_is_no_answer(system: CaseSystem) -> None:
    assert system.record("x" * 100_000, an_entry()) == NoAnswer(Silence.NONSENSE)


@pytest.mark.parametrize(
    "told, seconds",
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("99999999999999999999", 3600.0),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("²", None),
        ("", None),
        ("Mon, 02 Mar 2026 09:32:00 GMT", 120.0),
        ("Mon, 02 Mar 2026 09:00:00 GMT", 0.0),
        ("Tue, 03 Mar 2026 09:30:00 GMT", 3600.0),
        ("Mon, 99 Mar 2026 09:32:00 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(told: str, seconds: float | None) -> None:
    headers = {"Retry-After": told, "Date": "Mon, 02 Mar 2026 09:30:00 GMT"}
    assert retry_after_of(headers) == seconds


def test_retry_after_a_date_goes_by_our_clock_where_theirs_is_not_told(
    stranger: Stranger, system: CaseSystem
) -> None:
    then = datetime.fromtimestamp(time.time() + 60, tz=UTC)
    stranger.tell(b"", "429 Slow down", f"Retry-After: {format_datetime(then, usegmt=True)}")

    answer = system.record("one", an_entry())

    assert isinstance(answer, Refused)
    assert answer.retry_after is not None
    assert 50 < answer.retry_after <= 60


@pytest.mark.parametrize("body", [b"\xff", b"", b"{", b"[NaN]", b"\xef\xbb\xbf{"])
def test_what_is_not_json_is_nonsense(body: bytes) -> None:
    with pytest.raises(ToldNonsense):
        read_json(body)


@pytest.mark.parametrize(
    "profile, url, token",
    [
        ("other", "http://127.0.0.1:1", "token"),
        ("niche", "127.0.0.1:1", "token"),
        ("niche", "http://[::bad", "token"),
        ("niche", "http://127.0.0.1:1", "tok\nen"),
        ("niche", "http://127.0.0.1:1", "tökén"),
    ],
)
def test_settings_that_cannot_work_are_refused_at_once(profile: str, url: str, token: str) -> None:
    with pytest.raises(ValueError, match=r"case system"):
        connect_to(profile, url, token)


def test_an_encrypted_line_is_used_and_one_that_nobody_vouches_for_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, certificate = certificate_for(tmp_path)
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(certificate, key)
    with closing(Stranger(ours)) as stranger:
        stranger.tell(RECEIPT, "201 Created")
        url = stranger.url.replace("http:", "https:")
        with closing(connect_to("niche", url, "token", call_seconds=5.0)) as system:
            assert system.record("one", an_entry()) == NoAnswer(Silence.UNREACHABLE)
        assert stranger.heard == b""
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with closing(connect_to("niche", url, "token", call_seconds=5.0)) as system:
            assert isinstance(system.record("one", an_entry()), Recorded)
