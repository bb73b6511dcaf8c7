"""editions: a letter's words as the practice changed them, and which of them made a letter"""

import sqlalchemy as sa
from alembic import op

revision = "0016_editions"
down_revision = "0015_sendings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "letter_edition",
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("letter", sa.String(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_letter_edition")),
    )
    op.create_index(op.f("ix_letter_edition_letter"), "letter_edition", ["letter"])
    op.create_index(
        "uq_letter_edition_in_force",
        "letter_edition",
        ["letter"],
        unique=True,
        postgresql_where=sa.text("state = 'in_force'"),
    )
    op.create_table(
        "letter_edition_step",
        sa.Column("sequence", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("taken_by", sa.Uuid(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["version"],
            ["letter_edition.version"],
            name=op.f("fk_letter_edition_step_version_letter_edition"),
        ),
        sa.ForeignKeyConstraint(
            ["taken_by"], ["user_account.id"], name=op.f("fk_letter_edition_step_taken_by_user_account")
        ),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_letter_edition_step")),
    )
    op.create_index(op.f("ix_letter_edition_step_version"), "letter_edition_step", ["version"])
    op.add_column("letter", sa.Column("edition", sa.String(), nullable=True))
    op.create_foreign_key(
        op.f("fk_letter_edition_letter_edition"), "letter", "letter_edition", ["edition"], ["version"]
    )


def downgrade() -> None:
    op.drop_constraint(op.f("fk_letter_edition_letter_edition"), "letter", type_="foreignkey")
    op.drop_column("letter", "edition")
    op.drop_index(op.f("ix_letter_edition_step_version"), table_name="letter_edition_step")
    op.drop_table("letter_edition_step")
    op.drop_index("uq_letter_edition_in_force", table_name="letter_edition")
    op.drop_index(op.f("ix_letter_edition_letter"), table_name="letter_edition")
    op.drop_table("letter_edition")
