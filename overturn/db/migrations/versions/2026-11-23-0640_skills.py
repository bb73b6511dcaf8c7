"""skills: which queues a person is given work from"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0032_skills"
down_revision = "0031_recoupment_undo"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("skills", JSONB(), nullable=False, server_default=sa.text("'[]'::jsonb"))
    op.add_column("user_account", column)
    op.alter_column("user_account", "skills", server_default=None)


def downgrade() -> None:
    op.drop_column("user_account", "skills")
