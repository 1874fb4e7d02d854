"""Cases as the case system told them, who has joined them, invitations, and tasks for people."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Officer, Victim
from app.database import Row, SealedRow, sealed
from app.forces.models import Force

IS_UNUSED = "used_at IS NULL AND revoked_at IS NULL AND unused_told_at IS NULL"
"""Of an invitation: out, or run out without anybody having been told. In an index, so a text."""

HAS_HASHES = "length(address_index) > 0"
"""Of an invitation: its hashes have not been forgotten yet. In an index, so a text."""


class InvitationState(StrEnum):
    """How inviting a case's victim stands. Only from NONE does an automatic invitation follow."""

    NONE = "none"
    WANTED = "wanted"
    INVITED = "invited"
    JOINED = "joined"
    ASKED_A_PERSON = "asked-a-person"
    ADDRESS_WRONG = "address-wrong"
    ADDRESS_CHANGED = "address-changed"
    IDENTITY_CHANGED = "identity-changed"
    LEFT = "left"
    """The victim had joined, and left. Only an officer may invite again."""
    NEVER_BY_ITSELF = "never-by-itself"
    """First seen closed: only an officer may invite."""


class Case(SealedRow):
    """One case of one force.

    Of a case that is not eligible and that nobody has joined, only keyed hashes, the reason
    and what bars the person's other cases is kept: no key, no facts.
    """

    __tablename__ = "cases"
    __table_args__ = (
        Index("ix_cases_same_victim", "force_id", "victim_index"),
        Index("ix_cases_same_person", "force_id", "person_index"),
        Index("ix_cases_officer_invitations", "officer_id", "invitation_state", "id"),
        Index(
            "ix_cases_invitation_wanted",
            "force_id",
            "id",
            postgresql_where=text("invitation_state = 'wanted'"),
            sqlite_where=text("invitation_state = 'wanted'"),
        ),
    )

    force_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("forces.id"))
    victim_index: Mapped[bytes | None]
    person_index: Mapped[bytes | None]
    reason: Mapped[str | None]
    """Why it is not open online (a code); None: eligible when the feed last spoke."""
    is_danger: Mapped[bool] = mapped_column(default=False)
    """Bars the same person's other cases until `danger_until` (None: no end known)."""
    danger_until: Mapped[datetime | None]
    open_until: Mapped[datetime | None]
    """When what is known of it becomes too old to be trusted."""
    held_at: Mapped[datetime | None]
    """Safeguarding hold: only a supervisor lifts it."""
    facts_text_sealed: Mapped[bytes | None]
    facts_text = sealed()
    """The facts as JSON, while the case is eligible or joined."""
    status: Mapped[str | None]
    released_status: Mapped[str | None]
    officer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("officers.id"))
    invitation_state: Mapped[str] = mapped_column(default=InvitationState.NONE.value)
    seen_at: Mapped[datetime]

    force: Mapped[Force] = relationship()
    officer: Mapped[Officer | None] = relationship()


class StatusRelease(Row):
    """That an officer let the victim see a status: what the victim was told, and when."""

    __tablename__ = "status_releases"
    __table_args__ = (Index("ix_status_releases_case", "case_id", "released_at"),)

    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cases.id"))
    force_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("forces.id"))
    status: Mapped[str]
    released_at: Mapped[datetime]


class CaseReference(Row):
    """A reference of a case in one system, as a keyed hash.

    One that is superseded no longer speaks for the case: what is told under it can only add danger.
    """

    __tablename__ = "case_references"
    __table_args__ = (
        UniqueConstraint("force_id", "system", "reference_index"),
        Index("ix_case_references_case", "case_id"),
        # Whatever system it is from: references are unique in each, and asked for across all.
        Index("ix_case_references_lookup", "force_id", "reference_index"),
    )

    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cases.id"))
    force_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("forces.id"))
    system: Mapped[str]
    reference_index: Mapped[bytes]
    superseded_at: Mapped[datetime | None]
    """When it was seen that the case has another reference by now."""
    danger_told_at: Mapped[datetime | None]
    """Since when a danger is told under this superseded reference; it bars like another case's,
    until `danger_until` (None: no end known)."""
    danger_until: Mapped[datetime | None]


class CaseAddress(Row):
    """An address on a case as a keyed hash, to notice that two victims share it."""

    __tablename__ = "case_addresses"
    __table_args__ = (
        UniqueConstraint("case_id", "channel"),
        Index("ix_case_addresses_same", "force_id", "address_index"),
    )

    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cases.id"))
    force_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("forces.id"))
    channel: Mapped[str]
    address_index: Mapped[bytes]


class Enrolment(Row):
    """That a victim joined a case. At most one of a case has no end."""

    __tablename__ = "enrolments"
    __table_args__ = (
        Index(
            "uq_enrolments_current",
            "case_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
        Index("ix_enrolments_victim", "victim_id"),
        Index(
            "ix_enrolments_reread",
            "reread_at",
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
        Index(
            "ix_enrolments_look",
            "look_at",
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
    )

    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cases.id"))
    victim_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("victims.id"))
    identity_index: Mapped[bytes]
    """Victim id, surname and birth date as they were at joining, as one keyed hash."""
    joined_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    reread_at: Mapped[datetime | None]
    """When its case was last asked for by itself, past the feed."""
    look_at: Mapped[datetime | None]
    """When to look whether the victim has been seen lately."""
    absent_told_at: Mapped[datetime | None]
    """When the officer was last told that they have not."""

    case: Mapped[Case] = relationship()
    victim: Mapped[Victim] = relationship()


class Invitation(Row):
    """A way in, once, for the victim of one case. Only the token's hash is kept."""

    __tablename__ = "invitations"
    __table_args__ = (
        Index("ix_invitations_case", "case_id"),
        Index("ix_invitations_made", "force_id", "made_at"),
        Index(
            "ix_invitations_old",
            "expires_at",
            postgresql_where=text(HAS_HASHES),
            sqlite_where=text(HAS_HASHES),
        ),
        Index("ix_invitations_wrong", "force_id", "last_wrong_at"),
        Index(
            "ix_invitations_unused",
            "expires_at",
            postgresql_where=text(IS_UNUSED),
            sqlite_where=text(IS_UNUSED),
        ),
        Index(
            "ix_invitations_reread",
            "reread_at",
            postgresql_where=text(IS_UNUSED),
            sqlite_where=text(IS_UNUSED),
        ),
    )

    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cases.id"))
    force_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("forces.id"))
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    address_index: Mapped[bytes]
    made_at: Mapped[datetime]
    made_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("officers.id"))
    expires_at: Mapped[datetime]
    wrong_answers: Mapped[int] = mapped_column(default=0)
    last_wrong_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    unused_told_at: Mapped[datetime | None]
    """When it was seen that nobody had used it in time, and the officer told."""
    reread_at: Mapped[datetime | None]
    """When its case was last asked for by itself, past the feed."""

    case: Mapped[Case] = relationship()


class TaskKind(StrEnum):
    SAFEGUARDING_HOLD = "safeguarding-hold"
    IDENTITY_CHANGED = "identity-changed"
    ADDRESS_WRONG = "address-wrong"
    ADDRESS_CHANGED = "address-changed"
    INVITATION_LIMIT = "invitation-limit"
    WORDS_IN_THE_GAP = "words-in-the-gap"
    ENTRY_NEEDS_A_PERSON = "entry-needs-a-person"
    """For force administrators and the contact bureau."""
    URGENT_ENTRY_LATE = "urgent-entry-late"
    """Of high priority and not on the record after 15 minutes: for the same people, at once."""
    EXTRA_WORD_SHUT = "extra-word-shut"
    CASE_UNKNOWN = "case-unknown"
    """Asked for a joined case, the case system says that there is none."""
    DISCLOSURE = "disclosure"
    """A victim told of another crime, or of harm."""
    WITHDRAWAL = "withdrawal"
    """A victim may want to withdraw: somebody speaks to them alone."""
    COMPLAINT = "complaint"
    """About the officer or the police."""
    URGENT_WORDS = "urgent-words"
    """A message holds words of the screening list."""
    INVITATION_UNUSED = "invitation-unused"
    """Not reached online, like the next three: the agreed way is what is left."""
    MESSAGE_UNREAD = "message-unread"
    ADDRESS_BOUNCED = "address-bounced"
    NOT_SEEN = "not-seen"
    VICTIM_LEFT = "victim-left"
    CALL_WANTED = "call-wanted"
    """A victim asks to be phoned."""
    DATA_COMPLAINT = "data-complaint"
    """A victim complains about how their data is handled."""
    URGENT_COMPLAINT = "urgent-complaint"
    """Such a complaint holds words of the screening list."""


FOR_FORCE_ADMIN = frozenset(
    {TaskKind.ENTRY_NEEDS_A_PERSON, TaskKind.URGENT_ENTRY_LATE, TaskKind.CASE_UNKNOWN}
)
"""What is about the machinery and not about a person."""

ABOUT_OFFICER = frozenset({TaskKind.COMPLAINT, TaskKind.DATA_COMPLAINT, TaskKind.URGENT_COMPLAINT})
"""Not for whoever is in charge of the case, who may be the one it is about."""


class Task(SealedRow):
    """Something a person of the force has to do about a case. Gets its key with its outcome."""

    __tablename__ = "tasks"
    __table_args__ = (
        Index("ix_tasks_case", "case_id"),
        Index(
            "ix_tasks_open",
            "force_id",
            "due_at",
            "id",
            postgresql_where=text("done_at IS NULL"),
            sqlite_where=text("done_at IS NULL"),
        ),
    )

    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cases.id"))
    force_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("forces.id"))
    kind: Mapped[str]
    made_at: Mapped[datetime]
    due_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[uuid.UUID | None]
    outcome_sealed: Mapped[bytes | None]
    outcome = sealed()
    """What came of it, in words. Goes nowhere else."""
    subject_id: Mapped[uuid.UUID | None]

    case: Mapped[Case] = relationship()


class ReasonFor(StrEnum):
    """What somebody of the force gave a reason for."""

    OPENING = "opening"
    LIFTING_A_HOLD = "lifting-a-hold"
    PAUSING = "pausing"


class GivenReason(SealedRow):
    """A reason in somebody's own words. The audit row that names it holds none."""

    __tablename__ = "given_reasons"
    __table_args__ = (Index("ix_given_reasons_opening", "officer_id", "case_id", "lasts_until"),)

    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cases.id"))
    force_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("forces.id"))
    officer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("officers.id"))
    given_for: Mapped[str]
    given_at: Mapped[datetime]
    lasts_until: Mapped[datetime | None]
    """Of an opening: until when the case is open to this officer."""
    words_sealed: Mapped[bytes | None]
    words = sealed()


class DataComplaint(SealedRow):
    """A victim's complaint about how their data is handled, in their words.

    Kept for the force's data protection team; it does not go onto the case record.
    """

    __tablename__ = "data_complaints"
    __table_args__ = (
        UniqueConstraint("victim_id", "client_id"),
        Index("ix_data_complaints_made", "case_id", "made_at"),
    )

    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cases.id"))
    force_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("forces.id"))
    victim_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("victims.id"))
    client_id: Mapped[str]
    made_at: Mapped[datetime]
    words_sealed: Mapped[bytes | None]
    words = sealed()
