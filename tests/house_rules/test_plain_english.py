"""What victims and everybody read is plain and calm: a reading age of 9 to 11, no exclamation mark,
nothing that puts blame on the reader. Measured figures are in `docs/accessibility.md`."""

from __future__ import annotations

import re

import pytest

from tests.house_rules.access_table import TABLE, Line, Person
from tests.house_rules.reading_age import reading_of, syllables
from tests.house_rules.town import Town
from tests.markup import words
from tests.pages import Page

HARDEST = 6.0
"""The grade that somebody of 11 reads at easily."""
FIXED_BY_LAW = {"/accessibility": 8.0}
"""The regulations write whole sentences of the statement."""
FEWEST_SENTENCES = 5
"""The measure says nothing about a heading and a link."""

VICTIMS_SIDE = [
    line
    for line in TABLE
    if line.method == "GET"
    and not line.rule.startswith("/officer")
    and line.rule not in {"/healthz", "/readyz", "/metrics", "/exit", "/cases/<case_id>/messages"}
]
BLAMES = re.compile(
    r"!|\b(failed to|you should have|you forgot|your fault|invalid|illegal|alleged|you claim"
    r"|offence against you|no further action|undetected|unfounded|refused to)\b",
    re.IGNORECASE,
)


def shown(town: Town, line: Line) -> list[Page]:
    """What the victim and somebody who is not signed in are shown there."""
    pages = [town.ask(line, person) for person in (Person.VICTIM, Person.NOBODY)]
    return [page for page in pages if page.is_whole and not 300 <= page.status < 400]


@pytest.mark.parametrize("line", VICTIMS_SIDE, ids=lambda line: line.rule)
def test_a_page_can_be_read_at_the_age_of_11(town: Town, line: Line) -> None:
    for page in shown(town, line):
        reading = reading_of(page)
        if reading.sentences >= FEWEST_SENTENCES:
            assert reading.grade <= FIXED_BY_LAW.get(line.rule, HARDEST), (page.h1, reading)


@pytest.mark.parametrize("line", VICTIMS_SIDE, ids=lambda line: line.rule)
def test_a_page_does_not_blame_or_shout(town: Town, line: Line) -> None:
    for page in shown(town, line):
        assert BLAMES.findall(words(page.find(".//main"))) == [], page.h1


def test_the_measure_tells_plain_words_from_hard_ones(town: Town) -> None:
    plain = "<main><p>We have your note. You can call us at any time of the day.</p></main>"
    hard = (
        "<main><p>Notwithstanding considerable operational complexity, representations"
        " communicated electronically necessitate subsequent authentication.</p></main>"
    )
    grades = []
    for body in (plain, hard):
        answer = town.portal.app.response_class(body, mimetype="text/html")
        grades.append(reading_of(Page(answer, "/made-up")).grade)  # type: ignore[arg-type]
    assert grades[0] < 3
    assert grades[1] > 15


@pytest.mark.parametrize(
    "word,count",
    [("case", 1), ("police", 2), ("officer", 3), ("asked", 1), ("the", 1), ("area", 2)],
)
def test_syllables_are_counted_by_groups_of_vowels(word: str, count: int) -> None:
    assert syllables(word) == count
