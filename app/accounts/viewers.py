"""Who is looking: what the access rules and every query are asked with."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from app.audit.vocabulary import Actor


class Role(StrEnum):
    """What an officer's account may do, as its force says."""

    OFFICER = "officer"
    SUPERVISOR = "supervisor"
    CONTACT_BUREAU = "contact-bureau"
    FORCE_ADMIN = "force-admin"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class VictimViewer:
    """A signed-in victim."""

    id: UUID

    @property
    def actor(self) -> Actor:
        return Actor("victim", self.id)


@dataclass(frozen=True, slots=True)
class OfficerViewer:
    """A signed-in officer or member of staff of one force."""

    id: UUID
    force_id: UUID
    roles: frozenset[Role]

    @property
    def actor(self) -> Actor:
        return Actor("officer", self.id, self.force_id)


Viewer = VictimViewer | OfficerViewer
