"""A victim who wants to be told, and their officer."""

from __future__ import annotations

import pytest

from tests.portal import Joined, OfficerAccount, Portal


@pytest.fixture
def told(northshire: Portal, officer: OfficerAccount) -> Joined:
    """A victim who chose to be told by e-mail, and went away."""
    victim = northshire.join()
    page = victim.visitor.see("/safety")
    victim.visitor.send(page.form("Continue to your case"), channel="email", only_me="y")
    return victim
