"""`sync conformance`: the contract tried against a force's own endpoint."""

from __future__ import annotations

import pytest

from app.sync.conformance import Bench, Finding, Verdict, constant_risk_fields, try_out
from tests.contracts.case_systems import TOKEN, CaseSystemUnderTest, DemoProcess
from tests.factories.facts import case_json, force_settings
from tests.portal import open_portal

REFERENCE = "14/123456/25"
NEED_FAULTS = 3


def findings(under_test: DemoProcess) -> list[Finding]:
    case = case_json(reference=REFERENCE)
    under_test.put_case(REFERENCE, **{key: case[key] for key in case if key != "reference"})
    return list(try_out(Bench(under_test.system, under_test.connect("wrong"), REFERENCE)))


@pytest.mark.parametrize("profile, not_for_it", [("demo_process", 0), ("connect_process", 2)])
def test_demo_case_system_breaks_nothing(
    request: pytest.FixtureRequest, profile: str, not_for_it: int
) -> None:
    found = findings(request.getfixturevalue(profile))
    assert [each for each in found if each.verdict is Verdict.BROKEN] == []
    tried = [each for each in found if each.verdict is Verdict.HOLDS]
    assert len(tried) == len(found) - NEED_FAULTS - not_for_it


def test_what_is_broken_comes_with_evidence(demo_process: DemoProcess) -> None:
    demo_process.tell("/demo/faults", {"fault": "500", "probability": 1, "path": "/entries"})
    broken = {
        each.rule: each.evidence
        for each in findings(demo_process)
        if each.verdict is Verdict.BROKEN
    }
    rule = "an entry gets a receipt and is read back unchanged"
    assert broken[rule] == "an entry was answered 500"
    assert "the test case is told, every key readable" not in broken


def test_constant_risk_fields_are_named(demo_process: DemoProcess) -> None:
    for number in range(25):
        case = case_json()
        case["victim"]["safeToContact"] = number % 3 > 0
        told: CaseSystemUnderTest = demo_process
        told.put_case(case["reference"], **{k: case[k] for k in case if k != "reference"})
    cases, constant = constant_risk_fields(demo_process.system)
    assert cases == 25
    assert "domesticAbuse" in constant
    assert "victim.safeToContact" not in constant


def test_command_says_for_each_rule_what_was_found(
    connect_process: DemoProcess, migrated_sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = connect_process.url
    system = force_settings(case_system={"profile": "connect", "url": url}).case_system
    monkeypatch.setenv(system.token_env, TOKEN)
    portal = open_portal(migrated_sqlite_url)
    portal.add_force(case_system={"profile": "connect", "url": url})
    case = case_json(reference=REFERENCE)
    connect_process.put_case(REFERENCE, **{k: case[k] for k in case if k != "reference"})

    told = portal.app.test_cli_runner().invoke(
        args=["sync", "conformance", "--force", "northshire", "--reference", REFERENCE]
    )

    assert told.exit_code == 0, told.output
    assert "holds      a slash in a reference stays in its segment of the path" in told.output
    assert "not tried  other words under the same id are 409" in told.output
    assert "risk fields that never vary in 1 cases: -" in told.output
    portal.database.engine.dispose()
