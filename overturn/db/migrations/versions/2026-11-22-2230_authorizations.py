"""authorizations: what payers authorised for patients"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023_authorizations"
down_revision = "0018_dead_letters"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "payer_authorization",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("payer_key", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=True),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.Column("visits", sa.Integer(), nullable=True),
        sa.Column("units", sa.Numeric(), nullable=True),
        sa.Column("procedures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("discipline", sa.String(), nullable=True),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["updated_by"], ["user_account.id"], name=op.f("fk_payer_authorization_updated_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payer_authorization")),
    )
    op.create_index(op.f("ix_payer_authorization_account"), "payer_authorization", ["account"])


def downgrade() -> None:
    op.drop_table("payer_authorization")
