"""The table "what an answer means", made from the rules themselves; it stands in
`docs/case-system-interface.md`, and a test compares the two."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from app.outbox.breakers import LOCKED_OUT_AT_FIRST
from app.sync.port import Answer, NoAnswer, Recorded, Refused, Silence
from app.sync.rules import (
    Again,
    Done,
    Fate,
    ForceWaits,
    NeedsPerson,
    decide,
    fate_of,
    is_systems_trouble,
)

_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_PATIENCE = ((timedelta(hours=24), "24 hours"), (timedelta(days=3), "3 days"))

_ANSWERS: tuple[tuple[str, Answer], ...] = (
    ("a receipt", Recorded("N-1", _NOW)),
    ("401, 403", Refused(401)),
    ("404", Refused(404)),
    ("408", Refused(408)),
    ("409", Refused(409)),
    ("413", Refused(413)),
    ("422, every other 4xx", Refused(422)),
    ("429", Refused(429)),
    ("502, 504", Refused(502)),
    ("every other 5xx, 3xx", Refused(500)),
    ("no connection", NoAnswer(Silence.UNREACHABLE)),
    ("given up unsent: this machine slept", NoAnswer(Silence.NOT_SENT)),
    ("cut", NoAnswer(Silence.CUT)),
    ("time-out", NoAnswer(Silence.TIMED_OUT)),
    ("nonsense, a success without a receipt", NoAnswer(Silence.NONSENSE)),
)

_FATES = {
    Fate.KNOWN: "nothing",
    Fate.IN_DOUBT: "a look-up",
    Fate.LOST: "`settle_seconds`, then a look-up",
}


def table() -> str:
    """The table as Markdown."""
    rows = [
        "| answer to an entry | what the portal does"
        " | `connect`: before it is sent again | breaker |",
        "| --- | --- | --- | --- |",
    ]
    for name, answer in _ANSWERS:
        fate = "-" if isinstance(answer, Recorded) else _FATES[fate_of(answer)]
        counts = "counts" if is_systems_trouble(answer) else "-"
        rows.append(f"| {name} | {_meaning(answer)} | {fate} | {counts} |")
    return "\n".join(rows) + "\n"


def _meaning(answer: Answer) -> str:
    match _decided(answer, timedelta(0)):
        case Done():
            return "the message is `recorded`"
        case ForceWaits(until):
            seconds = (until - _NOW).total_seconds()
            return (
                f"the whole force waits, {LOCKED_OUT_AT_FIRST.total_seconds():.0f} s at first, then"
                f" {seconds:.0f} s at a time; nothing becomes `attention`"
            )
        case NeedsPerson(reason):
            return f"`attention` at once: {reason.value}"
        case Again():
            return _how_long(answer)


def _how_long(answer: Answer) -> str:
    for patience, words in _PATIENCE:
        decision = _decided(answer, patience)
        if isinstance(decision, NeedsPerson):
            return f"again for {words}, then `attention`: {decision.reason.value}"
    return "again"


def _decided(answer: Answer, age: timedelta) -> Done | Again | NeedsPerson | ForceWaits:
    return decide(answer, first_tried_at=_NOW - age, attempts=1, now=_NOW, chance=0.5)
