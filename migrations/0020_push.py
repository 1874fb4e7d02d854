"""Where a victim's device is told of news by its browser's push service."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "push_subscriptions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("victim_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_index", sa.LargeBinary(), nullable=False),
        sa.Column("endpoint_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["victim_id"], ["victims.id"], name=op.f("fk_push_subscriptions_victim_id_victims")
        ),
        sa.ForeignKeyConstraint(
            ["device_id"],
            ["known_devices.id"],
            name=op.f("fk_push_subscriptions_device_id_known_devices"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_subscriptions")),
        sa.UniqueConstraint("victim_id", name=op.f("uq_push_subscriptions_victim_id")),
        sa.UniqueConstraint("endpoint_index", name=op.f("uq_push_subscriptions_endpoint_index")),
    )
    op.create_index("ix_push_subscriptions_device_id", "push_subscriptions", ["device_id"])


def downgrade() -> None:
    op.drop_table("push_subscriptions")
