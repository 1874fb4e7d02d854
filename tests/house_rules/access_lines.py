"""One line of the table of who gets what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.house_rules.access_people import Answers, ByCase, Which


@dataclass(frozen=True)
class Line:
    """One address and method. `form` is what a right form would hold, the token aside.

    `cases`: what each person gets for each case, where the address names one.
    """

    method: str
    rule: str
    what: str
    answers: Answers
    form: Mapping[str, str] = field(default_factory=dict)
    cases: ByCase | None = None


def about_case(
    method: str, rule: str, what: str, cases: ByCase, form: Mapping[str, str] | None = None
) -> Line:
    """An address that names a case; `answers` are those for "the case" itself."""
    return Line(method, rule, what, cases[Which.THE_CASE], form or {}, cases)
