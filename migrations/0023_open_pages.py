"""When a page of the victim's last asked for news."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conversations", sa.Column("victim_page_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("conversations", "victim_page_at")
