"""recoupments: demands, their claims, clocks and timeline"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0022_recoupments"
down_revision = "0025_letter_trials"
branch_labels = None
depends_on = None

NOTHING = sa.text("0")


def upgrade() -> None:
    op.create_table(
        "recoupment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("payer", sa.String(), nullable=False),
        sa.Column("payer_key", sa.String(), nullable=True),
        sa.Column("payer_name", sa.String(), nullable=True),
        sa.Column("line_of_business", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("demanded_amount", sa.Numeric(), nullable=False),
        sa.Column("withdrawn_amount", sa.Numeric(), server_default=NOTHING, nullable=False),
        sa.Column("given_back_amount", sa.Numeric(), server_default=NOTHING, nullable=False),
        sa.Column("withheld_amount", sa.Numeric(), server_default=NOTHING, nullable=False),
        sa.Column("repaid_amount", sa.Numeric(), server_default=NOTHING, nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("dispute", sa.String(), nullable=True),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("notice_on", sa.Date(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("rebutted_on", sa.Date(), nullable=True),
        sa.Column("appealed_on", sa.Date(), nullable=True),
        sa.Column("assigned_to", sa.Uuid(), nullable=True),
        sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("looked_version", sa.Integer(), nullable=False),
        sa.Column("next_look_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["assigned_to"], ["user_account.id"], name=op.f("fk_recoupment_assigned_to_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recoupment")),
    )
    op.create_index(
        "uq_recoupment_reference",
        "recoupment",
        ["payer", "reference"],
        unique=True,
        postgresql_where=sa.text("source = 'letter'"),
    )
    _claims()
    _clocks()
    _events()
    _letters()
    # The minute's look for take-backs reads the claims that were ever reversed.
    op.create_index(
        "ix_claim_payment_reversal",
        "claim_payment",
        ["claim_id"],
        postgresql_where=sa.text("status_code = '22'"),
    )


def _claims() -> None:
    op.create_table(
        "recoupment_claim",
        sa.Column("recoupment_id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("share", sa.Numeric(), nullable=True),
        sa.Column("withheld_amount", sa.Numeric(), server_default=NOTHING, nullable=False),
        _of_recoupment("recoupment_claim"),
        sa.PrimaryKeyConstraint("recoupment_id", "claim_id", name=op.f("pk_recoupment_claim")),
    )
    op.create_index(op.f("ix_recoupment_claim_claim_id"), "recoupment_claim", ["claim_id"])


def _clocks() -> None:
    op.create_table(
        "recoupment_clock",
        sa.Column("recoupment_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("safe_on", sa.Date(), nullable=True),
        sa.Column("deadline", JSONB(), nullable=False),
        sa.Column("stated_on", sa.Date(), nullable=True),
        sa.Column("stated_reason", sa.Text(), nullable=False),
        sa.Column("rung_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("missed_cause", sa.String(), nullable=True),
        sa.Column("missed_amount", sa.Numeric(), nullable=True),
        _of_recoupment("recoupment_clock"),
        sa.PrimaryKeyConstraint("recoupment_id", "kind", "level", name=op.f("pk_recoupment_clock")),
    )


def _events() -> None:
    op.create_table(
        "recoupment_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recoupment_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("amount", sa.Numeric(), nullable=True),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sequence", sa.BigInteger(), sa.Identity(), nullable=False),
        _of_recoupment("recoupment_event"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recoupment_event")),
    )
    op.create_index(op.f("ix_recoupment_event_recoupment_id"), "recoupment_event", ["recoupment_id"])


def _letters() -> None:
    op.create_table(
        "recoupment_letter",
        sa.Column("recoupment_id", sa.Uuid(), nullable=False),
        sa.Column("template_version", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("markdown", sa.Text(), nullable=False),
        sa.Column("missing_facts", JSONB(), nullable=False),
        sa.Column("facts", JSONB(), nullable=False),
        sa.Column("dated_on", sa.Date(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        _of_recoupment("recoupment_letter"),
        sa.PrimaryKeyConstraint("recoupment_id", name=op.f("pk_recoupment_letter")),
    )
    op.alter_column("sending", "case_id", nullable=True)
    op.add_column("sending", sa.Column("recoupment_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_sending_recoupment_id_recoupment"), "sending", "recoupment", ["recoupment_id"], ["id"]
    )
    op.create_index(
        "uq_sending_live_rebuttal",
        "sending",
        ["recoupment_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'not_sent'"),
    )


def _of_recoupment(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_recoupment_id_recoupment")
    return sa.ForeignKeyConstraint(["recoupment_id"], ["recoupment.id"], name=name)


def downgrade() -> None:
    op.drop_index("ix_claim_payment_reversal", table_name="claim_payment")
    op.execute("DELETE FROM sent_file WHERE sending_id IN (SELECT id FROM sending WHERE case_id IS NULL)")
    op.execute("DELETE FROM sending WHERE case_id IS NULL")
    op.drop_column("sending", "recoupment_id")
    op.alter_column("sending", "case_id", nullable=False)
    for table in (
        "recoupment_letter",
        "recoupment_event",
        "recoupment_clock",
        "recoupment_claim",
        "recoupment",
    ):
        op.drop_table(table)
