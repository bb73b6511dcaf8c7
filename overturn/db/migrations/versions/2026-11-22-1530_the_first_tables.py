"""the first tables"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "claim",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_control_number", sa.String(), nullable=False),
        sa.Column("billing_npi", sa.String(), nullable=True),
        sa.Column("payer_name", sa.String(), nullable=True),
        sa.Column("payer_identifier", sa.String(), nullable=True),
        sa.Column("patient_name", sa.String(), nullable=True),
        sa.Column("member_identifier", sa.String(), nullable=True),
        sa.Column("charge_amount", sa.Numeric(), nullable=False),
        sa.Column("service_from", sa.Date(), nullable=True),
        sa.Column("service_to", sa.Date(), nullable=True),
        sa.Column("submitted", sa.Boolean(), nullable=False),
        sa.Column("acknowledgement", sa.String(), nullable=True),
        sa.Column("current_payment_id", sa.Uuid(), nullable=True),
        sa.Column("paid_amount", sa.Numeric(), nullable=False),
        sa.Column("contractual_amount", sa.Numeric(), nullable=False),
        sa.Column("patient_amount", sa.Numeric(), nullable=False),
        sa.Column("denied_amount", sa.Numeric(), nullable=False),
        sa.Column("imbalance_amount", sa.Numeric(), nullable=False),
        sa.Column("adjudicated", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
    )
    op.create_index(
        op.f("ix_claim_patient_control_number"), "claim", ["patient_control_number"], unique=False
    )
    op.create_table(
        "dead_letter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("consumer", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("kafka_offset", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(), nullable=True),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("died_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dead_letter")),
    )
    op.create_table(
        "inbox",
        sa.Column("consumer", sa.String(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "event_id", name=op.f("pk_inbox")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_partition", sa.Integer(), nullable=True),
        sa.Column("sent_offset", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("event_id", name=op.f("uq_outbox_event_id")),
    )
    op.create_index("ix_outbox_sent", "outbox", ["topic", "sent_partition", "sent_offset"], unique=False)
    op.create_index(
        "ix_outbox_unsent", "outbox", ["id"], unique=False, postgresql_where=sa.text("sent_at IS NULL")
    )
    op.create_table(
        "received_file",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("transaction_types", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_received_file")),
    )
    op.create_table(
        "user_account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_name", sa.String(), nullable=False),
        sa.Column("display_name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("user_name", name=op.f("uq_user_account_user_name")),
    )
    op.create_table(
        "claim_acknowledgement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=True),
        sa.Column("file_sha256", sa.String(), nullable=False),
        sa.Column("patient_control_number", sa.String(), nullable=True),
        sa.Column("payer_claim_control_number", sa.String(), nullable=True),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("statuses", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("acknowledged_on", sa.Date(), nullable=True),
        sa.Column("segment_index", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["claim.id"], name=op.f("fk_claim_acknowledgement_claim_id_claim")
        ),
        sa.ForeignKeyConstraint(
            ["file_sha256"],
            ["received_file.sha256"],
            name=op.f("fk_claim_acknowledgement_file_sha256_received_file"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_acknowledgement")),
    )
    op.create_index(
        op.f("ix_claim_acknowledgement_claim_id"), "claim_acknowledgement", ["claim_id"], unique=False
    )
    op.create_table(
        "remittance",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("file_sha256", sa.String(), nullable=False),
        sa.Column("control_number", sa.String(), nullable=False),
        sa.Column("interchange_control_number", sa.String(), nullable=False),
        sa.Column("payer_name", sa.String(), nullable=True),
        sa.Column("payer_identifier", sa.String(), nullable=True),
        sa.Column("payee_name", sa.String(), nullable=True),
        sa.Column("payee_npi", sa.String(), nullable=True),
        sa.Column("trace_number", sa.String(), nullable=True),
        sa.Column("payment_amount", sa.Numeric(), nullable=False),
        sa.Column("payment_method", sa.String(), nullable=True),
        sa.Column("payment_on", sa.Date(), nullable=True),
        sa.Column("claims_paid_amount", sa.Numeric(), nullable=False),
        sa.Column("provider_adjustments_amount", sa.Numeric(), nullable=False),
        sa.Column("difference_amount", sa.Numeric(), nullable=False),
        sa.Column("segment_index", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_sha256"], ["received_file.sha256"], name=op.f("fk_remittance_file_sha256_received_file")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remittance")),
    )
    op.create_index(op.f("ix_remittance_file_sha256"), "remittance", ["file_sha256"], unique=False)
    op.create_table(
        "submitted_claim",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("file_sha256", sa.String(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("frequency_code", sa.String(), nullable=True),
        sa.Column("submitted_on", sa.Date(), nullable=True),
        sa.Column("segment_index", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_submitted_claim_claim_id_claim")),
        sa.ForeignKeyConstraint(
            ["file_sha256"],
            ["received_file.sha256"],
            name=op.f("fk_submitted_claim_file_sha256_received_file"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submitted_claim")),
    )
    op.create_index(op.f("ix_submitted_claim_claim_id"), "submitted_claim", ["claim_id"], unique=False)
    op.create_table(
        "user_session",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("form_token", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_user_session_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_user_session")),
    )
    op.create_index(op.f("ix_user_session_user_id"), "user_session", ["user_id"], unique=False)
    op.create_table(
        "claim_payment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("remittance_id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("patient_control_number", sa.String(), nullable=True),
        sa.Column("payer_claim_control_number", sa.String(), nullable=True),
        sa.Column("status_code", sa.String(), nullable=False),
        sa.Column("charge_amount", sa.Numeric(), nullable=False),
        sa.Column("paid_amount", sa.Numeric(), nullable=False),
        sa.Column("patient_responsibility_amount", sa.Numeric(), nullable=True),
        sa.Column("filing_indicator", sa.String(), nullable=True),
        sa.Column("place_of_service", sa.String(), nullable=True),
        sa.Column("frequency_code", sa.String(), nullable=True),
        sa.Column("service_from", sa.Date(), nullable=True),
        sa.Column("service_to", sa.Date(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("payment_on", sa.Date(), nullable=True),
        sa.Column("patient_name", sa.String(), nullable=True),
        sa.Column("member_identifier", sa.String(), nullable=True),
        sa.Column("rendering_npi", sa.String(), nullable=True),
        sa.Column("segment_index", sa.Integer(), nullable=False),
        sa.Column("segments", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_claim_payment_claim_id_claim")),
        sa.ForeignKeyConstraint(
            ["remittance_id"], ["remittance.id"], name=op.f("fk_claim_payment_remittance_id_remittance")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_payment")),
    )
    op.create_index(op.f("ix_claim_payment_claim_id"), "claim_payment", ["claim_id"], unique=False)
    op.create_index(
        op.f("ix_claim_payment_payer_claim_control_number"),
        "claim_payment",
        ["payer_claim_control_number"],
        unique=False,
    )
    op.create_index(op.f("ix_claim_payment_remittance_id"), "claim_payment", ["remittance_id"], unique=False)
    op.create_table(
        "provider_adjustment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("remittance_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("amount", sa.Numeric(), nullable=False),
        sa.Column("segment_index", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["remittance_id"], ["remittance.id"], name=op.f("fk_provider_adjustment_remittance_id_remittance")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_adjustment")),
    )
    op.create_index(
        op.f("ix_provider_adjustment_remittance_id"), "provider_adjustment", ["remittance_id"], unique=False
    )
    op.create_table(
        "adjustment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("claim_payment_id", sa.Uuid(), nullable=False),
        sa.Column("line_number", sa.Integer(), nullable=True),
        sa.Column("group_code", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("amount", sa.Numeric(), nullable=False),
        sa.Column("quantity", sa.Numeric(), nullable=True),
        sa.Column("segment_index", sa.Integer(), nullable=False),
        sa.Column("element", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["claim_payment_id"],
            ["claim_payment.id"],
            name=op.f("fk_adjustment_claim_payment_id_claim_payment"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjustment")),
    )
    op.create_index(op.f("ix_adjustment_claim_payment_id"), "adjustment", ["claim_payment_id"], unique=False)
    op.create_table(
        "denial_case",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("round_number", sa.Integer(), nullable=False),
        sa.Column("claim_payment_id", sa.Uuid(), nullable=False),
        sa.Column("payer_key", sa.String(), nullable=True),
        sa.Column("payer_name", sa.String(), nullable=True),
        sa.Column("line_of_business", sa.String(), nullable=True),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("denied_amount", sa.Numeric(), nullable=False),
        sa.Column("paid_before_amount", sa.Numeric(), nullable=False),
        sa.Column("recovered_amount", sa.Numeric(), nullable=False),
        sa.Column("written_off_amount", sa.Numeric(), nullable=False),
        sa.Column("expected_recovery_amount", sa.Numeric(), nullable=False),
        sa.Column("queue", sa.String(), nullable=True),
        sa.Column("priority", sa.Numeric(), nullable=False),
        sa.Column("priority_reason", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("safe_on", sa.Date(), nullable=True),
        sa.Column("deadline", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("denied_on", sa.Date(), nullable=True),
        sa.Column("assigned_to", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["assigned_to"], ["user_account.id"], name=op.f("fk_denial_case_assigned_to_user_account")
        ),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_denial_case_claim_id_claim")),
        sa.ForeignKeyConstraint(
            ["claim_payment_id"],
            ["claim_payment.id"],
            name=op.f("fk_denial_case_claim_payment_id_claim_payment"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_denial_case")),
    )
    op.create_index(op.f("ix_denial_case_claim_id"), "denial_case", ["claim_id"], unique=False)
    op.create_index(
        "uq_denial_case_open_claim",
        "denial_case",
        ["claim_id"],
        unique=True,
        postgresql_where=sa.text("status <> 'resolved'"),
    )
    op.create_table(
        "remark",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("claim_payment_id", sa.Uuid(), nullable=False),
        sa.Column("line_number", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("segment_index", sa.Integer(), nullable=False),
        sa.Column("element", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["claim_payment_id"], ["claim_payment.id"], name=op.f("fk_remark_claim_payment_id_claim_payment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remark")),
    )
    op.create_index(op.f("ix_remark_claim_payment_id"), "remark", ["claim_payment_id"], unique=False)
    op.create_table(
        "service_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("claim_payment_id", sa.Uuid(), nullable=False),
        sa.Column("line_number", sa.Integer(), nullable=False),
        sa.Column("procedure", sa.String(), nullable=True),
        sa.Column("modifiers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("submitted_procedure", sa.String(), nullable=True),
        sa.Column("submitted_modifiers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("charge_amount", sa.Numeric(), nullable=False),
        sa.Column("paid_amount", sa.Numeric(), nullable=False),
        sa.Column("allowed_amount", sa.Numeric(), nullable=True),
        sa.Column("units", sa.Numeric(), nullable=True),
        sa.Column("service_on", sa.Date(), nullable=True),
        sa.Column("service_to", sa.Date(), nullable=True),
        sa.Column("control_number", sa.String(), nullable=True),
        sa.Column("rendering_npi", sa.String(), nullable=True),
        sa.Column("segment_index", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["claim_payment_id"],
            ["claim_payment.id"],
            name=op.f("fk_service_line_claim_payment_id_claim_payment"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_line")),
    )
    op.create_index(
        op.f("ix_service_line_claim_payment_id"), "service_line", ["claim_payment_id"], unique=False
    )
    op.create_table(
        "case_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("amount", sa.Numeric(), nullable=True),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sequence", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["denial_case.id"], name=op.f("fk_case_event_case_id_denial_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_event")),
    )
    op.create_index(op.f("ix_case_event_case_id"), "case_event", ["case_id"], unique=False)
    op.create_table(
        "denial",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("claim_payment_id", sa.Uuid(), nullable=False),
        sa.Column("line_number", sa.Integer(), nullable=True),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("appealable", sa.String(), nullable=False),
        sa.Column("preventable", sa.String(), nullable=False),
        sa.Column("procedure", sa.String(), nullable=True),
        sa.Column("group_code", sa.String(), nullable=True),
        sa.Column("carc", sa.String(), nullable=True),
        sa.Column("rarcs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("denied_amount", sa.Numeric(), nullable=False),
        sa.Column("rule_id", sa.String(), nullable=False),
        sa.Column("rule_version", sa.String(), nullable=False),
        sa.Column("rule_source", sa.String(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("guardrail", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["denial_case.id"], name=op.f("fk_denial_case_id_denial_case")),
        sa.ForeignKeyConstraint(
            ["claim_payment_id"], ["claim_payment.id"], name=op.f("fk_denial_claim_payment_id_claim_payment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_denial")),
    )
    op.create_index(op.f("ix_denial_case_id"), "denial", ["case_id"], unique=False)
    op.create_table(
        "letter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("template_version", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("draft_markdown", sa.Text(), nullable=False),
        sa.Column("markdown", sa.Text(), nullable=False),
        sa.Column("missing_facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.Column("docx", sa.LargeBinary(), nullable=False),
        sa.Column("dated_on", sa.Date(), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["user_account.id"], name=op.f("fk_letter_approved_by_user_account")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["denial_case.id"], name=op.f("fk_letter_case_id_denial_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
    )
    op.create_index(op.f("ix_letter_case_id"), "letter", ["case_id"], unique=False)
    op.create_table(
        "work_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("priority", sa.Numeric(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["denial_case.id"], name=op.f("fk_work_item_case_id_denial_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_item")),
    )
    op.create_index(op.f("ix_work_item_case_id"), "work_item", ["case_id"], unique=False)
    op.create_index(
        "ix_work_item_queue_open",
        "work_item",
        ["queue", sa.literal_column("priority DESC")],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_index(
        "uq_work_item_open_case",
        "work_item",
        ["case_id"],
        unique=True,
        postgresql_where=sa.text("done_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index(
        "uq_work_item_open_case", table_name="work_item", postgresql_where=sa.text("done_at IS NULL")
    )
    op.drop_index(
        "ix_work_item_queue_open", table_name="work_item", postgresql_where=sa.text("done_at IS NULL")
    )
    op.drop_index(op.f("ix_work_item_case_id"), table_name="work_item")
    op.drop_table("work_item")
    op.drop_index(op.f("ix_letter_case_id"), table_name="letter")
    op.drop_table("letter")
    op.drop_index(op.f("ix_denial_case_id"), table_name="denial")
    op.drop_table("denial")
    op.drop_index(op.f("ix_case_event_case_id"), table_name="case_event")
    op.drop_table("case_event")
    op.drop_index(op.f("ix_service_line_claim_payment_id"), table_name="service_line")
    op.drop_table("service_line")
    op.drop_index(op.f("ix_remark_claim_payment_id"), table_name="remark")
    op.drop_table("remark")
    op.drop_index(
        "uq_denial_case_open_claim",
        table_name="denial_case",
        postgresql_where=sa.text("status <> 'resolved'"),
    )
    op.drop_index(op.f("ix_denial_case_claim_id"), table_name="denial_case")
    op.drop_table("denial_case")
    op.drop_index(op.f("ix_adjustment_claim_payment_id"), table_name="adjustment")
    op.drop_table("adjustment")
    op.drop_index(op.f("ix_provider_adjustment_remittance_id"), table_name="provider_adjustment")
    op.drop_table("provider_adjustment")
    op.drop_index(op.f("ix_claim_payment_remittance_id"), table_name="claim_payment")
    op.drop_index(op.f("ix_claim_payment_payer_claim_control_number"), table_name="claim_payment")
    op.drop_index(op.f("ix_claim_payment_claim_id"), table_name="claim_payment")
    op.drop_table("claim_payment")
    op.drop_index(op.f("ix_user_session_user_id"), table_name="user_session")
    op.drop_table("user_session")
    op.drop_index(op.f("ix_submitted_claim_claim_id"), table_name="submitted_claim")
    op.drop_table("submitted_claim")
    op.drop_index(op.f("ix_remittance_file_sha256"), table_name="remittance")
    op.drop_table("remittance")
    op.drop_index(op.f("ix_claim_acknowledgement_claim_id"), table_name="claim_acknowledgement")
    op.drop_table("claim_acknowledgement")
    op.drop_table("user_account")
    op.drop_table("received_file")
    op.drop_index("ix_outbox_unsent", table_name="outbox", postgresql_where=sa.text("sent_at IS NULL"))
    op.drop_index("ix_outbox_sent", table_name="outbox")
    op.drop_table("outbox")
    op.drop_table("inbox")
    op.drop_table("dead_letter")
    op.drop_index(op.f("ix_claim_patient_control_number"), table_name="claim")
    op.drop_table("claim")
