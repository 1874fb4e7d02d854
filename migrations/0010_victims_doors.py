"""Codes that are held back, known devices, the extra word, changes of address, the brake."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make_tables()
    _add_flags("sign_in_codes", "is_withheld", "is_own_device")
    with op.batch_alter_table("sign_in_sessions") as table:
        table.add_column(sa.Column("device_id", sa.Uuid(), nullable=True))
        table.add_column(sa.Column("browser", sa.String(), nullable=True))
        table.create_foreign_key(
            op.f("fk_sign_in_sessions_device_id_known_devices"),
            "known_devices",
            ["device_id"],
            ["id"],
        )
    _add_flags("sign_in_sessions", "is_new_device")
    op.add_column(
        "invitations", sa.Column("last_wrong_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_index("ix_invitations_wrong", "invitations", ["force_id", "last_wrong_at"])


def _add_flags(table_name: str, *names: str) -> None:
    """Columns that say no of every row that is there."""
    for name in names:
        op.add_column(table_name, sa.Column(name, sa.Boolean(), nullable=True))
        table = sa.table(table_name, sa.column(name, sa.Boolean()))
        op.execute(table.update().values({name: False}))
    with op.batch_alter_table(table_name) as batch:
        for name in names:
            batch.alter_column(name, existing_type=sa.Boolean(), nullable=False)


def _make_tables() -> None:
    op.create_table(
        "known_devices",
        sa.Column("victim_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_up_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["victim_id"], ["victims.id"], name=op.f("fk_known_devices_victim_id_victims")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_devices")),
        sa.UniqueConstraint(
            "victim_id", "token_hash", name=op.f("uq_known_devices_victim_id_token_hash")
        ),
    )
    op.create_table(
        "extra_words",
        sa.Column("victim_id", sa.Uuid(), nullable=False),
        sa.Column("word_hash_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("wrong_tries", sa.Integer(), nullable=False),
        sa.Column("shut_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("offer_closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["victim_id"], ["victims.id"], name=op.f("fk_extra_words_victim_id_victims")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extra_words")),
        sa.UniqueConstraint("victim_id", name=op.f("uq_extra_words_victim_id")),
    )
    op.create_table(
        "address_changes",
        sa.Column("victim_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("value_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("old_code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("new_code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["sign_in_sessions.id"],
            name=op.f("fk_address_changes_session_id_sign_in_sessions"),
        ),
        sa.ForeignKeyConstraint(
            ["victim_id"], ["victims.id"], name=op.f("fk_address_changes_victim_id_victims")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_changes")),
    )
    op.create_index("ix_address_changes_victim", "address_changes", ["victim_id", "asked_at"])


def downgrade() -> None:
    op.drop_index("ix_invitations_wrong", table_name="invitations")
    op.drop_column("invitations", "last_wrong_at")
    op.drop_table("address_changes")
    op.drop_table("extra_words")
    with op.batch_alter_table("sign_in_sessions") as table:
        table.drop_constraint(
            op.f("fk_sign_in_sessions_device_id_known_devices"), type_="foreignkey"
        )
        for name in ("device_id", "browser", "is_new_device"):
            table.drop_column(name)
    with op.batch_alter_table("sign_in_codes") as table:
        for name in ("is_withheld", "is_own_device"):
            table.drop_column(name)
    op.drop_table("known_devices")
