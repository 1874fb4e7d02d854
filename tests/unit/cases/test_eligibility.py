"""Who may be in: nothing with a doubt is ever let in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cases.facts import CaseFacts, read_facts
from app.cases.rules import (
    KNOWN_STATUSES,
    Channel,
    Reason,
    reason_against,
    usable_channels,
)
from app.forces.settings import ForceSettings
from tests.factories.facts import case_json, force_settings, rfc3339

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
FORCE = force_settings()
NOBODY = frozenset[Channel]()
GOOD = "good"

# Every key that a decision rests on, each with a value for every way to be good or in doubt.
VALUES: dict[str, dict[str, Any]] = {
    "domestic_abuse": {GOOD: False, "bad": True, "unknown": None},
    "linked_to_suspect": {GOOD: False, "bad": True, "unknown": None},
    "flags": {GOOD: ("repeat-victim",), "bad": ("repeat-victim", "markers"), "unknown": None},
    "safe_to_contact": {GOOD: True, "bad": False, "unknown": None},
    "risk_assessed_at": {
        GOOD: NOW - timedelta(days=90),
        "old": NOW - timedelta(days=90, seconds=1),
        "ahead": NOW + timedelta(days=1, seconds=1),
        "unknown": None,
    },
    "date_of_birth": {
        GOOD: date(1986, 5, 17),
        "young": date(2008, 7, 2),
        "implausible": date(1900, 1, 1),
        "unknown": None,
    },
    "offence_code": {GOOD: "theft-person", "bad": "stalking", "unknown": None},
    "email_shared": {GOOD: False, "bad": True, "unknown": None},
    "danger_elsewhere": {GOOD: False, "bad": True},
    "id": {GOOD: "P1", "unknown": None},
    "given_name": {GOOD: "Alex", "unknown": None},
    "family_name": {GOOD: "Morgan", "unknown": None},
    "status": {GOOD: "reported", "unknown": None},
    "reported_at": {GOOD: NOW - timedelta(days=10), "unknown": None},
    "email": {GOOD: "alex@mail.example", "bad": "alex at mail", "unknown": None},
    "email_taken": {GOOD: False, "bad": True},
}
DANGER_AND_AGE = (
    "domestic_abuse",
    "linked_to_suspect",
    "flags",
    "safe_to_contact",
    "risk_assessed_at",
    "date_of_birth",
    "offence_code",
    "email_shared",
    "danger_elsewhere",
)


def case_at_noon(**overrides: Any) -> dict[str, Any]:
    """An eligible case's JSON at NOW; overrides as in `case_json`."""
    case = {
        "reportedAt": rfc3339(NOW - timedelta(days=10)),
        "riskAssessedAt": rfc3339(NOW - timedelta(days=5)),
        "updatedAt": rfc3339(NOW - timedelta(hours=1)),
    }
    victim = overrides.pop("victim", {})
    if isinstance(victim, dict):
        victim = {"dateOfBirth": "1986-05-17", **victim}
    return case_json(**{**case, **overrides}, victim=victim)


def facts_of(**overrides: Any) -> CaseFacts:
    return read_facts(case_at_noon(**overrides))


def why(
    facts: CaseFacts,
    *,
    force: ForceSettings = FORCE,
    danger_elsewhere: bool = False,
    taken: frozenset[Channel] = NOBODY,
    used: frozenset[Channel] = NOBODY,
    now: datetime = NOW,
) -> Reason | None:
    return reason_against(
        facts, force, danger_elsewhere=danger_elsewhere, taken=taken, used=used, now=now
    )


BASE = facts_of(victim={"mobile": None})


def decide(values: dict[str, Any]) -> Reason | None:
    """The decision on a case made of one value for every key of VALUES; e-mail only."""
    values = dict(values)
    danger_elsewhere = values.pop("danger_elsewhere")
    taken = frozenset({Channel.EMAIL}) if values.pop("email_taken") else NOBODY
    about_the_case = {
        key: values.pop(key)
        for key in (
            "domestic_abuse",
            "flags",
            "risk_assessed_at",
            "offence_code",
            "status",
            "reported_at",
        )
    }
    facts = replace(BASE, **about_the_case, victim=replace(BASE.victim, **values))
    return why(facts, danger_elsewhere=danger_elsewhere, taken=taken)


def test_a_case_of_which_everything_is_known_and_good_is_let_in() -> None:
    assert why(facts_of()) is None
    assert decide({key: values[GOOD] for key, values in VALUES.items()}) is None


def test_no_combination_with_a_doubt_about_danger_age_offence_or_channel_is_let_in() -> None:
    good = {key: values[GOOD] for key, values in VALUES.items()}
    combinations = product(*(VALUES[key] for key in DANGER_AND_AGE))
    for states in combinations:
        chosen = {
            key: VALUES[key][state] for key, state in zip(DANGER_AND_AGE, states, strict=True)
        }
        is_let_in = decide({**good, **chosen}) is None
        assert is_let_in == (set(states) == {GOOD}), states


def test_no_combination_of_good_and_doubtful_keys_is_let_in_but_the_one_without_a_doubt() -> None:
    doubtful = {key: [s for s in values if s != GOOD][-1] for key, values in VALUES.items()}
    for states in product(*((GOOD, doubtful[key]) for key in VALUES)):
        chosen = {key: VALUES[key][state] for key, state in zip(VALUES, states, strict=True)}
        is_let_in = decide(chosen) is None
        assert is_let_in == (set(states) == {GOOD}), states


@given(st.fixed_dictionaries({key: st.sampled_from(list(v)) for key, v in VALUES.items()}))
def test_any_mixture_with_a_doubt_stays_out(states: dict[str, str]) -> None:
    is_let_in = decide({key: VALUES[key][state] for key, state in states.items()}) is None
    assert is_let_in == (set(states.values()) == {GOOD})


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@pytest.mark.parametrize(
    "key, good",
    [
        ("domesticAbuse", [False]),
        ("flags", [[]]),
        ("riskAssessedAt", []),
        ("reportedAt", []),
        ("offence", []),
        ("victim", []),
    ],
)
@given(data=st.data())
def test_whatever_else_stands_under_a_key_of_the_case_bars_it(
    key: str, good: list[Any], data: st.DataObject
) -> None:
    value = data.draw(ANY_JSON)
    is_good = any(type(value) is type(g) and value == g for g in good)
    assert (why(read_facts(case_at_noon() | {key: value})) is None) == is_good


@pytest.mark.parametrize("key, good", [("safeToContact", True), ("linkedToSuspect", False)])
@given(data=st.data())
def test_whatever_else_stands_under_a_key_of_the_victim_bars_the_case(
    key: str, good: bool, data: st.DataObject
) -> None:
    value = data.draw(ANY_JSON)
    assert (why(facts_of(victim={key: value})) is None) == (value is good)


@pytest.mark.parametrize(
    "path",
    [
        "status",
        "reportedAt",
        "offence",
        "offence.code",
        "domesticAbuse",
        "flags",
        "riskAssessedAt",
        "victim",
        "victim.id",
        "victim.givenName",
        "victim.familyName",
        "victim.dateOfBirth",
        "victim.safeToContact",
        "victim.linkedToSuspect",
        "victim.contactShared",
    ],
)
@pytest.mark.parametrize("spoil", ["null", "missing"])
def test_a_missing_key_is_null_and_null_is_never_no(path: str, spoil: str) -> None:
    case = case_json()
    *outer, key = path.split(".")
    table = case[outer[0]] if outer else case
    if spoil == "null":
        table[key] = None
    else:
        del table[key]
    assert why(read_facts(case), now=datetime.now(UTC)) is not None


REASONS: list[tuple[Reason, dict[str, Any]]] = [
    (Reason.DOMESTIC_ABUSE, {"domesticAbuse": True}),
    (Reason.LINKED_TO_SUSPECT, {"victim": {"linkedToSuspect": True}}),
    (Reason.FLAGGED, {"flags": ["repeat-victim", "high-risk"]}),
    (Reason.NOT_SAFE_TO_CONTACT, {"victim": {"safeToContact": False}}),
    (Reason.DOMESTIC_ABUSE_UNKNOWN, {"domesticAbuse": None}),
    (Reason.LINKED_TO_SUSPECT_UNKNOWN, {"victim": {"linkedToSuspect": "no"}}),
    (Reason.FLAGS_UNKNOWN, {"flags": None}),
    (Reason.SAFE_TO_CONTACT_UNKNOWN, {"victim": {"safeToContact": 1}}),
    (Reason.RISK_ASSESSMENT_UNKNOWN, {"riskAssessedAt": None}),
    (Reason.RISK_ASSESSMENT_UNKNOWN, {"riskAssessedAt": rfc3339(NOW + timedelta(days=2))}),
    (Reason.RISK_ASSESSMENT_TOO_OLD, {"riskAssessedAt": rfc3339(NOW - timedelta(days=91))}),
    (Reason.VICTIM_ID_UNKNOWN, {"victim": {"id": " "}}),
    (Reason.NAME_UNKNOWN, {"victim": {"givenName": None}}),
    (Reason.NAME_UNKNOWN, {"victim": {"familyName": "--"}}),
    (Reason.BIRTH_DATE_UNKNOWN, {"victim": {"dateOfBirth": "17/05/1986"}}),
    (Reason.BIRTH_DATE_IMPLAUSIBLE, {"victim": {"dateOfBirth": "1900-01-01"}}),
    (Reason.BIRTH_DATE_IMPLAUSIBLE, {"victim": {"dateOfBirth": "2030-01-01"}}),
    (Reason.UNDER_18, {"victim": {"dateOfBirth": "2010-01-01"}}),
    (Reason.OFFENCE_UNKNOWN, {"offence": {"code": None}}),
    (Reason.OFFENCE_NOT_ELIGIBLE, {"offence": {"code": "assault"}}),
    (Reason.STATUS_UNKNOWN, {"status": None}),
    (Reason.REPORTED_AT_UNKNOWN, {"reportedAt": "yesterday"}),
    (Reason.NO_USABLE_CHANNEL, {"victim": {"email": None, "mobile": "020 7946 0123"}}),
    (Reason.NO_USABLE_CHANNEL, {"victim": {"contactShared": None}}),
]


@pytest.mark.parametrize("reason, spoiled", REASONS)
def test_each_doubt_alone_gives_its_own_reason(reason: Reason, spoiled: dict[str, Any]) -> None:
    assert why(facts_of(**spoiled)) is reason


def test_every_reason_is_shown_by_some_test() -> None:
    with_tests_of_their_own = {Reason.DANGER_ELSEWHERE, Reason.USED_CHANNEL_NOT_SAFE}
    assert {reason for reason, _ in REASONS} | with_tests_of_their_own == set(Reason)


def test_danger_in_another_case_of_the_person_bars_this_one() -> None:
    assert why(facts_of(), danger_elsewhere=True) is Reason.DANGER_ELSEWHERE


def test_known_danger_is_named_before_doubts_and_lesser_reasons() -> None:
    facts = facts_of(domesticAbuse=True, flags=None, victim={"id": None, "email": None})
    assert why(facts) is Reason.DOMESTIC_ABUSE
    facts = facts_of(domesticAbuse=None, victim={"linkedToSuspect": True})
    assert why(facts) is Reason.LINKED_TO_SUSPECT


def test_the_order_of_reasons_is_the_order_in_which_they_are_declared() -> None:
    order = list(Reason)
    found = [order.index(reason) for reason, _ in REASONS]
    assert found == sorted(found)
    for (first, spoiled), (_, spoiled_too) in pairwise(REASONS):
        if not spoiled.keys() & spoiled_too.keys():
            assert why(facts_of(**spoiled, **spoiled_too)) is first


@pytest.mark.parametrize("flag", ["Repeat-Victim", "  repeat-victim ", "REPEAT-VICTIM"])
def test_a_harmless_flag_is_harmless_however_it_is_written(flag: str) -> None:
    assert why(facts_of(flags=[flag])) is None


@pytest.mark.parametrize("flag", ["", "repeat victim", "repeat-victim-of-partner", "x"])
def test_every_flag_that_the_force_does_not_call_harmless_bars(flag: str) -> None:
    assert why(facts_of(flags=["repeat-victim", flag])) is Reason.FLAGGED


def test_a_list_of_flags_with_something_unreadable_in_it_is_unknown() -> None:
    assert why(facts_of(flags=["repeat-victim", None])) is Reason.FLAGS_UNKNOWN


def test_a_status_that_nobody_knows_bars_nobody_but_can_be_reported() -> None:
    facts = facts_of(status="paused")
    assert why(facts) is None
    assert facts.status not in KNOWN_STATUSES


def test_a_closed_case_stays_open_online() -> None:
    assert why(facts_of(status="closed", closedAt=rfc3339(NOW))) is None


def at(born: str, now: datetime = NOW, **force: Any) -> Reason | None:
    return why(
        replace(facts_of(victim={"dateOfBirth": born}), risk_assessed_at=now),
        force=force_settings(**force),
        now=now,
    )


def test_a_victim_is_let_in_from_the_eighteenth_birthday_on() -> None:
    assert at("2008-07-01") is None
    assert at("2008-07-02") is Reason.UNDER_18


def test_the_birthday_begins_at_midnight_in_london() -> None:
    before = datetime(2026, 6, 30, 22, 59, tzinfo=UTC)
    assert at("2008-07-01", before) is Reason.UNDER_18
    assert at("2008-07-01", before + timedelta(minutes=1)) is None


def test_a_victim_born_on_29_february_is_18_on_1_march() -> None:
    assert at("2008-02-29", datetime(2026, 2, 28, 12, tzinfo=UTC)) is Reason.UNDER_18
    assert at("2008-02-29", datetime(2026, 3, 1, 12, tzinfo=UTC)) is None


def test_nobody_is_over_110() -> None:
    assert at("1916-07-01") is None
    assert at("1916-06-30") is Reason.BIRTH_DATE_IMPLAUSIBLE
    assert at("1850-01-01") is Reason.BIRTH_DATE_IMPLAUSIBLE


def test_a_forces_own_placeholders_are_no_birth_dates() -> None:
    assert at("1950-01-01") is None
    barred = at("1950-01-01", placeholder_birth_dates=[date(1950, 1, 1)])
    assert barred is Reason.BIRTH_DATE_IMPLAUSIBLE


def test_a_risk_assessment_by_a_clock_slightly_ahead_counts() -> None:
    assert why(facts_of(riskAssessedAt=rfc3339(NOW + timedelta(hours=23)))) is None


def test_one_usable_channel_is_enough_to_come_in() -> None:
    facts = facts_of(victim={"contactShared": {"email": True}})
    assert usable_channels(facts, NOBODY) == (Channel.SMS,)
    assert why(facts) is None


def test_email_comes_first_among_usable_channels() -> None:
    assert usable_channels(facts_of(), NOBODY) == (Channel.EMAIL, Channel.SMS)


def test_another_victims_address_is_not_usable() -> None:
    assert usable_channels(facts_of(), frozenset({Channel.EMAIL})) == (Channel.SMS,)
    assert why(facts_of(), taken=frozenset(Channel)) is Reason.NO_USABLE_CHANNEL


@pytest.mark.parametrize("shared", [True, None, "no", 0])
def test_a_used_channel_must_be_exactly_not_shared(shared: object) -> None:
    facts = facts_of(victim={"contactShared": {"email": shared}})
    assert why(facts, used=frozenset({Channel.SMS})) is None
    assert why(facts, used=frozenset({Channel.EMAIL})) is Reason.USED_CHANNEL_NOT_SAFE
    assert why(facts, used=frozenset(Channel)) is Reason.USED_CHANNEL_NOT_SAFE


def test_an_unreadable_case_stays_out() -> None:
    assert why(read_facts({"reference": "A1"})) is Reason.DOMESTIC_ABUSE_UNKNOWN
    assert why(facts_of(victim=[], offence=3)) is Reason.LINKED_TO_SUSPECT_UNKNOWN
