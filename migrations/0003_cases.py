"""Cases, their references and addresses as keyed hashes, who joined, invitations, tasks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cases",
        sa.Column("force_id", sa.Uuid(), nullable=False),
        sa.Column("victim_index", sa.LargeBinary(), nullable=True),
        sa.Column("person_index", sa.LargeBinary(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("is_danger", sa.Boolean(), nullable=False),
        sa.Column("danger_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("open_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("facts_text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("released_status", sa.String(), nullable=True),
        sa.Column("officer_id", sa.Uuid(), nullable=True),
        sa.Column("invitation_state", sa.String(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["force_id"], ["forces.id"], name=op.f("fk_cases_force_id_forces")),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officers.id"], name=op.f("fk_cases_officer_id_officers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
    )
    op.create_index(
        "ix_cases_invitation_wanted",
        "cases",
        ["force_id", "id"],
        unique=False,
        postgresql_where=sa.text("invitation_state = 'wanted'"),
        sqlite_where=sa.text("invitation_state = 'wanted'"),
    )
    op.create_index(
        "ix_cases_officer_invitations",
        "cases",
        ["officer_id", "invitation_state", "id"],
        unique=False,
    )
    op.create_index("ix_cases_same_person", "cases", ["force_id", "person_index"], unique=False)
    op.create_index("ix_cases_same_victim", "cases", ["force_id", "victim_index"], unique=False)
    op.create_table(
        "case_addresses",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("force_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("address_index", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_case_addresses_case_id_cases")
        ),
        sa.ForeignKeyConstraint(
            ["force_id"], ["forces.id"], name=op.f("fk_case_addresses_force_id_forces")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_addresses")),
        sa.UniqueConstraint("case_id", "channel", name=op.f("uq_case_addresses_case_id_channel")),
    )
    op.create_index(
        "ix_case_addresses_same", "case_addresses", ["force_id", "address_index"], unique=False
    )
    op.create_table(
        "case_references",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("force_id", sa.Uuid(), nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("reference_index", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_case_references_case_id_cases")
        ),
        sa.ForeignKeyConstraint(
            ["force_id"], ["forces.id"], name=op.f("fk_case_references_force_id_forces")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_references")),
        sa.UniqueConstraint(
            "force_id",
            "system",
            "reference_index",
            name=op.f("uq_case_references_force_id_system_reference_index"),
        ),
    )
    op.create_index("ix_case_references_case", "case_references", ["case_id"], unique=False)
    op.create_table(
        "enrolments",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("victim_id", sa.Uuid(), nullable=False),
        sa.Column("identity_index", sa.LargeBinary(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_enrolments_case_id_cases")
        ),
        sa.ForeignKeyConstraint(
            ["victim_id"], ["victims.id"], name=op.f("fk_enrolments_victim_id_victims")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolments")),
    )
    op.create_index("ix_enrolments_victim", "enrolments", ["victim_id"], unique=False)
    op.create_index(
        "uq_enrolments_current",
        "enrolments",
        ["case_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "invitations",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("force_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("address_index", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Uuid(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wrong_answers", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_invitations_case_id_cases")
        ),
        sa.ForeignKeyConstraint(
            ["force_id"], ["forces.id"], name=op.f("fk_invitations_force_id_forces")
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["officers.id"], name=op.f("fk_invitations_made_by_id_officers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitations_token_hash")),
    )
    op.create_index("ix_invitations_case", "invitations", ["case_id"], unique=False)
    op.create_index("ix_invitations_made", "invitations", ["force_id", "made_at"], unique=False)
    op.create_table(
        "tasks",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("force_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_tasks_case_id_cases")),
        sa.ForeignKeyConstraint(["force_id"], ["forces.id"], name=op.f("fk_tasks_force_id_forces")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
    )
    op.create_index("ix_tasks_case", "tasks", ["case_id"], unique=False)
    op.create_index("ix_tasks_force", "tasks", ["force_id", "due_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_tasks_force", table_name="tasks")
    op.drop_index("ix_tasks_case", table_name="tasks")
    op.drop_table("tasks")
    op.drop_index("ix_invitations_made", table_name="invitations")
    op.drop_index("ix_invitations_case", table_name="invitations")
    op.drop_table("invitations")
    op.drop_index(
        "uq_enrolments_current",
        table_name="enrolments",
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.drop_index("ix_enrolments_victim", table_name="enrolments")
    op.drop_table("enrolments")
    op.drop_index("ix_case_references_case", table_name="case_references")
    op.drop_table("case_references")
    op.drop_index("ix_case_addresses_same", table_name="case_addresses")
    op.drop_table("case_addresses")
    op.drop_index("ix_cases_same_victim", table_name="cases")
    op.drop_index("ix_cases_same_person", table_name="cases")
    op.drop_index("ix_cases_officer_invitations", table_name="cases")
    op.drop_index(
        "ix_cases_invitation_wanted",
        table_name="cases",
        postgresql_where=sa.text("invitation_state = 'wanted'"),
        sqlite_where=sa.text("invitation_state = 'wanted'"),
    )
    op.drop_table("cases")
