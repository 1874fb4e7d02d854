"""Where a case's entries went before it got another reference."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conversations", sa.Column("earlier_references_sealed", sa.LargeBinary()))
    op.add_column("outbox_entries", sa.Column("tried_under_sealed", sa.LargeBinary()))


def downgrade() -> None:
    op.drop_column("outbox_entries", "tried_under_sealed")
    op.drop_column("conversations", "earlier_references_sealed")
