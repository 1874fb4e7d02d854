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


@pytest.fixture
def connect_process(tmp_path: Path) -> Iterator[DemoProcess]:
    """The same with the profile that cannot recognise a repeated call."""
    process = DemoProcess(tmp_path / "case-system", "connect")
    yield process
    process.close()


@pytest.fixture(params=["memory", "memory-log", "niche", "connect"])
def case_system(request: pytest.FixtureRequest) -> CaseSystemUnderTest:
    """Every case system that must keep the contract, one after the other."""
    return _under_test(request)


@pytest.fixture(params=["memory", "niche"])
def idempotent_system(request: pytest.FixtureRequest) -> CaseSystemUnderTest:
    """Those that recognise a repeated call."""
    return _under_test(request)


@pytest.fixture(params=["memory-log", "connect"])
def log_system(request: pytest.FixtureRequest) -> CaseSystemUnderTest:
    """Those that make an entry of every call."""
    return _under_test(request)


def _under_test(request: pytest.FixtureRequest) -> CaseSystemUnderTest:
    if request.param.startswith("memory"):
        return InMemory(is_idempotent=request.param == "memory")
    name = "connect_process" if request.param == "connect" else "demo_process"
    process: DemoProcess = request.getfixturevalue(name)
    return process
