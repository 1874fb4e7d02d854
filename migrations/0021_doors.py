"""Officers whom the case system does not name, and addresses that were added after joining."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_ADDED_ON = "fk_victim_addresses_added_on_known_devices"


def upgrade() -> None:
    op.add_column("officers", sa.Column("protected_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("victim_addresses") as table:
        table.add_column(sa.Column("added_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("added_on", sa.Uuid(), nullable=True))
        table.create_foreign_key(op.f(_ADDED_ON), "known_devices", ["added_on"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("victim_addresses") as table:
        table.drop_constraint(op.f(_ADDED_ON), type_="foreignkey")
        table.drop_column("added_on")
        table.drop_column("added_at")
    op.drop_column("officers", "protected_at")
