"""recoupment undo: what a recoupment's last step found, so that the step can be taken back"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0031_recoupment_undo"
down_revision = "0029_unpriced"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("last_step", JSONB(), nullable=False, server_default=sa.text("'{}'::jsonb"))
    op.add_column("recoupment", column)
    op.alter_column("recoupment", "last_step", server_default=None)


def downgrade() -> None:
    op.drop_column("recoupment", "last_step")
