"""Victims with their sign-in addresses, and officers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "victims",
        sa.Column("given_name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("family_name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("person_index", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("notice_channel", sa.String(), nullable=True),
        sa.Column("notices_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_victims")),
    )
    op.create_table(
        "officers",
        sa.Column("force_id", sa.Uuid(), nullable=False),
        sa.Column("collar", sa.String(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("work_email_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("email_index", sa.LargeBinary(), nullable=True),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("authenticator_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("authenticator_step", sa.Integer(), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("last_signed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["force_id"], ["forces.id"], name=op.f("fk_officers_force_id_forces")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officers")),
        sa.UniqueConstraint("force_id", "collar", name=op.f("uq_officers_force_id_collar")),
    )
    op.create_index("ix_officers_email_index", "officers", ["email_index"], unique=True)
    op.create_table(
        "victim_addresses",
        sa.Column("victim_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("value_index", sa.LargeBinary(), nullable=False),
        sa.Column("value_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["victim_id"], ["victims.id"], name=op.f("fk_victim_addresses_victim_id_victims")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_victim_addresses")),
        sa.UniqueConstraint("value_index", name=op.f("uq_victim_addresses_value_index")),
    )
    op.create_index(
        op.f("ix_victim_addresses_victim_id"), "victim_addresses", ["victim_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_victim_addresses_victim_id"), table_name="victim_addresses")
    op.drop_table("victim_addresses")
    op.drop_index("ix_officers_email_index", table_name="officers")
    op.drop_table("officers")
    op.drop_table("victims")
