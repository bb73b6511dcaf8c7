"""corrected claims: the number of each interchange we write"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import CreateSequence, DropSequence

revision = "0013_corrected_claims"
down_revision = "0012_odds"
branch_labels = None
depends_on = None

# Far from where a practice's own software counts: a 999 names a batch by this number alone.
NUMBERS = sa.Sequence("interchange_control_number", start=700_000_001, maxvalue=999_999_999)


def upgrade() -> None:
    op.execute(CreateSequence(NUMBERS))
    op.add_column("sending", sa.Column("control_number", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("sending", "control_number")
    op.execute(DropSequence(NUMBERS))
