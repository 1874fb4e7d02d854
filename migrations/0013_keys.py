"""What tells which keys look-ups are stored under; seals of the audit record; sweeping out."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_INDEXES = {
    "victims": ("person_index",),
    "victim_addresses": ("value_index",),
    "officers": ("email_index",),
    "cases": ("victim_index", "person_index"),
    "case_references": ("reference_index",),
    "case_addresses": ("address_index",),
    "enrolments": ("identity_index",),
    "invitations": ("address_index",),
}


def upgrade() -> None:
    op.create_table(
        "lookup_keys",
        sa.Column("number", sa.LargeBinary(), nullable=False),
        sa.Column("way_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lookup_keys")),
        sa.UniqueConstraint("number", name=op.f("uq_lookup_keys_number")),
    )
    _note_keys_in_use()


def _note_keys_in_use() -> None:
    """A hash begins with the four bytes that tell its key."""
    connection = op.get_bind()
    numbers: set[bytes] = set()
    for name, columns in _INDEXES.items():
        for column in columns:
            beginning = sa.func.substr(sa.column(column), 1, 4, type_=sa.LargeBinary())
            found = connection.execute(sa.select(beginning).select_from(sa.table(name)).distinct())
            numbers.update(bytes(number) for (number,) in found if number is not None)
    table = sa.table(
        "lookup_keys", sa.column("id", sa.Uuid()), sa.column("number", sa.LargeBinary())
    )
    for number in sorted(numbers):
        connection.execute(table.insert().values(id=uuid.uuid4(), number=number))


def downgrade() -> None:
    op.drop_table("lookup_keys")
