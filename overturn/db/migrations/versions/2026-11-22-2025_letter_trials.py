"""letter_trials: two versions of a letter compared by lot"""

import sqlalchemy as sa
from alembic import op

revision = "0025_letter_trials"
down_revision = "0023_window_overrides"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "letter_trial",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("letter", sa.String(), nullable=False),
        sa.Column("former", sa.String(), nullable=True),
        sa.Column("new", sa.String(), nullable=False),
        sa.Column("planned", sa.Integer(), nullable=False),
        sa.Column("started_by", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision", sa.String(), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [column], ["letter_edition.version"], name=op.f(f"fk_letter_trial_{column}_letter_edition")
            )
            for column in ("former", "new")
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], ["user_account.id"], name=op.f(f"fk_letter_trial_{column}_user_account")
            )
            for column in ("started_by", "ended_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_trial")),
    )
    op.create_index(op.f("ix_letter_trial_letter"), "letter_trial", ["letter"])
    op.create_index(
        "uq_letter_trial_running",
        "letter_trial",
        ["letter"],
        unique=True,
        postgresql_where=sa.text("decision IS NULL"),
    )
    op.create_table(
        "letter_draw",
        sa.Column("trial_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("arm", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["trial_id"], ["letter_trial.id"], name=op.f("fk_letter_draw_trial_id_letter_trial")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["denial_case.id"], name=op.f("fk_letter_draw_case_id_denial_case")
        ),
        sa.PrimaryKeyConstraint("trial_id", "case_id", "level", name=op.f("pk_letter_draw")),
    )


def downgrade() -> None:
    op.drop_table("letter_draw")
    op.drop_index("uq_letter_trial_running", table_name="letter_trial")
    op.drop_index(op.f("ix_letter_trial_letter"), table_name="letter_trial")
    op.drop_table("letter_trial")
