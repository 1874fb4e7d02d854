"""What every adapter promises about the case system behind it, whatever its make."""

from __future__ import annotations

import time
import uuid
from datetime import UTC

import pytest

from app.sync.parts import entries_for
from app.sync.port import (
    CaseSystem,
    CaseSystemFailed,
    EntryKind,
    NoAnswer,
    Priority,
    Recorded,
    Refused,
    Silence,
)
from tests.contracts.case_systems import CaseSystemUnderTest
from tests.factories.entries import A_VICTIM, AN_OFFICER, an_entry

CASE = "26/12345/26"


@pytest.fixture(autouse=True)
def noise(request: pytest.FixtureRequest) -> None:
    """Another case with an entry of its own, which no test may meet."""
    names = {"case_system", "idempotent_system", "log_system"}
    (name,) = names & set(request.fixturenames)
    under_test: CaseSystemUnderTest = request.getfixturevalue(name)
    under_test.put_case("26/99999/26", status="reported")
    under_test.system.record("26/99999/26", an_entry("Somebody else's words"))


def everything_in_the_feed(
    system: CaseSystem, cursor: str | None = None, limit: int = 3
) -> tuple[list[object], str]:
    """The references told from a cursor to the end, and the cursor to go on from."""
    references: list[object] = []
    while True:
        page = system.changes(cursor, limit)
        assert len(page.cases) <= limit
        references += [case["reference"] for case in page.cases]
        cursor = page.next
        if not page.more:
            return references, cursor


def test_entry_is_recorded_and_can_be_read_back(case_system: CaseSystemUnderTest) -> None:
    case_system.put_case(CASE)
    entry = an_entry("Diolch! 🚲\n<b>not bold</b>", author=AN_OFFICER)

    receipt = case_system.system.record(CASE, entry)

    assert isinstance(receipt, Recorded)
    assert receipt.recorded_at.tzinfo is UTC
    held = case_system.system.entry(CASE, entry.external_id)
    assert held is not None
    assert (held.entry_id, held.entry) == (receipt.entry_id, entry)
    assert case_system.held(CASE) == (entry,)


@pytest.mark.parametrize("kind", [EntryKind.MARKING, EntryKind.WITHDRAWAL])
def test_entry_about_another_one_keeps_all_that_it_says(
    case_system: CaseSystemUnderTest, kind: EntryKind
) -> None:
    case_system.put_case(CASE)
    message = an_entry("I have to tell you something else.")
    marking = an_entry(
        "Message 1 was marked by the force.",
        kind=kind,
        about=message.external_id,
        author=AN_OFFICER,
        sequence=None,
        priority=Priority.HIGH,
        disclosure=True,
    )

    receipts = [case_system.system.record(CASE, entry) for entry in (message, marking)]

    assert all(isinstance(receipt, Recorded) for receipt in receipts)
    assert case_system.held(CASE) == (message, marking)
    held = case_system.system.entry(CASE, marking.external_id)
    assert held is not None
    assert held.entry == marking


def test_same_entry_twice_stands_once_under_the_first_receipt(
    idempotent_system: CaseSystemUnderTest,
) -> None:
    idempotent_system.put_case(CASE)
    entry = an_entry()

    first = idempotent_system.system.record(CASE, entry)
    second = idempotent_system.system.record(CASE, entry)

    assert idempotent_system.system.is_idempotent
    assert isinstance(first, Recorded)
    assert second == first
    assert idempotent_system.held(CASE) == (entry,)


def test_same_id_with_other_content_is_refused(idempotent_system: CaseSystemUnderTest) -> None:
    idempotent_system.put_case(CASE)
    entry = an_entry("The first words")
    idempotent_system.system.record(CASE, entry)

    answer = idempotent_system.system.record(CASE, an_entry("Other", external_id=entry.external_id))

    assert answer == Refused(409)
    assert idempotent_system.held(CASE) == (entry,)


def test_log_takes_the_same_entry_twice_and_says_so(log_system: CaseSystemUnderTest) -> None:
    log_system.put_case(CASE)
    entry = an_entry()

    first = log_system.system.record(CASE, entry)
    second = log_system.system.record(CASE, entry)

    assert not log_system.system.is_idempotent
    assert isinstance(first, Recorded)
    assert isinstance(second, Recorded)
    assert first.entry_id != second.entry_id
    assert log_system.held(CASE) == (entry, entry)
    page = log_system.system.entries(CASE, None, 10)
    assert [held.entry for held in page.entries] == [entry, entry]
    found = log_system.system.entry(CASE, entry.external_id)
    assert found is not None
    assert found.entry_id == first.entry_id


def test_entry_of_an_unknown_case_is_no_promise_that_it_is_not_there(
    log_system: CaseSystemUnderTest,
) -> None:
    with pytest.raises(CaseSystemFailed) as failed:
        log_system.system.entry("no-such-case", "an-id")
    assert failed.value.status == 404


def test_late_effect_comes_after_the_answer_was_lost(case_system: CaseSystemUnderTest) -> None:
    case_system.put_case(CASE)
    entry = an_entry()
    case_system.fail("late")

    assert case_system.system.record(CASE, entry) == NoAnswer(Silence.CUT)
    assert case_system.system.entry(CASE, entry.external_id) is None

    deadline = time.monotonic() + 10
    while not case_system.held(CASE) and time.monotonic() < deadline:
        time.sleep(0.05)
    found = case_system.system.entry(CASE, entry.external_id)
    assert found is not None
    assert found.entry == entry


def test_same_id_on_another_case_is_another_entry(case_system: CaseSystemUnderTest) -> None:
    case_system.put_case(CASE)
    case_system.put_case("other")
    entry = an_entry()

    assert isinstance(case_system.system.record(CASE, entry), Recorded)
    assert isinstance(case_system.system.record("other", entry), Recorded)
    assert case_system.held("other") == (entry,)


def test_entry_for_an_unknown_case_is_not_found(case_system: CaseSystemUnderTest) -> None:
    assert case_system.system.record("no-such-case", an_entry()) == Refused(404)


def test_text_may_fill_the_limit_and_not_pass_it(case_system: CaseSystemUnderTest) -> None:
    case_system.put_case(CASE)
    limit = case_system.system.text_limit

    assert isinstance(case_system.system.record(CASE, an_entry("🚲" * limit)), Recorded)
    assert case_system.system.record(CASE, an_entry("x" * (limit + 1))) == Refused(413)


def test_parts_of_a_long_text_join_to_it(case_system: CaseSystemUnderTest) -> None:
    case_system.put_case(CASE)
    text = "A line about that evening.\n" * (case_system.system.text_limit // 25)
    message_id = str(uuid.uuid4())
    parts = entries_for(
        external_id=message_id,
        kind=EntryKind.VICTIM_MESSAGE,
        author=A_VICTIM,
        sent_at=an_entry().sent_at,
        text=text,
        sequence=7,
        limit=case_system.system.text_limit,
    )

    for part in parts:
        assert isinstance(case_system.system.record(CASE, part), Recorded)

    held = case_system.held(CASE)
    assert [entry.external_id for entry in held] == [message_id, f"{message_id}-2"]
    assert "".join(entry.text for entry in held) == text


def test_entries_are_paged_in_the_order_in_which_they_came(
    case_system: CaseSystemUnderTest,
) -> None:
    case_system.put_case(CASE)
    sent = [an_entry(f"Number {n}", sequence=n) for n in range(1, 6)]
    for entry in sent:
        case_system.system.record(CASE, entry)

    first = case_system.system.entries(CASE, None, 3)
    rest = case_system.system.entries(CASE, first.next, 3)

    assert [held.entry for held in (*first.entries, *rest.entries)] == sent
    assert (first.more, rest.more, first.unreadable) == (True, False, 0)


def test_entries_of_an_unknown_case_are_a_failure(case_system: CaseSystemUnderTest) -> None:
    with pytest.raises(CaseSystemFailed) as failed:
        case_system.system.entries("no-such-case", None, 10)
    assert failed.value.status == 404


def test_what_is_not_there_is_none(case_system: CaseSystemUnderTest) -> None:
    case_system.put_case(CASE)
    assert case_system.system.case("no-such-case") is None
    assert case_system.system.entry(CASE, "no-such-entry") is None


@pytest.mark.parametrize(
    "reference",
    [
        "14/123456/25",
        "/leading",
        "trailing/",
        "a//b",
        "a/entries/b",
        "two words",
        "Caerdydd – ŵ?#&%2F+",
        "..",
        ".",
        "../../changes",
    ],
)
def test_any_reference_leads_to_its_case(case_system: CaseSystemUnderTest, reference: str) -> None:
    case_system.put_case(reference, status="charged")
    entry = an_entry()

    assert isinstance(case_system.system.record(reference, entry), Recorded)

    case = case_system.system.case(reference)
    assert case is not None
    assert (case["reference"], case["status"]) == (reference, "charged")
    assert case_system.held(reference) == (entry,)


def test_feed_is_read_to_its_end_in_order(case_system: CaseSystemUnderTest) -> None:
    for n in range(7):
        case_system.put_case(f"case {n}")

    references, _ = everything_in_the_feed(case_system.system)

    assert references == ["26/99999/26", *(f"case {n}" for n in range(7))]


def test_feed_goes_on_from_a_cursor(case_system: CaseSystemUnderTest) -> None:
    case_system.put_case("before")
    _, cursor = everything_in_the_feed(case_system.system)
    assert everything_in_the_feed(case_system.system, cursor) == ([], cursor)

    case_system.put_case("after")

    references, _ = everything_in_the_feed(case_system.system, cursor)
    assert references == ["after"]


def test_changed_case_moves_to_the_end_of_the_feed_as_it_is_now(
    case_system: CaseSystemUnderTest,
) -> None:
    case_system.put_case(CASE, status="reported")
    case_system.put_case("other")
    first = case_system.system.changes(None, 2)
    case_system.put_case(CASE, status="charged")

    rest = case_system.system.changes(first.next, 10)

    told = [(case["reference"], case.get("status")) for case in rest.cases]
    assert told == [("other", None), (CASE, "charged")]


def test_wrong_token_is_told_as_such(case_system: CaseSystemUnderTest) -> None:
    case_system.put_case(CASE)
    case_system.spoil_token()

    assert case_system.system.record(CASE, an_entry()) == Refused(401)
    with pytest.raises(CaseSystemFailed) as failed:
        case_system.system.changes(None, 10)
    assert failed.value.status == 401


@pytest.mark.parametrize("status", [302, 401, 403, 404, 409, 422, 429, 500, 503])
def test_refusals_come_with_their_status(case_system: CaseSystemUnderTest, status: int) -> None:
    case_system.put_case(CASE)
    case_system.fail(str(status))

    assert case_system.system.record(CASE, an_entry()) == Refused(status)
    assert case_system.held(CASE) == ()


def test_wish_to_wait_is_passed_on(case_system: CaseSystemUnderTest) -> None:
    case_system.put_case(CASE)
    case_system.fail("503", retry_after=120)

    assert case_system.system.record(CASE, an_entry()) == Refused(503, retry_after=120.0)


@pytest.mark.parametrize(
    "fault, why, takes_effect",
    [
        ("cut-before", Silence.CUT, False),
        ("cut-after", Silence.CUT, True),
        ("hang", Silence.TIMED_OUT, False),
        ("nonsense", Silence.NONSENSE, False),
    ],
)
def test_entry_without_an_answer_can_safely_be_sent_again(
    idempotent_system: CaseSystemUnderTest, fault: str, why: Silence, takes_effect: bool
) -> None:
    idempotent_system.put_case(CASE)
    entry = an_entry()
    idempotent_system.fail(fault)

    assert idempotent_system.system.record(CASE, entry) == NoAnswer(why)
    assert idempotent_system.held(CASE) == ((entry,) if takes_effect else ())

    assert isinstance(idempotent_system.system.record(CASE, entry), Recorded)
    assert idempotent_system.held(CASE) == (entry,)


@pytest.mark.parametrize(
    "fault, why, takes_effect",
    [
        ("cut-before", Silence.CUT, False),
        ("cut-after", Silence.CUT, True),
        ("hang", Silence.TIMED_OUT, False),
        ("nonsense", Silence.NONSENSE, False),
    ],
)
def test_entry_without_an_answer_can_be_looked_up(
    case_system: CaseSystemUnderTest, fault: str, why: Silence, takes_effect: bool
) -> None:
    case_system.put_case(CASE)
    entry = an_entry()
    case_system.fail(fault)

    assert case_system.system.record(CASE, entry) == NoAnswer(why)

    found = case_system.system.entry(CASE, entry.external_id)
    assert (found.entry if found else None) == (entry if takes_effect else None)


@pytest.mark.parametrize("fault", ["500", "cut-before", "hang", "nonsense"])
def test_broken_read_of_the_feed_is_a_failure_and_loses_nothing(
    case_system: CaseSystemUnderTest, fault: str
) -> None:
    _, cursor = everything_in_the_feed(case_system.system)
    case_system.put_case(CASE)
    case_system.fail(fault, feed=True)

    with pytest.raises(CaseSystemFailed):
        case_system.system.changes(cursor, 10)

    assert everything_in_the_feed(case_system.system, cursor)[0] == [CASE]


def test_case_system_that_is_gone_is_no_answer(case_system: CaseSystemUnderTest) -> None:
    case_system.put_case(CASE)
    case_system.disappear()

    assert case_system.system.record(CASE, an_entry()) == NoAnswer(Silence.UNREACHABLE)
    with pytest.raises(CaseSystemFailed) as failed:
        case_system.system.case(CASE)
    assert failed.value.status is None
