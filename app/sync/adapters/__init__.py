"""One adapter for each profile that a force's case system can have."""

from __future__ import annotations

from app.sync.adapters.connect import SETTLE_SECONDS, ConnectCaseSystem
from app.sync.adapters.niche import NicheCaseSystem
from app.sync.port import CALL_SECONDS, CaseSystem


def connect_to(
    profile: str,
    url: str,
    token: str,
    *,
    call_seconds: float = CALL_SECONDS,
    settle_seconds: float = SETTLE_SECONDS,
) -> CaseSystem:
    """The case system at this address; nothing is called yet. Keep it: its connections are pooled.

    Raises ValueError for an unknown profile and for a token or an address that no request could
    carry.
    """
    if profile == "niche":
        return NicheCaseSystem(url, token, call_seconds=call_seconds)
    if profile == "connect":
        return ConnectCaseSystem(
            url, token, call_seconds=call_seconds, settle_seconds=settle_seconds
        )
    raise ValueError(f"unknown case system profile '{profile}'")
