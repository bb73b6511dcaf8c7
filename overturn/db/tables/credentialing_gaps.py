"""Providers whom a payer does not have on file, and the claims that wait for it."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity, Text
from sqlmodel import Field, SQLModel

from overturn.db.tables.columns import instant, money


class CredentialingGap(SQLModel, table=True):
    """One incident: a payer does not know a provider yet. State: `overturn.domain.credentialing.GapState`."""

    __tablename__ = "credentialing_gap"

    id: UUID = Field(primary_key=True)  # by payer and NPI
    payer: str  # a key of rules/payers.csv, or the name as remittances have it
    payer_key: str | None = None
    line_of_business: str | None = None
    npi: str
    state: str
    effective_on: date | None = None
    version: int = 1  # counts what the practice said; a form carries the one it was made from
    opened_on: date
    closed_on: date | None = None


class CredentialingGapClaim(SQLModel, table=True):
    """One claim of an incident, and how it stands: case, rejection, held (not to be sent yet), or done."""

    __tablename__ = "credentialing_gap_claim"

    gap_id: UUID = Field(foreign_key="credentialing_gap.id", primary_key=True)
    claim_id: UUID = Field(primary_key=True)  # gone where the claim was put under another by a match
    case_id: UUID | None = Field(default=None, foreign_key="denial_case.id")
    standing: str
    amount: Decimal = money()
    service_on: date | None = None
    due_on: date | None = None  # the filing limit that runs; None: none is known, or it went out
    remedy: str | None = None  # overturn.domain.credentialing.Remedy, once released
    because: str = Field(default="", sa_type=Text)
    told: bool = False  # the case's workflow heard of the remedy


class CredentialingGapEvent(SQLModel, table=True):
    """One line of an incident's timeline. Its id is the fact's id: the same fact is written once."""

    __tablename__ = "credentialing_gap_event"

    id: UUID = Field(primary_key=True)
    gap_id: UUID = Field(foreign_key="credentialing_gap.id", index=True)
    kind: str
    summary: str = Field(sa_type=Text)
    actor: str  # a user's id, workflow or clock
    happened_at: datetime = instant()
    sequence: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), nullable=False))
