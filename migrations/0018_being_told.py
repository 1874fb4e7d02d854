"""How victims want to be told, addresses that bounced, and who was not reached online."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_UNUSED = "used_at IS NULL AND revoked_at IS NULL AND unused_told_at IS NULL"


def _time(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=True)


def _added() -> dict[str, list[sa.Column[Any]]]:
    return {
        "victims": [
            sa.Column("chosen_language", sa.String(), nullable=True),
            sa.Column("quiet_from", sa.Integer(), nullable=True),
            sa.Column("quiet_to", sa.Integer(), nullable=True),
            _time("notices_paused_at"),
            _time("notices_paused_until"),
        ],
        "victim_addresses": [_time("bounced_at")],
        "conversations": [_time("unread_due_at")],
        "enrolments": [_time("look_at"), _time("absent_told_at")],
        "invitations": [_time("unused_told_at")],
        "notices": [
            sa.Column("repeats_id", sa.Uuid(), nullable=True),
            _time("first_tried_at"),
            _time("fate_due_at"),
        ],
    }


def _index(name: str, table: str, column: str, which: str) -> None:
    op.create_index(
        name, table, [column], postgresql_where=sa.text(which), sqlite_where=sa.text(which)
    )


def upgrade() -> None:
    for table, columns in _added().items():
        for column in columns:
            op.add_column(table, column)
    # Everybody who joined before is looked at once, and from then on as the others are.
    op.execute("UPDATE enrolments SET look_at = joined_at WHERE ended_at IS NULL")
    _index(
        "ix_conversations_unread_due", "conversations", "unread_due_at", "unread_due_at IS NOT NULL"
    )
    _index("ix_enrolments_look", "enrolments", "look_at", "ended_at IS NULL")
    _index("ix_invitations_unused", "invitations", "expires_at", _UNUSED)
    _index("ix_notices_fate_due", "notices", "fate_due_at", "fate_due_at IS NOT NULL")


def downgrade() -> None:
    op.drop_index("ix_notices_fate_due", table_name="notices")
    op.drop_index("ix_invitations_unused", table_name="invitations")
    op.drop_index("ix_enrolments_look", table_name="enrolments")
    op.drop_index("ix_conversations_unread_due", table_name="conversations")
    for table, columns in _added().items():
        for column in reversed(columns):
            op.drop_column(table, column.name)
