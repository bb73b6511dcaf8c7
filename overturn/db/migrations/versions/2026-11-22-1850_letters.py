"""letters: what they rest on, their exhibits, and the addresses and the signer they need"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010_letters"
down_revision = "0009_cases"
branch_labels = None
depends_on = None

JSON = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    for name in ("grounds", "citations"):
        op.add_column("letter", sa.Column(name, JSON, nullable=False, server_default="[]"))
        op.alter_column("letter", name, server_default=None)
    _exhibit()
    op.create_table(
        "practice_profile",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", JSON, nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("fax", sa.String(), nullable=False),
        sa.Column("signer_name", sa.String(), nullable=False),
        sa.Column("signer_title", sa.String(), nullable=False),
        *_updated("practice_profile"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_profile")),
    )
    op.create_table(
        "payer_contact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("payer", sa.String(), nullable=False),
        sa.Column("line_of_business", sa.String(), nullable=True),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("address", JSON, nullable=False),
        sa.Column("destination", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        *_updated("payer_contact"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payer_contact")),
        sa.UniqueConstraint(
            "payer",
            "line_of_business",
            "level",
            "channel",
            name=op.f("uq_payer_contact_payer_line_of_business_level_channel"),
            postgresql_nulls_not_distinct=True,
        ),
    )


def _exhibit() -> None:
    op.create_table(
        "exhibit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("original_sha256", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["denial_case.id"], name=op.f("fk_exhibit_case_id_denial_case")),
        sa.ForeignKeyConstraint(
            ["uploaded_by"], ["user_account.id"], name=op.f("fk_exhibit_uploaded_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exhibit")),
        sa.UniqueConstraint(
            "case_id", "level", "original_sha256", name=op.f("uq_exhibit_case_id_level_original_sha256")
        ),
    )
    op.create_index(op.f("ix_exhibit_case_id"), "exhibit", ["case_id"])


def _updated(table: str) -> tuple[sa.Column[object] | sa.ForeignKeyConstraint, ...]:
    return (
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["updated_by"], ["user_account.id"], name=op.f(f"fk_{table}_updated_by_user_account")
        ),
    )


def downgrade() -> None:
    op.drop_table("payer_contact")
    op.drop_table("practice_profile")
    op.drop_index(op.f("ix_exhibit_case_id"), table_name="exhibit")
    op.drop_table("exhibit")
    op.drop_column("letter", "citations")
    op.drop_column("letter", "grounds")
