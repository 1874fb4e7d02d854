"""Loading the forces file into the database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from uuid import UUID

from sqlalchemy.orm import Session

from app.audit import actions as audit
from app.audit.vocabulary import OPERATOR, Action
from app.forces.models import Feed, Force
from app.forces.queries import feed_of, force_named
from app.forces.settings import ForceSettings, to_json

_DECIDE_WHO_MAY_BE_IN = frozenset(
    {"eligible_offences", "harmless_flags", "placeholder_birth_dates"}
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading did to one force. `changed` names its keys; all of them for a new force."""

    force_id: UUID
    slug: str
    is_new: bool
    changed: tuple[str, ...]
    has_moved: bool = False
    """Whether its case system is another one, or stands elsewhere: cursors mean nothing there."""

    @property
    def decides_anew(self) -> bool:
        """Whether the eligibility of the force's cases has to be decided again."""
        return not self.is_new and bool(_DECIDE_WHO_MAY_BE_IN & set(self.changed))


def load_forces(session: Session, forces: Iterable[ForceSettings]) -> list[Loaded]:
    """Create or update forces. A force that the file leaves out stays as it is."""
    return [_load(session, settings) for settings in forces]


def _load(session: Session, settings: ForceSettings) -> Loaded:
    force = force_named(session, settings.slug)
    if force is None:
        force = Force(
            slug=settings.slug,
            name=settings.name,
            phone=settings.phone,
            closed_after_hours=settings.closed_after_hours,
            settings_json=to_json(settings),
        )
        session.add(force)
        session.flush()
        changed = tuple(field.name for field in fields(settings))
        loaded = Loaded(force.id, settings.slug, is_new=True, changed=changed)
    else:
        before = force.settings
        changed = tuple(
            field.name
            for field in fields(settings)
            if getattr(before, field.name) != getattr(settings, field.name)
        )
        has_moved = _place(before) != _place(settings)
        loaded = Loaded(force.id, settings.slug, False, changed, has_moved)
        force.name = settings.name
        force.phone = settings.phone
        force.closed_after_hours = settings.closed_after_hours
        force.settings_json = to_json(settings)
    feed = _feed(session, force.id, settings)
    if loaded.decides_anew or loaded.has_moved:
        read_again(feed)
    if loaded.changed:
        audit.record(
            session,
            Action.FORCE_CHANGED,
            OPERATOR,
            force_id=force.id,
            keys=" ".join(loaded.changed),
        )
    return loaded


def _place(settings: ForceSettings) -> tuple[str, str]:
    return settings.case_system.profile, settings.case_system.url


def _feed(session: Session, force_id: UUID, settings: ForceSettings) -> Feed:
    """The feed of the force's system as it stands now, locked: a worker may be reading it."""
    system = settings.case_system.profile
    feed = feed_of(session, force_id, system, for_update=True)
    if feed is None:
        feed = Feed(force_id=force_id, system=system)
        session.add(feed)
        session.flush()
    return feed


def read_again(feed: Feed) -> None:
    """Read the feed from its start: what was not eligible was forgotten and must be told again.

    A re-read invites nobody. Whoever reads the feed just now has lost it, and starts again.
    """
    feed.lease_token = None
    feed.leased_until = None
    feed.cursor = None
    feed.reading_since = None
    feed.invites = False
    feed.due_at = None
