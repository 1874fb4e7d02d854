"""One adapter for each profile that a force's case system can have."""

from __future__ import annotations

from app.sync.adapters.niche import NicheCaseSystem
from app.sync.port import CALL_SECONDS, CaseSystem, NotBuiltYet

PROFILES = ("niche", "connect")


def connect_to(
    profile: str, url: str, token: str, *, call_seconds: float = CALL_SECONDS
) -> CaseSystem:
    """The case system at this address; nothing is called yet. Keep it: its connections are pooled.

    Raises NotBuiltYet for a profile of a later version, ValueError for an unknown one and for a
    token or an address that no request could carry.
    """
    if profile == "niche":
        return NicheCaseSystem(url, token, call_seconds=call_seconds)
    if profile in PROFILES:
        raise NotBuiltYet(f"case system profile '{profile}' is not built yet")
    raise ValueError(f"unknown case system profile '{profile}'")
