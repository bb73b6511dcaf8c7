"""odds: the learned chance a case's priority rests on"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012_odds"
down_revision = "0010_letters"
branch_labels = None
depends_on = None

JSON = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    op.add_column("denial_case", sa.Column("odds", JSON, nullable=False, server_default="{}"))
    op.alter_column("denial_case", "odds", server_default=None)


def downgrade() -> None:
    op.drop_column("denial_case", "odds")
