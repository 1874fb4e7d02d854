"""What a message is marked as, and who is shown it."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from app.messages.marking_words import text_of_marking
from app.messages.rules import Marking, MarkKind, Marks, marks_after, marks_now, marks_shown

ME, ANOTHER = UUID(int=1), UUID(int=2)
COMPLAINT = MarkKind.COMPLAINT

marks = st.frozensets(st.sampled_from(MarkKind))
histories = st.lists(st.builds(Marking, marks, st.sampled_from([ME, ANOTHER])), max_size=6)


@given(histories)
def test_whoever_is_not_in_charge_is_shown_every_mark(history: list[Marking]) -> None:
    shown = marks_shown(history, ME, is_in_charge=False)

    assert shown == [each.marks for each in history]
    assert marks_now(history) == (shown[-1] if shown else frozenset())


@given(histories)
def test_whoever_is_in_charge_is_shown_all_but_others_complaints(history: list[Marking]) -> None:
    shown = marks_shown(history, ME, is_in_charge=True)

    assert len(shown) == len(history)
    for each, seen in zip(history, shown, strict=True):
        assert each.marks - {COMPLAINT} <= seen <= each.marks
    for place, seen in enumerate(shown):
        # The step that put the complaint on, which has stood since.
        put_on = place
        while put_on and COMPLAINT in history[put_on - 1].marks:
            put_on -= 1
        is_mine = COMPLAINT in history[place].marks and history[put_on].by == ME
        assert (COMPLAINT in seen) == is_mine


@given(marks, marks)
def test_whoever_is_in_charge_takes_no_complaint_off(stand: Marks, chosen: Marks) -> None:
    after = marks_after(stand, chosen, is_in_charge=True)

    assert (COMPLAINT in after) == (COMPLAINT in stand | chosen)
    assert after - {COMPLAINT} == chosen - {COMPLAINT}
    assert marks_after(stand, chosen, is_in_charge=False) == chosen


@given(marks, marks)
def test_what_the_record_is_told_differs_for_different_marks(one: Marks, other: Marks) -> None:
    first, second = (text_of_marking(3, frozenset({COMPLAINT}), each) for each in (one, other))

    assert (first == second) == (one == other)
    assert "essage 3 " in first
