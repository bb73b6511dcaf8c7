"""expiry notices: what was told to end before long"""

import sqlalchemy as sa
from alembic import op

revision = "0023_expiry_notices"
down_revision = "0023_authorizations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "expiry_notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ending", sa.String(), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("noticed_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expiry_notice")),
    )


def downgrade() -> None:
    op.drop_table("expiry_notice")
