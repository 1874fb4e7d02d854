"""The case systems under test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contracts.case_systems import CaseSystemUnderTest, DemoProcess, InMemory


@pytest.fixture
def demo_process(tmp_path: Path) -> Iterator[DemoProcess]:
    """The demo case system in a process of its own."""
    process = DemoProcess(tmp_path / "case-system")
    yield process
    process.close()


@pytest.fixture(params=["memory", "niche"])
def case_system(request: pytest.FixtureRequest) -> CaseSystemUnderTest:
    """Every case system that must keep the contract, one after the other."""
    if request.param == "memory":
        return InMemory()
    process: DemoProcess = request.getfixturevalue("demo_process")
    return process
