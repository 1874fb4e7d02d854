"""A victim, and the officer in their case."""

from __future__ import annotations

import pytest

from tests.pages import Visitor
from tests.portal import Joined, OfficerAccount, Portal


@pytest.fixture
def officer(northshire: Portal) -> OfficerAccount:
    return northshire.add_officer()


@pytest.fixture
def victim(northshire: Portal, officer: OfficerAccount) -> Joined:
    return northshire.join()


@pytest.fixture
def reader(northshire: Portal, officer: OfficerAccount) -> Visitor:
    """The officer in the case."""
    return northshire.officer_signs_in(officer)
