"""Cases as the case system sends them are read strictly, and never break the reader."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cases.facts import (
    LONGEST_REFERENCE,
    LONGEST_TEXT,
    CaseIsNonsense,
    OfficerFacts,
    facts_from_json,
    facts_to_json,
    read_facts,
)
from tests.factories.facts import case_json

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec=None), max_size=30),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)
CASES = st.fixed_dictionaries(
    {"reference": st.text(min_size=1)},
    optional={key: ANYTHING for key in case_json() if key != "reference"},
)


def test_a_whole_case_is_read_with_its_types() -> None:
    facts = read_facts(
        case_json(
            reference="NS/1/26",
            reportedAt="2026-01-02T03:04:05Z",
            flags=[" Repeat-Victim "],
            victim={"dateOfBirth": "1990-02-28", "familyName": " Morgan "},
        )
    )
    assert facts.reference == "NS/1/26"
    assert facts.reported_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert facts.flags == ("repeat-victim",)
    assert facts.domestic_abuse is False
    assert facts.offence_code == "burglary-dwelling"
    assert facts.officer_in_case == OfficerFacts(
        "1234", "PC Sam Okafor", "sam.okafor@northshire.example"
    )
    assert facts.victim.date_of_birth == date(1990, 2, 28)
    assert facts.victim.family_name == "Morgan"
    assert facts.victim.safe_to_contact is True
    assert facts.victim.email_shared is False
    assert facts.closed_at is None
    assert facts.problems == ()


@pytest.mark.parametrize(
    "reference", [None, "", "  ", "///", 7, ["A1"], "A\n1", "A\ud8001", "A" * 201, {"a": 1}]
)
def test_a_case_without_a_usable_reference_is_nonsense(reference: object) -> None:
    with pytest.raises(CaseIsNonsense):
        read_facts(case_json(reference=reference))


def test_a_case_that_says_nothing_but_its_reference_is_unknown_throughout() -> None:
    facts = read_facts({"reference": "A1"})
    assert facts.victim.id is None
    assert facts.officer_in_case is None
    assert facts.flags is None
    assert facts.problems == ()


def test_a_reference_is_kept_exactly_as_the_case_system_writes_it() -> None:
    assert read_facts(case_json(reference=" 14/123456/25 ")).reference == " 14/123456/25 "
    assert len(read_facts(case_json(reference="A" * LONGEST_REFERENCE)).reference) == 200


@pytest.mark.parametrize(
    "path, value",
    [
        ("status", 3),
        ("reportedAt", 1_700_000_000),
        ("reportedAt", "2026-01-02"),
        ("reportedAt", "2026-01-02T03:04:05"),
        ("reportedAt", "0001-01-01T00:00:00+23:00"),
        ("reportedAt", "２０２６-01-02T03:04:05Z"),
        ("offence", "burglary"),
        ("offence.code", ["burglary-dwelling"]),
        ("domesticAbuse", "false"),
        ("domesticAbuse", 0),
        ("flags", "none"),
        ("flags", {}),
        ("flags", ["repeat-victim", None]),
        ("flags", [["repeat-victim"]]),
        ("flags", ["\ud800"]),
        ("riskAssessedAt", "2026-13-01T00:00:00Z"),
        ("officerInCase", "PC 1234"),
        ("officerInCase.collar", 1234),
        ("victim.id", 1),
        ("victim.givenName", "A" * (LONGEST_TEXT + 1)),
        ("victim.familyName", "Mor\x00gan"),
        ("victim.familyName", "Mor\ud83dgan"),
        ("victim.dateOfBirth", "19900228"),
        ("victim.dateOfBirth", "1990-02-30"),
        ("victim.dateOfBirth", "1990-02-28T00:00:00Z"),
        ("victim.email", {"address": "a@b.example"}),
        ("victim.mobile", 447700900123),
        ("victim.safeToContact", "true"),
        ("victim.safeToContact", 1),
        ("victim.linkedToSuspect", ""),
        ("victim.contactShared", False),
        ("previousReference", 12),
        ("closedAt", "no"),
        ("updatedAt", float("nan")),
    ],
)
def test_what_has_the_wrong_type_is_unknown_and_its_key_is_a_problem(
    path: str, value: object
) -> None:
    case = case_json()
    *outer, key = path.split(".")
    table: dict[str, Any] = case[outer[0]] if outer else case
    table[key] = value
    facts = read_facts(case)
    assert facts.problems == (path,)
    said = facts_to_json(facts)
    for step in outer:
        inner = said[step]
        assert isinstance(inner, dict)
        said = inner
    left = said[key]
    assert left is None or (isinstance(left, dict) and set(left.values()) == {None})


def test_a_problem_inside_what_is_shared_names_the_whole_way_to_it() -> None:
    facts = read_facts(case_json(victim={"contactShared": {"email": "no"}}))
    assert facts.problems == ("victim.contactShared.email",)
    assert facts.victim.email_shared is None
    assert facts.victim.mobile_shared is False


def test_problems_never_hold_values() -> None:
    facts = read_facts(case_json(status=["Morgan"], victim={"email": 5, "id": ["Morgan"]}))
    assert set(facts.problems) == {"status", "victim.email", "victim.id"}


@pytest.mark.parametrize("blank", ["", " ", "\u00a0"])
def test_a_blank_text_is_unknown_and_no_problem(blank: str) -> None:
    facts = read_facts(case_json(status=blank, victim={"email": blank}))
    assert facts.status is None
    assert facts.victim.email is None
    assert facts.problems == ()


def test_no_flags_are_none_and_unknown_flags_are_unknown() -> None:
    assert read_facts(case_json(flags=[])).flags == ()
    assert read_facts(case_json(flags=None)).flags is None
    assert read_facts(case_json(flags=[""])).flags == ("",)


@pytest.mark.parametrize(
    "written, moment",
    [
        ("2026-07-01T13:00:00+01:00", datetime(2026, 7, 1, 12, tzinfo=UTC)),
        ("2026-07-01t12:00:00z", datetime(2026, 7, 1, 12, tzinfo=UTC)),
        ("2026-07-01T12:00:00.5Z", datetime(2026, 7, 1, 12, 0, 0, 500_000, tzinfo=UTC)),
        (
            "2026-07-01T12:00:00.123456789Z",
            datetime(2026, 7, 1, 12, 0, 0, 123_456, tzinfo=UTC),
        ),
    ],
)
def test_times_are_read_as_rfc_3339_allows_and_kept_in_utc(written: str, moment: datetime) -> None:
    read = read_facts(case_json(updatedAt=written)).updated_at
    assert read == moment
    assert read.tzinfo is UTC


def test_unknown_keys_are_passed_over() -> None:
    facts = read_facts(case_json(weather="fine", victim={"shoeSize": 7}))
    assert facts.problems == ()


@given(CASES)
def test_whatever_the_case_system_sends_is_read_or_refused(case: dict[str, Any]) -> None:
    try:
        facts = read_facts(case)
    except CaseIsNonsense:
        return
    stored = json.dumps(facts_to_json(facts), ensure_ascii=False).encode()
    assert facts_from_json(json.loads(stored)) == facts


def test_facts_come_back_from_json_with_their_problems() -> None:
    facts = read_facts(case_json(flags=[1], victim={"dateOfBirth": 5}))
    assert facts_from_json(json.loads(json.dumps(facts_to_json(facts)))) == facts


def test_damaged_stored_facts_are_unknown_not_trusted() -> None:
    stored = facts_to_json(read_facts(case_json())) | {"domesticAbuse": "false"}
    facts = facts_from_json(stored)
    assert facts.domestic_abuse is None
    assert facts.problems == ("domesticAbuse",)
