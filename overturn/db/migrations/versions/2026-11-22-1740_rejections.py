"""rejections: their queue, the 999s behind them, and the control numbers that name a batch"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004_rejections"
down_revision = "0003_matches"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("submitted_claim", sa.Column("group_control_number", sa.String(), nullable=True))
    op.add_column("submitted_claim", sa.Column("transaction_control_number", sa.String(), nullable=True))
    op.create_index(
        op.f("ix_submitted_claim_group_control_number"), "submitted_claim", ["group_control_number"]
    )
    op.create_table(
        "batch_acknowledgement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("file_sha256", sa.String(), nullable=False),
        sa.Column("group_control_number", sa.String(), nullable=False),
        sa.Column("transaction_control_number", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("codes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("batch_sha256", sa.String(), nullable=True),
        sa.Column("segment_index", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_sha256"],
            ["received_file.sha256"],
            name=op.f("fk_batch_acknowledgement_file_sha256_received_file"),
        ),
        sa.ForeignKeyConstraint(
            ["batch_sha256"],
            ["received_file.sha256"],
            name=op.f("fk_batch_acknowledgement_batch_sha256_received_file"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_acknowledgement")),
    )
    op.create_index(
        op.f("ix_batch_acknowledgement_group_control_number"),
        "batch_acknowledgement",
        ["group_control_number"],
    )
    op.create_table(
        "rejection",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("file_sha256", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("codes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("rejected_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("deadline", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("done_reason", sa.Text(), nullable=True),
        sa.Column("done_by", sa.Uuid(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_rejection_claim_id_claim")),
        sa.ForeignKeyConstraint(
            ["file_sha256"], ["received_file.sha256"], name=op.f("fk_rejection_file_sha256_received_file")
        ),
        sa.ForeignKeyConstraint(
            ["done_by"], ["user_account.id"], name=op.f("fk_rejection_done_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rejection")),
    )
    op.create_index(op.f("ix_rejection_claim_id"), "rejection", ["claim_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_rejection_claim_id"), table_name="rejection")
    op.drop_table("rejection")
    op.drop_index(op.f("ix_batch_acknowledgement_group_control_number"), table_name="batch_acknowledgement")
    op.drop_table("batch_acknowledgement")
    op.drop_index(op.f("ix_submitted_claim_group_control_number"), table_name="submitted_claim")
    op.drop_column("submitted_claim", "transaction_control_number")
    op.drop_column("submitted_claim", "group_control_number")
