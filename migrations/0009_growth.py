"""Recorded messages counted as they are recorded; a case found by its reference in one look."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recorded_totals",
        sa.Column("force_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("messages", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["force_id"], ["forces.id"], name=op.f("fk_recorded_totals_force_id_forces")
        ),
        sa.PrimaryKeyConstraint("force_id", "part", name=op.f("pk_recorded_totals")),
    )
    op.execute(
        "INSERT INTO recorded_totals (force_id, part, messages) "
        "SELECT force_id, 0, count(*) FROM messages WHERE state = 'recorded' GROUP BY force_id"
    )
    op.create_index(
        "ix_case_references_lookup",
        "case_references",
        ["force_id", "reference_index"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index("ix_case_references_lookup", table_name="case_references")
    op.drop_table("recorded_totals")
