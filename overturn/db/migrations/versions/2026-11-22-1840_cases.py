"""cases: what people type into steps, levels of appeal, sendings, pending, missed deadlines"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009_cases"
down_revision = "0008_rules"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "step_words",
        sa.Column("step_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["denial_case.id"], name=op.f("fk_step_words_case_id_denial_case")
        ),
        sa.PrimaryKeyConstraint("step_id", name=op.f("pk_step_words")),
    )
    op.create_index(op.f("ix_step_words_case_id"), "step_words", ["case_id"])
    op.add_column(
        "denial_case", sa.Column("appeal_level", sa.Integer(), nullable=False, server_default=sa.text("1"))
    )
    op.alter_column("denial_case", "appeal_level", server_default=None)
    op.add_column("denial_case", sa.Column("answered_on", sa.Date(), nullable=True))
    op.add_column("denial_case", sa.Column("pended_until", sa.Date(), nullable=True))
    op.add_column("denial_case", sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("denial_case", sa.Column("missed_cause", sa.String(), nullable=True))
    op.create_table(
        "sending",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("confirmation", sa.String(), nullable=True),
        sa.Column("proof", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["denial_case.id"], name=op.f("fk_sending_case_id_denial_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sending")),
    )
    op.create_index(
        "uq_sending_live",
        "sending",
        ["case_id", "level"],
        unique=True,
        postgresql_where=sa.text("state <> 'not_sent'"),
    )


def downgrade() -> None:
    op.drop_index("uq_sending_live", table_name="sending")
    op.drop_table("sending")
    for column in ("missed_cause", "escalated_at", "pended_until"):
        op.drop_column("denial_case", column)
    op.drop_column("denial_case", "answered_on")
    op.drop_column("denial_case", "appeal_level")
    op.drop_index(op.f("ix_step_words_case_id"), table_name="step_words")
    op.drop_table("step_words")
