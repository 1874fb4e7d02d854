"""References that a case no longer has; how long an unknown case and a wish to wait last; invited
cases re-read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

UNUSED = sa.text("used_at IS NULL AND revoked_at IS NULL AND unused_told_at IS NULL")


def upgrade() -> None:
    for name in ("superseded_at", "danger_told_at", "danger_until"):
        op.add_column("case_references", sa.Column(name, sa.DateTime(timezone=True)))
    op.add_column("outbox_entries", sa.Column("not_found_since", sa.DateTime(timezone=True)))
    op.add_column("outbox_breakers", sa.Column("not_before", sa.DateTime(timezone=True)))
    op.add_column("invitations", sa.Column("reread_at", sa.DateTime(timezone=True)))
    op.create_index(
        "ix_invitations_reread",
        "invitations",
        ["reread_at"],
        postgresql_where=UNUSED,
        sqlite_where=UNUSED,
    )


def downgrade() -> None:
    op.drop_index(
        "ix_invitations_reread",
        table_name="invitations",
        postgresql_where=UNUSED,
        sqlite_where=UNUSED,
    )
    op.drop_column("invitations", "reread_at")
    op.drop_column("outbox_breakers", "not_before")
    op.drop_column("outbox_entries", "not_found_since")
    for name in ("danger_until", "danger_told_at", "superseded_at"):
        op.drop_column("case_references", name)
