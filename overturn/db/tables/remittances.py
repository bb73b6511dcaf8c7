"""What payers said of money, as their remittances have it."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Column, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from overturn.db.tables.columns import document, instant, money


class Remittance(SQLModel, table=True):
    """One payment: an 835 transaction set. Its id is its content, so a resent file finds it there."""

    __tablename__ = "remittance"

    id: UUID = Field(primary_key=True)
    file_sha256: str = Field(foreign_key="received_file.sha256", index=True)
    control_number: str
    interchange_control_number: str
    payer_name: str | None = None
    payer_identifier: str | None = None
    payee_name: str | None = None
    payee_npi: str | None = None
    trace_number: str | None = None
    payment_amount: Decimal = money()
    payment_method: str | None = None
    payment_on: date | None = None
    claims_paid_amount: Decimal = money()
    provider_adjustments_amount: Decimal = money()
    difference_amount: Decimal = money()
    segment_index: int
    created_at: datetime = instant()


class ProviderAdjustment(SQLModel, table=True):
    """One PLB pair, with the claim its reference names; None: money of the provider as a whole."""

    __tablename__ = "provider_adjustment"
    __table_args__ = (Index("ix_provider_adjustment_numbers", "numbers", postgresql_using="gin"),)

    id: UUID = Field(primary_key=True)
    remittance_id: UUID = Field(foreign_key="remittance.id", index=True)
    claim_id: UUID | None = Field(default=None, foreign_key="claim.id", index=True)
    reason: str
    reference: str | None = None
    numbers: list[str] = Field(  # claim numbers the reference may mean: overturn.domain.take_backs
        default_factory=list, sa_column=Column(ARRAY(Text), nullable=False)
    )
    amount: Decimal = money()
    segment_index: int


class ClaimPayment(SQLModel, table=True):
    """One CLP: what one remittance says of one claim. `segments` is the loop as it stood in the file."""

    __tablename__ = "claim_payment"
    __table_args__ = (
        Index("ix_claim_payment_reversal", "claim_id", postgresql_where=text("status_code = '22'")),
    )

    id: UUID = Field(primary_key=True)
    remittance_id: UUID = Field(foreign_key="remittance.id", index=True)
    claim_id: UUID = Field(foreign_key="claim.id", index=True)
    position: int  # within the remittance, from 1
    patient_control_number: str | None = Field(default=None, index=True)
    payer_claim_control_number: str | None = Field(default=None, index=True)
    status_code: str
    charge_amount: Decimal = money()
    paid_amount: Decimal = money()
    patient_responsibility_amount: Decimal | None = money(nullable=True)
    filing_indicator: str | None = None
    place_of_service: str | None = None
    frequency_code: str | None = None
    service_from: date | None = None
    service_to: date | None = None
    received_on: date | None = None
    payment_on: date | None = None  # of the remittance: adjudications are put in this order
    patient_name: str | None = None
    member_identifier: str | None = None
    rendering_npi: str | None = None
    segment_index: int
    segments: list[str] = document()
    created_at: datetime = instant()


class ServiceLine(SQLModel, table=True):
    """One SVC."""

    __tablename__ = "service_line"

    id: UUID = Field(primary_key=True)
    claim_payment_id: UUID = Field(foreign_key="claim_payment.id", index=True)
    line_number: int
    procedure: str | None = None
    modifiers: list[str] = document()
    submitted_procedure: str | None = None
    submitted_modifiers: list[str] = document()
    charge_amount: Decimal = money()
    paid_amount: Decimal = money()
    allowed_amount: Decimal | None = money(nullable=True)
    units: Decimal | None = money(nullable=True)
    service_on: date | None = None
    service_to: date | None = None
    control_number: str | None = None
    rendering_npi: str | None = None
    segment_index: int


class Adjustment(SQLModel, table=True):
    """One CAS triplet, of a claim (`line_number` null) or of a service line."""

    __tablename__ = "adjustment"

    id: UUID = Field(primary_key=True)
    claim_payment_id: UUID = Field(foreign_key="claim_payment.id", index=True)
    line_number: int | None = None
    group_code: str
    reason: str
    amount: Decimal = money()
    quantity: Decimal | None = money(nullable=True)
    segment_index: int
    element: int


class Remark(SQLModel, table=True):
    """One RARC, of a claim (`line_number` null) or of a service line."""

    __tablename__ = "remark"

    id: UUID = Field(primary_key=True)
    claim_payment_id: UUID = Field(foreign_key="claim_payment.id", index=True)
    line_number: int | None = None
    code: str
    segment_index: int
    element: int


class Imbalance(SQLModel, table=True):
    """An amount that a payer's own figures leave unexplained, recorded once: `overturn.domain.balancing`."""

    __tablename__ = "imbalance"

    id: UUID = Field(primary_key=True)
    remittance_id: UUID = Field(foreign_key="remittance.id", index=True)
    claim_payment_id: UUID | None = Field(default=None, foreign_key="claim_payment.id", index=True)
    line_number: int | None = None
    level: str  # line, claim, remittance
    amount: Decimal = money()
    segment_index: int
