"""Conversations, messages, and words kept for their author."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "conversations",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("victim_id", sa.Uuid(), nullable=False),
        sa.Column("force_id", sa.Uuid(), nullable=False),
        sa.Column("officer_id", sa.Uuid(), nullable=True),
        sa.Column("reference_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("victim_reference_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("last_sequence", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_activity_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("victim_read_to", sa.Integer(), nullable=False),
        sa.Column("victim_read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("officer_read_to", sa.Integer(), nullable=False),
        sa.Column("case_shown", sa.LargeBinary(), nullable=True),
        sa.Column("needs_a_person", sa.Integer(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_conversations_case_id_cases")
        ),
        sa.ForeignKeyConstraint(
            ["force_id"], ["forces.id"], name=op.f("fk_conversations_force_id_forces")
        ),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officers.id"], name=op.f("fk_conversations_officer_id_officers")
        ),
        sa.ForeignKeyConstraint(
            ["victim_id"], ["victims.id"], name=op.f("fk_conversations_victim_id_victims")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversations")),
        sa.UniqueConstraint(
            "case_id", "victim_id", name=op.f("uq_conversations_case_id_victim_id")
        ),
    )
    op.create_index(
        "ix_conversations_recent",
        "conversations",
        ["officer_id", "last_activity_at", "id"],
        unique=False,
    )
    op.create_index("ix_conversations_victim", "conversations", ["victim_id"], unique=False)
    op.create_index(
        "ix_conversations_waiting",
        "conversations",
        ["officer_id", "waiting_since", "id"],
        unique=False,
    )
    op.create_table(
        "kept_texts",
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_kept_texts_case_id_cases")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_texts")),
        sa.UniqueConstraint("author_id", "case_id", name=op.f("uq_kept_texts_author_id_case_id")),
    )
    op.create_index("ix_kept_texts_expires_at", "kept_texts", ["expires_at"], unique=False)
    op.create_table(
        "messages",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("force_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("author_kind", sa.String(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("author_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_messages_conversation_id_conversations"),
        ),
        sa.ForeignKeyConstraint(
            ["force_id"], ["forces.id"], name=op.f("fk_messages_force_id_forces")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint(
            "conversation_id",
            "author_id",
            "client_id",
            "fingerprint",
            name=op.f("uq_messages_conversation_id_author_id_client_id_fingerprint"),
        ),
        sa.UniqueConstraint(
            "conversation_id", "sequence", name=op.f("uq_messages_conversation_id_sequence")
        ),
    )
    op.create_index(
        "ix_messages_author_rate",
        "messages",
        ["conversation_id", "author_kind", "sent_at"],
        unique=False,
    )
    op.create_index(
        "ix_messages_revision", "messages", ["conversation_id", "revision"], unique=False
    )
    op.create_index(
        "ix_messages_unrecorded",
        "messages",
        ["force_id", "state", "sent_at"],
        unique=False,
        postgresql_where=sa.text("state <> 'recorded'"),
        sqlite_where=sa.text("state <> 'recorded'"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_messages_unrecorded",
        table_name="messages",
        postgresql_where=sa.text("state <> 'recorded'"),
        sqlite_where=sa.text("state <> 'recorded'"),
    )
    op.drop_index("ix_messages_revision", table_name="messages")
    op.drop_index("ix_messages_author_rate", table_name="messages")
    op.drop_table("messages")
    op.drop_index("ix_kept_texts_expires_at", table_name="kept_texts")
    op.drop_table("kept_texts")
    op.drop_index("ix_conversations_waiting", table_name="conversations")
    op.drop_index("ix_conversations_victim", table_name="conversations")
    op.drop_index("ix_conversations_recent", table_name="conversations")
    op.drop_table("conversations")
