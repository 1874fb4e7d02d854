"""Who may open what, over every set of roles and every tie to a case."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from app.accounts.viewers import OfficerViewer, Role
from app.cases.access import (
    Ties,
    Way,
    is_auditor,
    is_force_admin,
    is_in_charge,
    may_pause,
    may_see_task,
    may_supervise,
    needs_reason,
    sees_whole_force,
    way_into,
)
from app.messages.rules import sending_is_paused

OURS, THEIRS = UUID(int=1), UUID(int=2)
ME, ANOTHER = UUID(int=3), UUID(int=4)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)

roles = st.frozensets(st.sampled_from(Role))
viewers = st.builds(OfficerViewer, id=st.just(ME), force_id=st.just(OURS), roles=roles)
someone = st.sampled_from([ME, ANOTHER, None])
covers = st.frozensets(st.sampled_from([ME, ANOTHER]))
ties_of_ours = st.builds(Ties, force_id=st.just(OURS), officer_id=someone, covers=covers)
ties_of_theirs = st.builds(Ties, force_id=st.just(THEIRS), officer_id=someone, covers=covers)


@given(viewers, ties_of_theirs, st.booleans())
def test_nobody_comes_near_another_forces_case(
    viewer: OfficerViewer, ties: Ties, is_for_admin: bool
) -> None:
    assert way_into(viewer, ties) is None
    assert not may_supervise(viewer, ties)
    assert not may_pause(viewer, ties)
    assert not may_see_task(viewer, ties, is_for_admin=is_for_admin)


@given(viewers, ties_of_ours)
def test_only_the_officer_in_the_case_and_cover_write_and_need_no_reason(
    viewer: OfficerViewer, ties: Ties
) -> None:
    way = way_into(viewer, ties)
    is_theirs = Role.OFFICER in viewer.roles and (ties.officer_id == ME or ME in ties.covers)

    assert is_in_charge(way) == is_theirs
    if way is not None:
        assert needs_reason(way) == (not is_theirs)


@given(viewers, ties_of_ours)
def test_others_open_a_case_only_as_supervisor_or_contact_bureau(
    viewer: OfficerViewer, ties: Ties
) -> None:
    way = way_into(viewer, ties)

    if not is_in_charge(way):
        assert (way is not None) == bool(viewer.roles & {Role.SUPERVISOR, Role.CONTACT_BUREAU})
        assert (way is Way.SUPERVISOR) == (Role.SUPERVISOR in viewer.roles)


@given(ties_of_ours, st.booleans())
def test_administrators_and_auditors_open_no_case(ties: Ties, is_for_admin: bool) -> None:
    viewer = OfficerViewer(ME, OURS, frozenset({Role.FORCE_ADMIN, Role.AUDITOR}))

    assert way_into(viewer, ties) is None
    assert not sees_whole_force(viewer)
    assert is_force_admin(viewer)
    assert is_auditor(viewer)
    assert may_see_task(viewer, ties, is_for_admin=is_for_admin) == is_for_admin


@given(viewers, ties_of_ours)
def test_a_supervisor_lifts_holds_and_never_pauses_alone(viewer: OfficerViewer, ties: Ties) -> None:
    assert may_supervise(viewer, ties) == (Role.SUPERVISOR in viewer.roles)
    assert may_pause(viewer, ties) == (
        Role.SUPERVISOR in viewer.roles and not is_in_charge(way_into(viewer, ties))
    )


@given(viewers, ties_of_ours, st.booleans())
def test_a_task_about_the_officer_is_for_others_who_see_the_whole_force(
    viewer: OfficerViewer, ties: Ties, is_for_admin: bool
) -> None:
    is_tied = ties.officer_id == ME or ME in ties.covers
    sees = may_see_task(viewer, ties, is_for_admin=is_for_admin, is_about_officer=True)

    assert sees == (not is_tied and bool(viewer.roles & {Role.SUPERVISOR, Role.CONTACT_BUREAU}))


@given(viewers, ties_of_theirs)
def test_a_task_about_an_officer_stays_in_their_force(viewer: OfficerViewer, ties: Ties) -> None:
    assert not may_see_task(viewer, ties, is_for_admin=True, is_about_officer=True)


@given(viewers, ties_of_ours)
def test_whoever_may_open_a_case_may_see_its_tasks(viewer: OfficerViewer, ties: Ties) -> None:
    opens = way_into(viewer, ties) is not None

    assert may_see_task(viewer, ties, is_for_admin=False) == opens
    assert may_see_task(viewer, ties, is_for_admin=True) == (opens or is_force_admin(viewer))


@given(viewers, ties_of_ours, roles)
def test_a_further_role_never_takes_anything_away_but_pausing(
    viewer: OfficerViewer, ties: Ties, more: frozenset[Role]
) -> None:
    """Pausing is the one thing that a person with two roles may not do: see above."""
    promoted = OfficerViewer(viewer.id, viewer.force_id, viewer.roles | more)

    assert way_into(viewer, ties) is None or way_into(promoted, ties) is not None
    assert not is_in_charge(way_into(viewer, ties)) or is_in_charge(way_into(promoted, ties))
    assert may_supervise(promoted, ties) >= may_supervise(viewer, ties)


@given(st.uuids(), roles)
def test_a_case_without_an_officer_is_nobodys_own(person: UUID, held: frozenset[Role]) -> None:
    viewer = OfficerViewer(person, OURS, held)

    assert not is_in_charge(way_into(viewer, Ties(OURS, None)))
    assert not is_in_charge(way_into(viewer, Ties(OURS, uuid4())))


@given(st.integers(-10_000, 10_000))
def test_a_pause_ends_at_its_very_second(seconds: int) -> None:
    until = NOW + timedelta(seconds=seconds)

    assert sending_is_paused(until, NOW) == (seconds > 0)
    assert not sending_is_paused(None, NOW)
