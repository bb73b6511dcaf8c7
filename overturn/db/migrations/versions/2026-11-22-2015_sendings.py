"""sendings: the files as they went out, their hash, and why something did not go out"""

import sqlalchemy as sa
from alembic import op

revision = "0015_sendings"
down_revision = "0014_gaps"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sending", sa.Column("content_sha256", sa.String(), nullable=True))
    op.add_column("sending", sa.Column("problem", sa.String(), nullable=False, server_default=""))
    op.alter_column("sending", "problem", server_default=None)
    op.execute("UPDATE sending SET channel = 'mail' WHERE channel = 'print'")
    op.create_table(
        "sent_file",
        sa.Column("sending_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["sending_id"], ["sending.id"], name=op.f("fk_sent_file_sending_id_sending")),
        sa.PrimaryKeyConstraint("sending_id", "position", name=op.f("pk_sent_file")),
    )


def downgrade() -> None:
    op.drop_table("sent_file")
    op.execute("UPDATE sending SET channel = 'print' WHERE channel = 'mail'")
    op.drop_column("sending", "problem")
    op.drop_column("sending", "content_sha256")
