"""imbalances"""

import sqlalchemy as sa
from alembic import op

revision = "0002_imbalances"
down_revision = "0001"
branch_labels = None
depends_on = None

OF_EARLIER_REMITTANCES = """
    WITH lines AS (
        SELECT l.claim_payment_id, l.line_number, l.segment_index,
               l.charge_amount - l.paid_amount - coalesce(sum(a.amount), 0) AS amount
          FROM service_line l
          LEFT JOIN adjustment a USING (claim_payment_id, line_number)
         GROUP BY l.id
    ), claims AS (
        SELECT p.id, p.segment_index, p.charge_amount - p.paid_amount
               - coalesce((SELECT sum(amount) FROM adjustment WHERE claim_payment_id = p.id), 0)
               - coalesce((SELECT sum(amount) FROM lines WHERE claim_payment_id = p.id), 0) AS amount
          FROM claim_payment p
    )
    INSERT INTO imbalance (id, remittance_id, claim_payment_id, line_number, level, amount, segment_index)
    SELECT gen_random_uuid(), found.*
      FROM (
        SELECT r.id, NULL::uuid, NULL::int, 'remittance', r.difference_amount, r.segment_index
          FROM remittance r
        UNION ALL
        SELECT p.remittance_id, p.id, NULL, 'claim', c.amount, c.segment_index
          FROM claims c JOIN claim_payment p ON p.id = c.id
        UNION ALL
        SELECT p.remittance_id, p.id, l.line_number, 'line', l.amount, l.segment_index
          FROM lines l JOIN claim_payment p ON p.id = l.claim_payment_id
      ) AS found (remittance_id, claim_payment_id, line_number, level, amount, segment_index)
     WHERE amount <> 0
"""
"""The same as `overturn.domain.balancing`, for what was posted before the table was there."""


def upgrade() -> None:
    op.create_table(
        "imbalance",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("remittance_id", sa.Uuid(), nullable=False),
        sa.Column("claim_payment_id", sa.Uuid(), nullable=True),
        sa.Column("line_number", sa.Integer(), nullable=True),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("amount", sa.Numeric(), nullable=False),
        sa.Column("segment_index", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["claim_payment_id"],
            ["claim_payment.id"],
            name=op.f("fk_imbalance_claim_payment_id_claim_payment"),
        ),
        sa.ForeignKeyConstraint(
            ["remittance_id"], ["remittance.id"], name=op.f("fk_imbalance_remittance_id_remittance")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imbalance")),
    )
    op.create_index(op.f("ix_imbalance_claim_payment_id"), "imbalance", ["claim_payment_id"], unique=False)
    op.create_index(op.f("ix_imbalance_remittance_id"), "imbalance", ["remittance_id"], unique=False)
    op.execute(OF_EARLIER_REMITTANCES)


def downgrade() -> None:
    op.drop_index(op.f("ix_imbalance_remittance_id"), table_name="imbalance")
    op.drop_index(op.f("ix_imbalance_claim_payment_id"), table_name="imbalance")
    op.drop_table("imbalance")
