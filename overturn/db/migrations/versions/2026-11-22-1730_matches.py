"""matches"""

import sqlalchemy as sa
from alembic import op

revision = "0003_matches"
down_revision = "0002_imbalances"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "claim_match",
        sa.Column("former_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("matched_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_claim_match_claim_id_claim")),
        sa.ForeignKeyConstraint(
            ["matched_by"], ["user_account.id"], name=op.f("fk_claim_match_matched_by_user_account")
        ),
        sa.PrimaryKeyConstraint("former_id", name=op.f("pk_claim_match")),
    )
    op.create_index(op.f("ix_claim_match_claim_id"), "claim_match", ["claim_id"], unique=False)
    op.create_index(op.f("ix_claim_match_number"), "claim_match", ["number"], unique=False)
    op.create_index(op.f("ix_claim_member_identifier"), "claim", ["member_identifier"], unique=False)
    op.create_index(
        op.f("ix_claim_acknowledgement_payer_claim_control_number"),
        "claim_acknowledgement",
        ["payer_claim_control_number"],
        unique=False,
    )
    op.add_column("submitted_claim", sa.Column("payer_claim_control_number", sa.String(), nullable=True))
    op.execute(
        "UPDATE submitted_claim SET payer_claim_control_number = content ->> 'payer_claim_control_number'"
    )
    op.create_index(
        op.f("ix_submitted_claim_payer_claim_control_number"),
        "submitted_claim",
        ["payer_claim_control_number"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_submitted_claim_payer_claim_control_number"), table_name="submitted_claim")
    op.drop_column("submitted_claim", "payer_claim_control_number")
    op.drop_index(
        op.f("ix_claim_acknowledgement_payer_claim_control_number"), table_name="claim_acknowledgement"
    )
    op.drop_index(op.f("ix_claim_member_identifier"), table_name="claim")
    op.drop_index(op.f("ix_claim_match_number"), table_name="claim_match")
    op.drop_index(op.f("ix_claim_match_claim_id"), table_name="claim_match")
    op.drop_table("claim_match")
