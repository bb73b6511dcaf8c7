"""rebuttal exhibits: documents that go out with the rebuttal of a recoupment"""

import sqlalchemy as sa
from alembic import op

revision = "0028_rebuttal_exhibits"
down_revision = "0027_receipts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("exhibit", sa.Column("recoupment_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_exhibit_recoupment_id_recoupment"), "exhibit", "recoupment", ["recoupment_id"], ["id"]
    )
    op.create_index(op.f("ix_exhibit_recoupment_id"), "exhibit", ["recoupment_id"])
    _owned_by("case_id, request_id, recoupment_id")


def downgrade() -> None:
    op.execute("DELETE FROM exhibit WHERE recoupment_id IS NOT NULL")
    _owned_by("case_id, request_id")
    op.drop_column("exhibit", "recoupment_id")


def _owned_by(columns: str) -> None:
    op.drop_constraint(op.f("ck_exhibit_one_owner"), "exhibit")
    op.create_check_constraint("one_owner", "exhibit", f"num_nonnulls({columns}) = 1")
