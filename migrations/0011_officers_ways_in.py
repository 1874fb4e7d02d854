"""Officers' ways in: OpenID Connect, a new authenticator, recovery codes, passkeys."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def _added_to_officers() -> list[sa.Column[Any]]:
    return [
        sa.Column("new_authenticator_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("new_authenticator_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("subject_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("subject_index", sa.LargeBinary(), nullable=True),
    ]


def upgrade() -> None:
    for column in _added_to_officers():
        op.add_column("officers", column)
    op.create_index("ix_officers_subject_index", "officers", ["subject_index"], unique=True)
    op.create_table(
        "officer_recovery_codes",
        sa.Column("officer_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["officer_id"],
            ["officers.id"],
            name=op.f("fk_officer_recovery_codes_officer_id_officers"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officer_recovery_codes")),
    )
    op.create_index("ix_officer_recovery_codes_officer", "officer_recovery_codes", ["officer_id"])
    op.create_table(
        "officer_passkeys",
        sa.Column("officer_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officers.id"], name=op.f("fk_officer_passkeys_officer_id_officers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officer_passkeys")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_officer_passkeys_credential_id")),
    )
    op.create_index("ix_officer_passkeys_officer", "officer_passkeys", ["officer_id"])
    op.create_table(
        "used_tokens",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_used_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_used_tokens_token_hash")),
    )
    op.create_index("ix_used_tokens_used_at", "used_tokens", ["used_at"])


def downgrade() -> None:
    op.drop_table("used_tokens")
    op.drop_table("officer_passkeys")
    op.drop_table("officer_recovery_codes")
    op.drop_index("ix_officers_subject_index", table_name="officers")
    for column in reversed(_added_to_officers()):
        op.drop_column("officers", column.name)
