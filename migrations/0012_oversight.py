"""Reasons that staff give, pauses, outcomes of tasks, and the orders of their lists."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "given_reasons",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("force_id", sa.Uuid(), nullable=False),
        sa.Column("officer_id", sa.Uuid(), nullable=False),
        sa.Column("given_for", sa.String(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lasts_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_given_reasons_case_id_cases")
        ),
        sa.ForeignKeyConstraint(
            ["force_id"], ["forces.id"], name=op.f("fk_given_reasons_force_id_forces")
        ),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officers.id"], name=op.f("fk_given_reasons_officer_id_officers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_given_reasons")),
    )
    op.create_index(
        "ix_given_reasons_opening", "given_reasons", ["officer_id", "case_id", "lasts_until"]
    )
    op.add_column(
        "conversations", sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column(
        "conversations", sa.Column("to_read_since", sa.DateTime(timezone=True), nullable=True)
    )
    for name, columns, condition in _OF_CONVERSATIONS:
        op.create_index(name, "conversations", columns, **_where(condition))
    op.add_column("tasks", sa.Column("wrapped_key", sa.LargeBinary(), nullable=True))
    op.add_column("tasks", sa.Column("done_by_id", sa.Uuid(), nullable=True))
    op.add_column("tasks", sa.Column("outcome_sealed", sa.LargeBinary(), nullable=True))
    op.drop_index("ix_tasks_force", table_name="tasks")
    op.create_index(
        "ix_tasks_open", "tasks", ["force_id", "due_at", "id"], **_where("done_at IS NULL")
    )
    op.create_index("ix_audit_rows_day", "audit_rows", ["force_id", "at", "action"])
    op.create_index("ix_audit_rows_action", "audit_rows", ["force_id", "action", "id"])


_OF_CONVERSATIONS = (
    ("ix_conversations_paused", ["paused_until"], "paused_until IS NOT NULL"),
    ("ix_conversations_to_read", ["force_id", "to_read_since", "id"], "to_read_since IS NOT NULL"),
    (
        "ix_conversations_force_waiting",
        ["force_id", "waiting_since", "id"],
        "waiting_since IS NOT NULL",
    ),
)


def _where(condition: str) -> dict[str, sa.TextClause]:
    return {"postgresql_where": sa.text(condition), "sqlite_where": sa.text(condition)}


def downgrade() -> None:
    op.drop_index("ix_audit_rows_action", table_name="audit_rows")
    op.drop_index("ix_audit_rows_day", table_name="audit_rows")
    op.drop_index("ix_tasks_open", table_name="tasks")
    op.create_index("ix_tasks_force", "tasks", ["force_id", "due_at"])
    for column in ("outcome_sealed", "done_by_id", "wrapped_key"):
        op.drop_column("tasks", column)
    for name, _columns, _condition in _OF_CONVERSATIONS:
        op.drop_index(name, table_name="conversations")
    op.drop_column("conversations", "to_read_since")
    op.drop_column("conversations", "paused_until")
    op.drop_index("ix_given_reasons_opening", table_name="given_reasons")
    op.drop_table("given_reasons")
