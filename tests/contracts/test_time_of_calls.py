"""When a case system may be called: not after a call's end, and not while it asks for a pause."""

from __future__ import annotations

import pytest

from app import clock
from app.sync.port import CaseSystemFailed, NoAnswer, Recorded, Silence
from tests.contracts.case_systems import CaseSystemUnderTest
from tests.factories.entries import an_entry

CASE = "NS/0002/26"


@pytest.mark.parametrize("fault", ["429", "503"])
def test_look_up_tells_how_long_it_was_asked_to_wait(
    case_system: CaseSystemUnderTest, fault: str
) -> None:
    case_system.put_case(CASE)
    case_system.fail(fault, retry_after=120)

    with pytest.raises(CaseSystemFailed) as failed:
        case_system.system.entry(CASE, an_entry().external_id)

    assert (failed.value.status, failed.value.retry_after) == (int(fault), 120.0)


def test_entry_that_is_too_late_to_be_sent_is_not(case_system: CaseSystemUnderTest) -> None:
    case_system.put_case(CASE)
    now = clock.boot_seconds()

    assert case_system.system.record(CASE, an_entry(), now) == NoAnswer(Silence.NOT_SENT)
    assert case_system.held(CASE) == ()

    assert isinstance(case_system.system.record(CASE, an_entry(), now + 10), Recorded)
