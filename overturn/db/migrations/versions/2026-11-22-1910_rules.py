"""rules: versions with their life cycle, the reasoning behind a denial, and every classification ever made"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008_rules"
down_revision = "0006_take_backs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("confidence", "confidence_reason", "route"):
        op.add_column("denial", sa.Column(name, sa.String(), nullable=True))
    for name, empty in (("reasoning", "{}"), ("playbook", "[]")):
        column = sa.Column(
            name, postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default=empty
        )
        op.add_column("denial", column)
        op.alter_column("denial", name, server_default=None)
    op.create_table(
        "classification",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("claim_payment_id", sa.Uuid(), nullable=False),
        sa.Column("line_number", sa.Integer(), nullable=True),
        sa.Column("rule_version", sa.String(), nullable=False),
        sa.Column("rule_id", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("confidence", sa.String(), nullable=False),
        sa.Column("denied_amount", sa.Numeric(), nullable=False),
        sa.Column("reasoning", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["denial_case.id"], name=op.f("fk_classification_case_id_denial_case")
        ),
        sa.ForeignKeyConstraint(
            ["claim_payment_id"],
            ["claim_payment.id"],
            name=op.f("fk_classification_claim_payment_id_claim_payment"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_classification")),
    )
    op.create_index(op.f("ix_classification_case_id"), "classification", ["case_id"])
    op.create_table(
        "rule_set",
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tables", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("problems", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_rule_set")),
    )
    op.create_index(
        "uq_rule_set_published",
        "rule_set",
        ["state"],
        unique=True,
        postgresql_where=sa.text("state = 'published'"),
    )
    op.create_table(
        "rule_set_step",
        sa.Column("sequence", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("taken_by", sa.Uuid(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["version"], ["rule_set.version"], name=op.f("fk_rule_set_step_version_rule_set")
        ),
        sa.ForeignKeyConstraint(
            ["taken_by"], ["user_account.id"], name=op.f("fk_rule_set_step_taken_by_user_account")
        ),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_rule_set_step")),
    )
    op.create_index(op.f("ix_rule_set_step_version"), "rule_set_step", ["version"])


def downgrade() -> None:
    op.drop_index(op.f("ix_rule_set_step_version"), table_name="rule_set_step")
    op.drop_table("rule_set_step")
    op.drop_index("uq_rule_set_published", table_name="rule_set")
    op.drop_table("rule_set")
    op.drop_index(op.f("ix_classification_case_id"), table_name="classification")
    op.drop_table("classification")
    for name in ("playbook", "reasoning", "route", "confidence_reason", "confidence"):
        op.drop_column("denial", name)
