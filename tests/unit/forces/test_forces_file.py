"""The forces file is refused whole, in one line that names the force and the key."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.viewers import Role
from app.forces.settings import (
    ROLES,
    CaseSystemSettings,
    ForceSettings,
    OfficerSignInSettings,
    from_json,
    parse_forces,
    to_json,
)
from app.forces.strict import ForcesFileError
from tests.factories.facts import force_settings, force_toml

NEXT = {
    "profile": "connect",
    "url": "https://connect.northshire.example/api/",
    "token_env": "NEXT_TOKEN",
    "settle_seconds": 5,
    "cutover_at": datetime(2026, 12, 1, 7, tzinfo=timezone(timedelta(hours=1))),
}
SIGN_IN: dict[str, Any] = {
    "issuer": "https://id.northshire.example/",
    "client_id": "portal",
    "client_secret_env": "NORTHSHIRE_CLIENT_SECRET",
    "scope": "openid groups",
    "collar_claim": "employee_number",
    "email_claim": "upn",
    "groups_claim": "https://id.northshire.example/groups",
    "roles": {"Portal Officers": "officer", "bureau": ["contact-bureau", "supervisor"]},
}
PLAIN_SIGN_IN = {key: SIGN_IN[key] for key in ("issuer", "client_id", "client_secret_env")}
EVERYTHING: dict[str, Any] = {
    "languages": ["en", "cy"],
    "phone": "+44 1632 960123",
    "harmless_flags": [" Repeat-Victim "],
    "placeholder_birth_dates": [date(1901, 1, 1)],
    "colour": "#1D70B8",
    "stale_after_hours": 12,
    "closed_after_hours": 12,
    "invitations": "automatic",
    "invite_reported_from": date(2026, 1, 1),
    "invitations_per_day": 50,
    "require_active_officer": False,
    "urgent_desk": "desk@northshire.example",
    "push": True,
    "next_case_system": NEXT,
    "officer_sign_in": SIGN_IN,
}


def refusal(text: str) -> str:
    with pytest.raises(ForcesFileError) as refused:
        parse_forces(text)
    message = str(refused.value)
    assert len(message.splitlines()) == 1
    return message


def test_a_plain_force_gets_the_defaults() -> None:
    (force,) = parse_forces(force_toml())
    assert force == ForceSettings(
        slug="northshire",
        name="Northshire Police",
        ons_code="E23000099",
        eligible_offences=frozenset({"burglary-dwelling", "theft-person", "criminal-damage"}),
        harmless_flags=frozenset({"repeat-victim"}),
        case_system=CaseSystemSettings(
            profile="niche",
            url="http://127.0.0.1:9100",
            token_env="NORTHSHIRE_CASE_SYSTEM_TOKEN",
        ),
    )
    assert (force.stale_after_hours, force.closed_after_hours) == (24, 72)
    assert (force.invitations, force.invitations_per_day) == ("by-officer", 200)
    assert force.require_active_officer
    assert not force.push
    assert (force.case_system.poll_seconds, force.case_system.settle_seconds) == (30, 30)


def test_every_key_is_read() -> None:
    force = force_settings(**EVERYTHING)
    assert force.languages == ("en", "cy")
    assert force.harmless_flags == {"repeat-victim"}
    assert force.placeholder_birth_dates == (date(1901, 1, 1),)
    assert force.colour == "#1d70b8"
    assert force.invite_reported_from == date(2026, 1, 1)
    assert not force.require_active_officer
    assert force.push
    assert force.urgent_desk == "desk@northshire.example"
    assert force.next_case_system == CaseSystemSettings(
        profile="connect",
        url="https://connect.northshire.example/api",
        token_env="NEXT_TOKEN",
        settle_seconds=5,
        cutover_at=datetime(2026, 12, 1, 6, tzinfo=UTC),
    )
    assert force.officer_sign_in == OfficerSignInSettings(
        issuer="https://id.northshire.example/",
        client_id="portal",
        client_secret_env="NORTHSHIRE_CLIENT_SECRET",
        scope="openid groups",
        collar_claim="employee_number",
        email_claim="upn",
        groups_claim="https://id.northshire.example/groups",
        roles={"Portal Officers": ("officer",), "bureau": ("contact-bureau", "supervisor")},
    )


def test_officers_sign_in_has_defaults_for_all_but_three_keys() -> None:
    found = force_settings(officer_sign_in=PLAIN_SIGN_IN).officer_sign_in
    assert found == OfficerSignInSettings(
        **PLAIN_SIGN_IN,
        scope="openid email profile",
        collar_claim=None,
        email_claim="email",
        groups_claim="groups",
        roles=None,
    )


@pytest.mark.parametrize(
    "key,value,why",
    [
        ("roles", {}, "is empty"),
        ("roles", {"staff": "chief"}, "must hold roles"),
        ("roles", {"staff": []}, "must hold roles"),
        ("roles", {"staff": 1}, "must be a list"),
        ("roles", "officer", "must be a table"),
        ("scope", "email profile", "must hold 'openid'"),
        ("collar_claim", "two words", "the name of a claim"),
        ("secret", "x", "unknown key"),
    ],
)
def test_a_wrong_key_of_officers_sign_in_refuses_the_file(key: str, value: Any, why: str) -> None:
    refused = refusal(force_toml(officer_sign_in={**PLAIN_SIGN_IN, key: value}))
    assert why in refused
    assert f"officer_sign_in.{key}" in refused


def test_the_file_knows_the_roles_that_accounts_have() -> None:
    assert set(ROLES) == {role.value for role in Role}


def test_the_order_of_forces_is_the_files() -> None:
    text = force_toml() + force_toml(slug="west-mercia", name="West Mercia")
    assert [force.slug for force in parse_forces(text)] == ["northshire", "west-mercia"]


@pytest.mark.parametrize("overrides", [{}, EVERYTHING])
def test_settings_come_back_from_json(overrides: dict[str, Any]) -> None:
    force = force_settings(**overrides)
    assert from_json(json.loads(json.dumps(to_json(force)))) == force


def test_stored_settings_of_another_version_are_still_read() -> None:
    stored = to_json(force_settings(**EVERYTHING))
    del stored["colour"]
    assert from_json(stored | {"added_later": 1}).colour is None


def test_stored_settings_that_are_damaged_are_refused() -> None:
    with pytest.raises(ForcesFileError, match=r"'case_system\.profile'"):
        from_json(to_json(force_settings()) | {"case_system": {"url": "x"}})
    with pytest.raises(ForcesFileError, match="'invite_reported_from'"):
        from_json(to_json(force_settings()) | {"invite_reported_from": "soon"})


@pytest.mark.parametrize(
    "overrides, key",
    [
        ({"colr": "#1d70b8"}, "colr"),
        ({"case_system": {"tokn_env": "X"}}, "case_system.tokn_env"),
        ({"next_case_system": NEXT | {"cutover": 1}}, "next_case_system.cutover"),
        ({"officer_sign_in": SIGN_IN | {"client_secret": "x"}}, "officer_sign_in.client_secret"),
    ],
)
def test_an_unknown_key_refuses_the_file(overrides: dict[str, Any], key: str) -> None:
    assert refusal(force_toml(**overrides)) == f"force 1 (northshire): unknown key '{key}'"


def test_the_force_is_named_by_its_place_and_slug() -> None:
    text = force_toml(slug="westshire", name="Westshire") + force_toml(colr="x")
    assert refusal(text) == "force 2 (northshire): unknown key 'colr'"
    assert refusal(force_toml(slug="North Shire")).startswith("force 1: 'slug' ")


@pytest.mark.parametrize(
    "key",
    [
        "slug",
        "name",
        "ons_code",
        "eligible_offences",
        "case_system",
        "case_system.profile",
        "case_system.url",
        "case_system.token_env",
        "next_case_system.cutover_at",
        "next_case_system.url",
        "officer_sign_in.issuer",
        "officer_sign_in.client_id",
        "officer_sign_in.client_secret_env",
    ],
)
def test_a_missing_key_is_named(key: str) -> None:
    *outer, last = key.split(".")
    overrides = {**EVERYTHING, **({outer[0]: {last: None}} if outer else {last: None})}
    if outer and outer[0] != "case_system":
        overrides[outer[0]] = {k: v for k, v in EVERYTHING[outer[0]].items() if k != last}
    message = refusal(force_toml(**overrides))
    assert f"'{key}' is missing" in message


WRONG: list[tuple[str, list[object]]] = [
    ("slug", ["", "North", "north shire", "-north", "north-", "north/shire", 5, ["north"]]),
    ("name", ["", "  ", 5, "a" * 201, True]),
    ("ons_code", ["", "E2300009", "e23000099", "E230000999", 23000099]),
    ("languages", [[], ["cy"], ["en", "fr"], ["en", "en"], "en", [1], [""]]),
    ("phone", ["", "one oh one", 101, "101;+44"]),
    ("eligible_offences", ["burglary", [1], [""], [["a"]], 5, True]),
    ("harmless_flags", ["repeat-victim", [1], [" "], [True]]),
    ("placeholder_birth_dates", ["1901-01-01", ["1901-01-01"], [1901], date(1901, 1, 1)]),
    ("colour", ["", "red", "#fff", "1d70b8", "#1d70b8;", 5]),
    ("stale_after_hours", [0, -1, 1.5, "24", True, 10**9]),
    ("closed_after_hours", [0, 23, "72", True]),
    ("invitations", ["", "manual", True, "Automatic", ["automatic"]]),
    ("invite_reported_from", ["2026-01-01", datetime(2026, 1, 1, tzinfo=UTC), 2026]),
    ("invitations_per_day", [0, -5, "200", True, 2.0]),
    ("require_active_officer", ["true", 1, 0]),
    ("push", ["true", 1, 0]),
    ("urgent_desk", ["", "desk", "desk@northshire", "a@b.example, c@d.example", 5]),
    ("case_system", ["niche", ["niche"], 5]),
    ("case_system.profile", ["", "nice", "Niche", 5]),
    (
        "case_system.url",
        [
            "",
            "127.0.0.1:9100",
            "ftp://a.example",
            "https://",
            "https://user:secret@a.example",
            "https://a.example/?key=1",
            "https://a.example/#x",
            "https://a.example:99999",
            "https://a b.example",
            "https://[::1",
            5,
        ],
    ),
    ("case_system.token_env", ["", "MY TOKEN", "1TOKEN", "MY-TOKEN", "TOKEN=x", 5]),
    ("case_system.poll_seconds", [0, -1, "30", True, 0.5]),
    ("case_system.settle_seconds", [0, -1, "30", True]),
    ("case_system.cutover_at", [datetime(2026, 12, 1, tzinfo=UTC)]),
    ("next_case_system.cutover_at", ["2026-12-01", date(2026, 12, 1), datetime(2026, 12, 1)]),  # noqa: DTZ001
    ("next_case_system", [{**NEXT, "profile": "niche", "url": "http://127.0.0.1:9100"}, "connect"]),
    ("officer_sign_in.issuer", ["", "id.example", 5]),
    ("officer_sign_in.client_id", ["", 5]),
    ("officer_sign_in.client_secret_env", ["", "a b"]),
]


@pytest.mark.parametrize("key, value", [(key, value) for key, values in WRONG for value in values])
def test_a_wrong_value_is_refused_by_the_name_of_its_key(key: str, value: object) -> None:
    *outer, last = key.split(".")
    overrides: dict[str, Any] = {last: value}
    if outer:
        overrides = {outer[0]: {**EVERYTHING.get(outer[0], {}), last: value}}
    message = refusal(force_toml(**overrides))
    assert f"'{key}' " in message
    assert message.startswith("force 1")


def test_automatic_invitations_need_the_day_from_which_they_go_out() -> None:
    message = refusal(force_toml(invitations="automatic"))
    assert message.startswith("force 1 (northshire): 'invite_reported_from' is missing")


def test_two_forces_may_not_share_a_slug() -> None:
    message = refusal(force_toml() + force_toml(name="Another"))
    assert message == "force 2 (northshire): 'slug' is the slug of an earlier force too"


def test_a_file_without_forces_is_refused() -> None:
    assert "[[force]]" in refusal("")
    assert "[[force]]" in refusal("force = []")
    assert "[[force]]" in refusal("[force]\nslug = 'x'")
    assert refusal("force = [1]") == "force 1: 'force' must be a [[force]] table"
    assert refusal(force_toml() + "[forces]\n") == "the forces file: unknown key 'forces'"


@pytest.mark.parametrize(
    "text", ["[[force", "a = 1\na = 2", "x = 2026-13-45", "a = " + "[" * 5000, "\x00"]
)
def test_what_is_not_toml_is_refused_in_one_line(text: str) -> None:
    assert refusal(text).startswith("the forces file is not TOML: ")


def test_the_next_system_may_share_an_address_under_another_profile() -> None:
    force = force_settings(next_case_system=NEXT | {"url": "http://127.0.0.1:9100"})
    assert force.next_case_system is not None


@given(
    st.dictionaries(
        st.sampled_from([*to_json(force_settings()), "colr"]),
        st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text(), max_size=2),
    )
)
def test_stored_settings_are_read_or_refused_in_one_line(spoiled: dict[str, Any]) -> None:
    message = ""
    try:
        from_json(to_json(force_settings()) | spoiled)
    except ForcesFileError as error:
        message = str(error)
    assert len(message.splitlines()) <= 1
