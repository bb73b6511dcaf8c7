"""appeal batches: like denials that are appealed together"""

import sqlalchemy as sa
from alembic import op

revision = "0024_appeal_batches"
down_revision = "0021_records_requests"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "appeal_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("payer", sa.String(), nullable=False),
        sa.Column("payer_name", sa.String(), nullable=True),
        sa.Column("line_of_business", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("letter", sa.String(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("ordered", sa.String(), nullable=True),
        sa.Column("ordered_by", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("problem", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["ordered_by"], ["user_account.id"], name=op.f("fk_appeal_batch_ordered_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["user_account.id"], name=op.f("fk_appeal_batch_created_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal_batch")),
    )
    _members()


def _members() -> None:
    op.create_table(
        "appeal_batch_member",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("case_version", sa.Integer(), nullable=False),
        sa.Column("letter_version", sa.Integer(), nullable=True),
        sa.Column("asked_in", sa.Integer(), nullable=False),
        sa.Column("send_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["appeal_batch.id"], name=op.f("fk_appeal_batch_member_batch_id_appeal_batch")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["denial_case.id"], name=op.f("fk_appeal_batch_member_case_id_denial_case")
        ),
        sa.PrimaryKeyConstraint("batch_id", "case_id", name=op.f("pk_appeal_batch_member")),
    )
    op.create_index(op.f("ix_appeal_batch_member_send_id"), "appeal_batch_member", ["send_id"])


def downgrade() -> None:
    op.drop_table("appeal_batch_member")
    op.drop_table("appeal_batch")
