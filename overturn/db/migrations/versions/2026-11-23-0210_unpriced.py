"""unpriced: the most that denials without a price can be worth"""

import sqlalchemy as sa
from alembic import op

revision = "0029_unpriced"
down_revision = "0028_rebuttal_exhibits"
branch_labels = None
depends_on = None

TABLES = ("claim", "denial_case", "denial")


def upgrade() -> None:
    for table in TABLES:
        amount = sa.Column("unpriced_amount", sa.Numeric(), nullable=False, server_default=sa.text("0"))
        op.add_column(table, amount)


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "unpriced_amount")
