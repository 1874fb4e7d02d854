"""Entries owed to case systems, in streams."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outbox_force_waits",
        sa.Column("force_id", sa.Uuid(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["force_id"], ["forces.id"], name=op.f("fk_outbox_force_waits_force_id_forces")
        ),
        sa.PrimaryKeyConstraint("force_id", name=op.f("pk_outbox_force_waits")),
    )
    op.create_table(
        "outbox_streams",
        sa.Column("force_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["force_id"], ["forces.id"], name=op.f("fk_outbox_streams_force_id_forces")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_streams")),
    )
    op.create_index("ix_outbox_streams_due_at", "outbox_streams", ["due_at"], unique=False)
    op.create_table(
        "outbox_entries",
        sa.Column("stream_id", sa.Uuid(), nullable=False),
        sa.Column("force_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("priority", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("owed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("receipts", sa.JSON(), nullable=False),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["force_id"], ["forces.id"], name=op.f("fk_outbox_entries_force_id_forces")
        ),
        sa.ForeignKeyConstraint(
            ["stream_id"],
            ["outbox_streams.id"],
            name=op.f("fk_outbox_entries_stream_id_outbox_streams"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_entries")),
        sa.UniqueConstraint(
            "stream_id", "position", name=op.f("uq_outbox_entries_stream_id_position")
        ),
    )
    op.create_index(
        "ix_outbox_entries_unrecorded",
        "outbox_entries",
        ["stream_id", "position"],
        unique=False,
        postgresql_where=sa.text("state <> 'recorded'"),
        sqlite_where=sa.text("state <> 'recorded'"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_outbox_entries_unrecorded",
        table_name="outbox_entries",
        postgresql_where=sa.text("state <> 'recorded'"),
        sqlite_where=sa.text("state <> 'recorded'"),
    )
    op.drop_table("outbox_entries")
    op.drop_index("ix_outbox_streams_due_at", table_name="outbox_streams")
    op.drop_table("outbox_streams")
    op.drop_table("outbox_force_waits")
