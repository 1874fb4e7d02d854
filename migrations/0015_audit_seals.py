"""Seals that show changes to the audit record; indexes for sweeping out what is old."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make_seals()
    _index_what_is_swept_out()


def _make_seals() -> None:
    op.create_table(
        "audit_keys",
        sa.Column("made_under", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_keys")),
        sa.UniqueConstraint("made_under", name=op.f("uq_audit_keys_made_under")),
    )
    op.create_table(
        "audit_seals",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("up_to_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seal", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["key_id"], ["audit_keys.id"], name=op.f("fk_audit_seals_key_id_audit_keys")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_seals")),
        sa.UniqueConstraint("number", name=op.f("uq_audit_seals_number")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER audit_seals_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
            "ON audit_seals FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_seals_no_{verb.lower()} BEFORE {verb} ON audit_seals "
            "BEGIN SELECT RAISE(ABORT, 'the audit record is append-only'); END"
        )


_INDEXES = {
    "ix_sign_in_codes_expires_at": ("sign_in_codes", "expires_at"),
    "ix_address_changes_session": ("address_changes", "session_id"),
    "ix_address_changes_expires_at": ("address_changes", "expires_at"),
    "ix_officer_sign_in_tries_tried_at": ("officer_sign_in_tries", "tried_at"),
}
_HAS_HASHES = sa.text("length(address_index) > 0")


def _index_what_is_swept_out() -> None:
    for name, (table, column) in _INDEXES.items():
        op.create_index(name, table, [column])
    op.create_index(
        "ix_invitations_old",
        "invitations",
        ["expires_at"],
        postgresql_where=_HAS_HASHES,
        sqlite_where=_HAS_HASHES,
    )


def downgrade() -> None:
    op.drop_index(
        "ix_invitations_old",
        table_name="invitations",
        postgresql_where=_HAS_HASHES,
        sqlite_where=_HAS_HASHES,
    )
    for name, (table, _column) in _INDEXES.items():
        op.drop_index(name, table_name=table)
    op.drop_table("audit_seals")
    op.drop_table("audit_keys")
