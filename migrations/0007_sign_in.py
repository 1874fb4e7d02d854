"""Sessions, codes, and officers' wrong tries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "officer_sign_in_tries",
        sa.Column("email_index", sa.LargeBinary(), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officer_sign_in_tries")),
    )
    op.create_index(
        "ix_officer_sign_in_tries_email",
        "officer_sign_in_tries",
        ["email_index", "tried_at"],
        unique=False,
    )
    op.create_table(
        "sign_in_codes",
        sa.Column("address_index", sa.LargeBinary(), nullable=False),
        sa.Column("victim_id", sa.Uuid(), nullable=True),
        sa.Column("browser_hash", sa.LargeBinary(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["victim_id"], ["victims.id"], name=op.f("fk_sign_in_codes_victim_id_victims")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_codes")),
    )
    op.create_index(
        "ix_sign_in_codes_address", "sign_in_codes", ["address_index", "asked_at"], unique=False
    )
    op.create_table(
        "sign_in_sessions",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("victim_id", sa.Uuid(), nullable=True),
        sa.Column("officer_id", sa.Uuid(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officers.id"], name=op.f("fk_sign_in_sessions_officer_id_officers")
        ),
        sa.ForeignKeyConstraint(
            ["victim_id"], ["victims.id"], name=op.f("fk_sign_in_sessions_victim_id_victims")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_in_sessions_token_hash")),
    )
    op.create_index("ix_sign_in_sessions_ends_at", "sign_in_sessions", ["ends_at"], unique=False)
    op.create_index("ix_sign_in_sessions_officer", "sign_in_sessions", ["officer_id"], unique=False)
    op.create_index("ix_sign_in_sessions_victim", "sign_in_sessions", ["victim_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_sign_in_sessions_victim", table_name="sign_in_sessions")
    op.drop_index("ix_sign_in_sessions_officer", table_name="sign_in_sessions")
    op.drop_index("ix_sign_in_sessions_ends_at", table_name="sign_in_sessions")
    op.drop_table("sign_in_sessions")
    op.drop_index("ix_sign_in_codes_address", table_name="sign_in_codes")
    op.drop_table("sign_in_codes")
    op.drop_index("ix_officer_sign_in_tries_email", table_name="officer_sign_in_tries")
    op.drop_table("officer_sign_in_tries")
