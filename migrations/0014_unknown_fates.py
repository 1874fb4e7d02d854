"""Calls of unknown fate, a breaker for each force, urgent streams, outcomes, daily re-reads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

URGENT_ENTRIES = sa.text("priority = 'high' AND state <> 'recorded'")
CURRENT = sa.text("ended_at IS NULL")
URGENT_STREAMS = sa.text("urgent_since IS NOT NULL")


def upgrade() -> None:
    op.drop_table("outbox_force_waits")
    op.create_table(
        "outbox_breakers",
        sa.Column("force_id", sa.Uuid(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_stream_id", sa.Uuid(), nullable=True),
        sa.Column("open_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["force_id"], ["forces.id"], name=op.f("fk_outbox_breakers_force_id_forces")
        ),
        sa.PrimaryKeyConstraint("force_id", name=op.f("pk_outbox_breakers")),
    )
    op.create_table(
        "sync_outcomes",
        sa.Column("force_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["force_id"], ["forces.id"], name=op.f("fk_sync_outcomes_force_id_forces")
        ),
        sa.PrimaryKeyConstraint("force_id", "outcome", name=op.f("pk_sync_outcomes")),
    )
    op.create_table(
        "sync_risk_fields",
        sa.Column("force_id", sa.Uuid(), nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["force_id"], ["forces.id"], name=op.f("fk_sync_risk_fields_force_id_forces")
        ),
        sa.PrimaryKeyConstraint("force_id", "system", "field", name=op.f("pk_sync_risk_fields")),
    )
    op.add_column("enrolments", sa.Column("reread_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_enrolments_reread",
        "enrolments",
        ["reread_at"],
        postgresql_where=CURRENT,
        sqlite_where=CURRENT,
    )
    op.add_column(
        "outbox_streams", sa.Column("urgent_since", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column(
        "outbox_entries", sa.Column("alive_until", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column("outbox_entries", sa.Column("hand_reason_sealed", sa.LargeBinary()))
    op.drop_index("ix_outbox_streams_due_at", table_name="outbox_streams")
    op.create_index("ix_outbox_streams_due", "outbox_streams", ["force_id", "due_at"])
    op.create_index(
        "ix_outbox_streams_urgent",
        "outbox_streams",
        ["force_id", "due_at"],
        postgresql_where=URGENT_STREAMS,
        sqlite_where=URGENT_STREAMS,
    )
    op.create_index(
        "ix_outbox_entries_urgent",
        "outbox_entries",
        ["owed_at"],
        postgresql_where=URGENT_ENTRIES,
        sqlite_where=URGENT_ENTRIES,
    )


def downgrade() -> None:
    op.drop_index(
        "ix_enrolments_reread",
        table_name="enrolments",
        postgresql_where=CURRENT,
        sqlite_where=CURRENT,
    )
    op.drop_column("enrolments", "reread_at")
    op.drop_table("sync_risk_fields")
    op.drop_table("sync_outcomes")
    op.drop_index(
        "ix_outbox_entries_urgent",
        table_name="outbox_entries",
        postgresql_where=URGENT_ENTRIES,
        sqlite_where=URGENT_ENTRIES,
    )
    op.drop_index(
        "ix_outbox_streams_urgent",
        table_name="outbox_streams",
        postgresql_where=URGENT_STREAMS,
        sqlite_where=URGENT_STREAMS,
    )
    op.drop_index("ix_outbox_streams_due", table_name="outbox_streams")
    op.create_index("ix_outbox_streams_due_at", "outbox_streams", ["due_at"])
    op.drop_column("outbox_entries", "hand_reason_sealed")
    op.drop_column("outbox_entries", "alive_until")
    op.drop_column("outbox_streams", "urgent_since")
    op.drop_table("outbox_breakers")
    op.create_table(
        "outbox_force_waits",
        sa.Column("force_id", sa.Uuid(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["force_id"], ["forces.id"], name=op.f("fk_outbox_force_waits_force_id_forces")
        ),
        sa.PrimaryKeyConstraint("force_id", name=op.f("pk_outbox_force_waits")),
    )
