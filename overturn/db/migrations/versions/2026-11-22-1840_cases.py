"""cases: what people type into steps"""

import sqlalchemy as sa
from alembic import op

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


def downgrade() -> None:
    op.drop_index(op.f("ix_step_words_case_id"), table_name="step_words")
    op.drop_table("step_words")
