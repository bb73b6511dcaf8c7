"""receipts: the proven day on which what a case answers was received"""

import sqlalchemy as sa
from alembic import op

revision = "0027_receipts"
down_revision = "0024_appeal_batches"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("denial_case", sa.Column("received_on", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("denial_case", "received_on")
