"""Notices owed to people."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notices",
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("to_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("context_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("force_id", sa.Uuid(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("victim_id", sa.Uuid(), nullable=True),
        sa.Column("officer_id", sa.Uuid(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_notices_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["force_id"], ["forces.id"], name=op.f("fk_notices_force_id_forces")
        ),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officers.id"], name=op.f("fk_notices_officer_id_officers")
        ),
        sa.ForeignKeyConstraint(
            ["victim_id"], ["victims.id"], name=op.f("fk_notices_victim_id_victims")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    op.create_index("ix_notices_case", "notices", ["case_id"], unique=False)
    op.create_index(
        "ix_notices_due",
        "notices",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'owed'"),
        sqlite_where=sa.text("state = 'owed'"),
    )
    op.create_index("ix_notices_victim", "notices", ["victim_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_notices_victim", table_name="notices")
    op.drop_index(
        "ix_notices_due",
        table_name="notices",
        postgresql_where=sa.text("state = 'owed'"),
        sqlite_where=sa.text("state = 'owed'"),
    )
    op.drop_index("ix_notices_case", table_name="notices")
    op.drop_table("notices")
