"""What the case page shows and takes: what was told when, the day of the next reply, requests to be
phoned, complaints about data protection, feedback."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_TABLES = ("status_releases", "call_requests", "data_complaints", "feedback")


def upgrade() -> None:
    op.add_column("conversations", sa.Column("next_reply_on", sa.Date(), nullable=True))
    op.create_table(
        "status_releases",
        *_of_case("status_releases"),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_status_releases_case", "status_releases", ["case_id", "released_at"])
    op.create_table(
        "call_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        _to("call_requests", "conversation_id", "conversations"),
        _to("call_requests", "force_id", "forces"),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_requests")),
        sa.UniqueConstraint(
            "conversation_id",
            "client_id",
            "fingerprint",
            name=op.f("uq_call_requests_conversation_id_client_id_fingerprint"),
        ),
    )
    op.create_index("ix_call_requests_asked", "call_requests", ["conversation_id", "asked_at"])
    op.create_table(
        "data_complaints",
        *_of_case("data_complaints"),
        _to("data_complaints", "victim_id", "victims"),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.UniqueConstraint(
            "victim_id", "client_id", name=op.f("uq_data_complaints_victim_id_client_id")
        ),
    )
    op.create_index("ix_data_complaints_made", "data_complaints", ["case_id", "made_at"])
    op.create_table(
        "feedback",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
    )
    op.create_index("ix_feedback_given", "feedback", ["given_on", "id"])


def _of_case(table: str) -> tuple[sa.Column[object] | sa.Constraint, ...]:
    return (
        sa.Column("id", sa.Uuid(), nullable=False),
        _to(table, "case_id", "cases"),
        _to(table, "force_id", "forces"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def _to(table: str, column: str, other: str) -> sa.Column[object]:
    reference = sa.ForeignKey(f"{other}.id", name=op.f(f"fk_{table}_{column}_{other}"))
    return sa.Column(column, sa.Uuid(), reference, nullable=False)


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)
    op.drop_column("conversations", "next_reply_on")
