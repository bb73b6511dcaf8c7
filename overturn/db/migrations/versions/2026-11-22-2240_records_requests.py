"""records requests: what payers ask for, its timeline, and their documents and sendings"""

import sqlalchemy as sa
from alembic import op

revision = "0021_records_requests"
down_revision = "0022_recoupments"
branch_labels = None
depends_on = None

ONE_OWNER = {
    "exhibit": "num_nonnulls(case_id, request_id) = 1",
    "sending": "num_nonnulls(case_id, request_id, recoupment_id) = 1",
}


def upgrade() -> None:
    _requests()
    op.create_table(
        "records_request_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sequence", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["records_request.id"],
            name=op.f("fk_records_request_event_request_id_records_request"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_records_request_event")),
    )
    op.create_index(op.f("ix_records_request_event_request_id"), "records_request_event", ["request_id"])
    for table in ("exhibit", "sending"):
        op.alter_column(table, "case_id", nullable=True)
        op.add_column(table, sa.Column("request_id", sa.Uuid(), nullable=True))
        op.create_foreign_key(
            op.f(f"fk_{table}_request_id_records_request"), table, "records_request", ["request_id"], ["id"]
        )
        op.create_check_constraint("one_owner", table, ONE_OWNER[table])
    op.create_index(op.f("ix_exhibit_request_id"), "exhibit", ["request_id"])
    op.create_index(
        "uq_sending_live_request",
        "sending",
        ["request_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'not_sent'"),
    )


def _requests() -> None:
    op.create_table(
        "records_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("payer_key", sa.String(), nullable=True),
        sa.Column("payer_name", sa.String(), nullable=True),
        sa.Column("line_of_business", sa.String(), nullable=True),
        sa.Column("requester", sa.String(), nullable=False),
        sa.Column("requester_name", sa.String(), nullable=False),
        sa.Column("notice", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("requested_on", sa.Date(), nullable=False),
        sa.Column("printed_due_on", sa.Date(), nullable=True),
        sa.Column("documents", sa.dialects.postgresql.JSONB(), nullable=False),
        sa.Column("other_documents", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(), nullable=False),
        sa.Column("paid_before_amount", sa.Numeric(), nullable=False),
        sa.Column("denied_before_amount", sa.Numeric(), nullable=False),
        sa.Column("seen_payment_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("safe_on", sa.Date(), nullable=True),
        sa.Column("deadline", sa.dialects.postgresql.JSONB(), nullable=False),
        sa.Column("alarms_done", sa.DateTime(timezone=True), nullable=False),
        sa.Column("assigned_to", sa.Uuid(), nullable=True),
        sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("missed_cause", sa.String(), nullable=True),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("seen_version", sa.Integer(), nullable=False),
        sa.Column("next_look_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_records_request_claim_id_claim")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["denial_case.id"], name=op.f("fk_records_request_case_id_denial_case")
        ),
        sa.ForeignKeyConstraint(
            ["assigned_to"], ["user_account.id"], name=op.f("fk_records_request_assigned_to_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_records_request")),
    )
    op.create_index(op.f("ix_records_request_claim_id"), "records_request", ["claim_id"])
    op.create_index(op.f("ix_records_request_case_id"), "records_request", ["case_id"])


def downgrade() -> None:
    op.execute("DELETE FROM sent_file WHERE sending_id IN (SELECT id FROM sending WHERE case_id IS NULL)")
    op.drop_index("uq_sending_live_request", "sending")
    for table in ("exhibit", "sending"):
        op.execute(f"DELETE FROM {table} WHERE case_id IS NULL")  # noqa: S608 - one of the two names above
        op.drop_constraint(op.f(f"ck_{table}_one_owner"), table)
        op.drop_column(table, "request_id")
        op.alter_column(table, "case_id", nullable=False)
    op.drop_table("records_request_event")
    op.drop_table("records_request")
