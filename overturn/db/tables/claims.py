"""What we billed, and what was heard of it before any payment."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Index, Text, text
from sqlmodel import Field, SQLModel

from overturn.db.tables.columns import document, instant, money, money_so_far


class Claim(SQLModel, table=True):
    """A claim as the practice numbered it, with its standing over everything the payer has said so far."""

    __tablename__ = "claim"
    __table_args__ = (
        Index(
            "ix_claim_unmatched",
            text("denied_amount DESC"),
            "id",
            postgresql_where=text("adjudicated AND NOT submitted"),
        ),
    )

    id: UUID = Field(primary_key=True)
    patient_control_number: str = Field(index=True)
    billing_npi: str | None = None
    payer_name: str | None = None
    payer_identifier: str | None = None
    patient_name: str | None = None
    member_identifier: str | None = Field(default=None, index=True)
    charge_amount: Decimal = money()
    service_from: date | None = None
    service_to: date | None = None
    submitted: bool = False  # an 837P of ours stands behind it
    acknowledgement: str | None = None  # accepted, rejected: the latest 277CA
    current_payment_id: UUID | None = None  # the adjudication in force
    paid_amount: Decimal = money()  # net of all adjudications, reversals negative
    contractual_amount: Decimal = money()
    patient_amount: Decimal = money()
    denied_amount: Decimal = money()  # unpaid denials of the adjudication in force
    unpriced_amount: Decimal = money_so_far()  # the most that denials without a price can be worth; in no sum
    imbalance_amount: Decimal = money()  # charge the payer's own figures do not explain
    unanswered_amount: Decimal = money_so_far()  # of an adjudicated claim: lines that no answer is about
    taken_back_amount: Decimal = money_so_far()  # by PLB, outside any claim; paid_amount is less by it
    adjudicated: bool = False
    created_at: datetime = instant()


class SubmittedClaim(SQLModel, table=True):
    """One CLM of an 837P."""

    __tablename__ = "submitted_claim"

    id: UUID = Field(primary_key=True)
    claim_id: UUID = Field(foreign_key="claim.id", index=True)
    file_sha256: str = Field(foreign_key="received_file.sha256")
    content: dict[str, Any] = document(default=dict)  # overturn.domain.submission.SubmittedClaim
    frequency_code: str | None = None
    payer_claim_control_number: str | None = Field(default=None, index=True)  # REF*F8
    submitted_on: date | None = None
    segment_index: int
    group_control_number: str | None = Field(default=None, index=True)  # GS06: what a 999 answers by
    transaction_control_number: str | None = None  # ST02
    created_at: datetime = instant()


class ClaimAcknowledgement(SQLModel, table=True):
    """One claim's answer in a 277CA. An accepted one is the proof of timely filing. One without a claim's
    number refuses a batch; `statuses` name it, and each of its claims has an answer of its own."""

    __tablename__ = "claim_acknowledgement"

    id: UUID = Field(primary_key=True)
    claim_id: UUID | None = Field(default=None, foreign_key="claim.id", index=True)
    file_sha256: str = Field(foreign_key="received_file.sha256")
    patient_control_number: str | None = None
    payer_claim_control_number: str | None = Field(default=None, index=True)  # REF*1K
    accepted: bool
    statuses: list[dict[str, Any]] = document()
    acknowledged_on: date | None = None
    segment_index: int
    created_at: datetime = instant()


class ClaimMatch(SQLModel, table=True):
    """A claim of ours that was put under the claim a payer answered, so that its number is known again.

    One that was taken back stays, with who did it and why; it finds nothing any more."""

    __tablename__ = "claim_match"
    __table_args__ = (
        Index(
            "uq_claim_match_standing_former",
            "former_id",
            unique=True,
            postgresql_where=text("undone_at IS NULL"),
        ),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    former_id: UUID  # the id of our claim's own entry, which is gone while the match stands
    number: str = Field(index=True)  # the patient control number we sent
    claim_id: UUID = Field(foreign_key="claim.id", index=True)
    reason: str  # in words: what agreed
    matched_by: UUID | None = Field(default=None, foreign_key="user_account.id")  # None: at posting
    created_at: datetime = instant()
    undone_at: datetime | None = instant(nullable=True)
    undone_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    undone_reason: str | None = Field(default=None, sa_type=Text)


class Rejection(SQLModel, table=True):
    """A claim that came back before adjudication: to be sent again within the payer's filing limit."""

    __tablename__ = "rejection"

    id: UUID = Field(primary_key=True)
    claim_id: UUID = Field(foreign_key="claim.id", index=True)
    file_sha256: str = Field(foreign_key="received_file.sha256")
    source: str  # 277CA, 999
    codes: list[str] = document()
    reason: str = Field(sa_type=Text)
    rejected_on: date | None = None
    due_on: date | None = None
    deadline: dict[str, Any] = document(default=dict)  # derivation, or {"unknown": what is missing}
    state: str = "open"  # open, done
    done_reason: str | None = Field(default=None, sa_type=Text)
    done_by: UUID | None = Field(default=None, foreign_key="user_account.id")  # None: by itself
    done_at: datetime | None = instant(nullable=True)
    created_at: datetime = instant()
