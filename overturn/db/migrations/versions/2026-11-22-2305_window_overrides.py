"""window overrides: filing windows as the practice knows them"""

import sqlalchemy as sa
from alembic import op

revision = "0023_window_overrides"
down_revision = "0023_expiry_notices"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "filing_window_override",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("payer_key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("counted_from", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        *(
            sa.ForeignKeyConstraint(
                [column], ["user_account.id"], name=op.f(f"fk_filing_window_override_{column}_user_account")
            )
            for column in ("proposed_by", "approved_by", "ended_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filing_window_override")),
    )
    op.create_index(
        "uq_filing_window_override_in_force",
        "filing_window_override",
        ["payer_key", "kind", "level"],
        unique=True,
        postgresql_where=sa.text("state = 'in_force'"),
    )


def downgrade() -> None:
    op.drop_table("filing_window_override")
