"""take-backs by reference, lines without an answer, and matches that can be taken back"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006_take_backs"
down_revision = "0005_files_in_pieces"
branch_labels = None
depends_on = None

DOLLARS = (
    ("claim", "unanswered_amount"),
    ("claim", "taken_back_amount"),
    ("denial_case", "taken_back_amount"),
)


def upgrade() -> None:
    for table, column in DOLLARS:
        op.add_column(table, sa.Column(column, sa.Numeric(), nullable=False, server_default="0"))
    op.add_column("provider_adjustment", sa.Column("claim_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_provider_adjustment_claim_id_claim"), "provider_adjustment", "claim", ["claim_id"], ["id"]
    )
    op.create_index(op.f("ix_provider_adjustment_claim_id"), "provider_adjustment", ["claim_id"])
    op.add_column(
        "provider_adjustment",
        sa.Column("numbers", postgresql.ARRAY(sa.Text()), nullable=False, server_default="{}"),
    )
    op.alter_column("provider_adjustment", "numbers", server_default=None)
    # References on record are known by all of it; composite forms by what is posted from now on.
    op.execute("UPDATE provider_adjustment SET numbers = ARRAY[reference] WHERE reference IS NOT NULL")
    op.create_index(
        "ix_provider_adjustment_numbers", "provider_adjustment", ["numbers"], postgresql_using="gin"
    )
    op.create_index(
        op.f("ix_claim_payment_patient_control_number"), "claim_payment", ["patient_control_number"]
    )
    op.create_index(
        "ix_claim_unmatched",
        "claim",
        [sa.text("denied_amount DESC"), "id"],
        postgresql_where=sa.text("adjudicated AND NOT submitted"),
    )
    _let_matches_be_taken_back()


def _let_matches_be_taken_back() -> None:
    op.add_column(
        "claim_match",
        sa.Column("id", sa.Uuid(), nullable=False, server_default=sa.text("gen_random_uuid()")),
    )
    op.alter_column("claim_match", "id", server_default=None)
    op.drop_constraint(op.f("pk_claim_match"), "claim_match", type_="primary")
    op.create_primary_key(op.f("pk_claim_match"), "claim_match", ["id"])
    op.add_column("claim_match", sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("claim_match", sa.Column("undone_by", sa.Uuid(), nullable=True))
    op.add_column("claim_match", sa.Column("undone_reason", sa.Text(), nullable=True))
    op.create_foreign_key(
        op.f("fk_claim_match_undone_by_user_account"), "claim_match", "user_account", ["undone_by"], ["id"]
    )
    op.create_index(
        "uq_claim_match_standing_former",
        "claim_match",
        ["former_id"],
        unique=True,
        postgresql_where=sa.text("undone_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("uq_claim_match_standing_former", table_name="claim_match")
    op.execute("DELETE FROM claim_match WHERE undone_at IS NOT NULL")
    for column in ("undone_reason", "undone_by", "undone_at"):
        op.drop_column("claim_match", column)
    op.drop_constraint(op.f("pk_claim_match"), "claim_match", type_="primary")
    op.create_primary_key(op.f("pk_claim_match"), "claim_match", ["former_id"])
    op.drop_column("claim_match", "id")
    op.drop_index("ix_claim_unmatched", table_name="claim")
    op.drop_index(op.f("ix_claim_payment_patient_control_number"), table_name="claim_payment")
    op.drop_index("ix_provider_adjustment_numbers", table_name="provider_adjustment")
    op.drop_column("provider_adjustment", "numbers")
    op.drop_index(op.f("ix_provider_adjustment_claim_id"), table_name="provider_adjustment")
    op.drop_column("provider_adjustment", "claim_id")
    for table, column in reversed(DOLLARS):
        op.drop_column(table, column)
