"""credentialing gaps: incidents, their claims and their timeline"""

import sqlalchemy as sa
from alembic import op

revision = "0014_gaps"
down_revision = "0013_corrected_claims"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "credentialing_gap",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("payer", sa.String(), nullable=False),
        sa.Column("payer_key", sa.String(), nullable=True),
        sa.Column("line_of_business", sa.String(), nullable=True),
        sa.Column("npi", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credentialing_gap")),
    )
    _claims()
    op.create_table(
        "credentialing_gap_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("gap_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sequence", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.ForeignKeyConstraint(
            ["gap_id"],
            ["credentialing_gap.id"],
            name=op.f("fk_credentialing_gap_event_gap_id_credentialing_gap"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credentialing_gap_event")),
    )
    op.create_index(op.f("ix_credentialing_gap_event_gap_id"), "credentialing_gap_event", ["gap_id"])


def _claims() -> None:
    op.create_table(
        "credentialing_gap_claim",
        sa.Column("gap_id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("amount", sa.Numeric(), nullable=False),
        sa.Column("service_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("remedy", sa.String(), nullable=True),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["gap_id"],
            ["credentialing_gap.id"],
            name=op.f("fk_credentialing_gap_claim_gap_id_credentialing_gap"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["denial_case.id"], name=op.f("fk_credentialing_gap_claim_case_id_denial_case")
        ),
        sa.PrimaryKeyConstraint("gap_id", "claim_id", name=op.f("pk_credentialing_gap_claim")),
    )


def downgrade() -> None:
    op.drop_table("credentialing_gap_event")
    op.drop_table("credentialing_gap_claim")
    op.drop_table("credentialing_gap")
