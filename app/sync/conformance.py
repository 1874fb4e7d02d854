"""The contract with a case system, tried against a force's own endpoint with a test case.

It writes entries onto that case. What needs the case system to fail in a certain way is not tried,
and says so.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from app import clock
from app.cases.facts import CaseIsNonsense, read_facts
from app.sync.parts import entries_for
from app.sync.port import (
    Answer,
    Author,
    Case,
    CaseSystem,
    CaseSystemFailed,
    Entry,
    EntryKind,
    Recorded,
    Refused,
)
from app.sync.risk_fields import RISK_FIELDS, value_of

FEED_PAGES = 40
FEED_PAGE = 50
ENOUGH_TO_VARY = 20
"""Cases seen below which a field that did not vary says nothing."""

_WORDS = "Conformance test.\nDiolch! \U0001f6b2 <b>not bold</b>  two blanks"


class Verdict(StrEnum):
    HOLDS = "holds"
    BROKEN = "broken"
    NOT_TRIED = "not tried"


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one rule; `evidence` says what was seen, and holds no words of entries."""

    rule: str
    verdict: Verdict
    evidence: str = ""


@dataclass(slots=True)
class Bench:
    """The case system, a second way to it with a wrong token, and what was found on the way."""

    system: CaseSystem
    with_wrong_token: CaseSystem
    reference: str
    case: Case | None = None


class _NotTried(Exception):
    pass


class _Broken(Exception):
    pass


def try_out(bench: Bench) -> Iterator[Finding]:
    """Every rule in turn. Never raises for what the case system does."""
    for rule, check in _RULES:
        try:
            evidence = check(bench)
        except _NotTried as why:
            yield Finding(rule, Verdict.NOT_TRIED, str(why))
        except _Broken as why:
            yield Finding(rule, Verdict.BROKEN, str(why))
        except CaseSystemFailed as failed:
            yield Finding(rule, Verdict.BROKEN, str(failed))
        else:
            yield Finding(rule, Verdict.HOLDS, evidence or "")


def _case_is_there(bench: Bench) -> str:
    bench.case = bench.system.case(bench.reference)
    _demand(bench.case is not None, "the test case is not there")
    assert bench.case is not None
    told = bench.case.get("reference")
    _demand(told == bench.reference, "it is told under another reference than it was asked for")
    try:
        problems = read_facts(bench.case).problems
    except CaseIsNonsense as nonsense:
        raise _Broken("its reference cannot be used") from nonsense
    _demand(not problems, f"unreadable keys: {', '.join(problems)}")
    return ""


def _slash_is_escaped(bench: Bench) -> str:
    if "/" not in bench.reference:
        raise _NotTried("the test case's reference holds no slash")
    _demand(bench.system.case(bench.reference) is not None, "the case is not found")
    return ""


def _unknown_case(bench: Bench) -> str:
    unknown = f"no-such-case-{uuid.uuid4()}"
    _demand(bench.system.case(unknown) is None, "an unknown case is told of")
    answer = bench.system.record(unknown, _an_entry())
    _demand(answer == Refused(404), f"an entry for an unknown case was answered {_seen(answer)}")
    return ""


def _wrong_token(bench: Bench) -> str:
    answer = bench.with_wrong_token.record(bench.reference, _an_entry())
    is_refused = isinstance(answer, Refused) and answer.status in {401, 403}
    _demand(is_refused, f"a wrong token was answered {_seen(answer)}")
    return ""


def _read_back(bench: Bench) -> str:
    entry = _an_entry()
    receipt = _recorded(bench, entry)
    held = bench.system.entry(bench.reference, entry.external_id)
    _demand(held is not None, "what was just recorded is not found by its id")
    assert held is not None
    _demand(held.entry_id == receipt.entry_id, "it is found under another id than the receipt's")
    changed = [key for key, value in entry.to_json().items() if held.entry.to_json()[key] != value]
    _demand(not changed, f"changed on the way: {', '.join(changed)}")
    return ""


def _absent_entry(bench: Bench) -> str:
    found = bench.system.entry(bench.reference, str(uuid.uuid4()))
    _demand(found is None, "an entry that was never sent is found")
    return ""


def _repeat(bench: Bench) -> str:
    if not bench.system.is_idempotent:
        raise _NotTried("this profile does not recognise a repeated call, and need not")
    entry = _an_entry()
    first = _recorded(bench, entry)
    _demand(_recorded(bench, entry) == first, "a repeated call got another receipt")
    return ""


def _other_content(bench: Bench) -> str:
    if not bench.system.is_idempotent:
        raise _NotTried("this profile does not recognise a repeated call, and need not")
    entry = _an_entry()
    _recorded(bench, entry)
    answer = bench.system.record(bench.reference, replace(entry, text="Other words"))
    _demand(answer == Refused(409), f"other words under the same id were answered {_seen(answer)}")
    return ""


def _longest_text(bench: Bench) -> str:
    limit = bench.system.text_limit
    _recorded(bench, _an_entry("\U0001f6b2" * limit))
    return f"{limit} code points"


def _too_long(bench: Bench) -> str:
    answer = bench.system.record(bench.reference, _an_entry("x" * (bench.system.text_limit + 1)))
    _demand(answer == Refused(413), f"a text that is too long was answered {_seen(answer)}")
    return ""


def _parts_and_order(bench: Bench) -> str:
    text = "A line.\n" * (bench.system.text_limit // 5)
    parts = entries_for(
        external_id=str(uuid.uuid4()),
        kind=EntryKind.VICTIM_MESSAGE,
        author=_AUTHOR,
        sent_at=clock.now(),
        text=text,
        sequence=1,
        limit=bench.system.text_limit,
    )
    for part in parts:
        _recorded(bench, part)
    wanted = [part.external_id for part in parts]
    held = [each for each in _all_entries(bench) if each.external_id in wanted]
    ids = [each.external_id for each in held]
    _demand(ids == wanted, "parts do not stand once each, in the order in which they were sent")
    _demand("".join(each.text for each in held) == text, "the parts do not join to the text")
    return f"{len(parts)} parts"


def _feed(bench: Bench) -> str:
    cursor: str | None = None
    cases: list[Case] = []
    is_whole = False
    for _ in range(FEED_PAGES):
        page = bench.system.changes(cursor, FEED_PAGE)
        cases += page.cases
        cursor = page.next
        if not page.more:
            is_whole = True
            break
    references = [case.get("reference") for case in cases]
    if is_whole:
        _demand(bench.reference in references, "the feed never told of the test case")
        again = bench.system.changes(cursor, FEED_PAGE)
        is_all_over_again = 1 < len(cases) <= len(again.cases)
        _demand(not is_all_over_again, "the end is told all over again")
    return f"{len(cases)} cases read" + ("" if is_whole else ", not to the end")


def constant_risk_fields(system: CaseSystem) -> tuple[int, list[str]]:
    """How many cases of the feed were looked at, and the risk fields that said the same in all."""
    cursor: str | None = None
    cases: list[Case] = []
    for _ in range(FEED_PAGES):
        page = system.changes(cursor, FEED_PAGE)
        cases += page.cases
        cursor = page.next
        if not page.more:
            break
    if len(cases) < ENOUGH_TO_VARY:
        return len(cases), []
    constant = [field for field in RISK_FIELDS if len({value_of(c, field) for c in cases}) == 1]
    return len(cases), constant


def _needs_faults(_bench: Bench) -> str:
    raise _NotTried("the case system would have to fail on purpose")


_RULES: tuple[tuple[str, Callable[[Bench], str]], ...] = (
    ("the test case is told, every key readable", _case_is_there),
    ("a slash in a reference stays in its segment of the path", _slash_is_escaped),
    ("an unknown case is 404", _unknown_case),
    ("a wrong token is 401 or 403", _wrong_token),
    ("an entry gets a receipt and is read back unchanged", _read_back),
    ("an entry that was never sent is not found", _absent_entry),
    ("the same entry again gets the first receipt", _repeat),
    ("other words under the same id are 409", _other_content),
    ("the longest text is taken", _longest_text),
    ("a longer one is 413", _too_long),
    ("parts stand once, in order, and join", _parts_and_order),
    ("the feed is read page by page to its end", _feed),
    ("Retry-After is told with 429 and 503", _needs_faults),
    ("a call whose answer was lost takes effect within settle_seconds or never", _needs_faults),
    ("every change of a case is told by the feed", _needs_faults),
)

_AUTHOR = Author(kind="victim", name="Conformance Test", id="conformance-test")


def _an_entry(text: str = _WORDS) -> Entry:
    return Entry(
        external_id=str(uuid.uuid4()),
        kind=EntryKind.VICTIM_MESSAGE,
        author=_AUTHOR,
        sent_at=clock.now(),
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        sequence=1,
    )


def _recorded(bench: Bench, entry: Entry) -> Recorded:
    answer = bench.system.record(bench.reference, entry)
    if not isinstance(answer, Recorded):
        raise _Broken(f"an entry was answered {_seen(answer)}")
    return answer


def _all_entries(bench: Bench) -> Iterator[Entry]:
    cursor: str | None = None
    while True:
        page = bench.system.entries(bench.reference, cursor, 100)
        yield from (held.entry for held in page.entries)
        cursor = page.next
        if not page.more:
            return


def _seen(answer: Answer) -> str:
    if isinstance(answer, Recorded):
        return "with a receipt"
    return str(answer.status) if isinstance(answer, Refused) else answer.why.value


def _demand(holds: bool, evidence: str) -> None:
    if not holds:
        raise _Broken(evidence)
