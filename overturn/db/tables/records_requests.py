"""Requests for medical records."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity, Text
from sqlmodel import Field, SQLModel

from overturn.db.tables.columns import document, instant, money


class RecordsRequest(SQLModel, table=True):
    """A payer's request for records. Status, outcome and the rest: `overturn.domain.records_request`."""

    __tablename__ = "records_request"

    id: UUID = Field(primary_key=True)  # by claim, date and reference: entered twice, it is there once
    claim_id: UUID = Field(foreign_key="claim.id", index=True)
    case_id: UUID | None = Field(default=None, foreign_key="denial_case.id", index=True)
    payer_key: str | None = None  # of rules/payers.csv
    payer_name: str | None = None
    line_of_business: str | None = None
    requester: str
    requester_name: str = ""  # of a contractor that takes its answers itself
    notice: str
    reference: str = ""  # the case or request number that the payer gave
    requested_on: date
    printed_due_on: date | None = None
    documents: list[str] = document()  # keys of rules/required_documents.csv
    other_documents: str = Field(default="", sa_type=Text)  # what else is asked, in the payer's words
    amount: Decimal = money()  # what is lost without an answer
    paid_before_amount: Decimal = money()  # the claim's net payments when the request was opened
    denied_before_amount: Decimal = money()
    seen_payment_id: UUID | None = None  # the claim's adjudication that is taken into account
    status: str
    outcome: str | None = None
    due_on: date | None = None
    safe_on: date | None = None
    deadline: dict[str, Any] = document(default=dict)  # derivation, or {"unknown": what is missing}
    alarms_done: datetime = instant()  # those up to this instant
    assigned_to: UUID | None = Field(default=None, foreign_key="user_account.id")
    escalated_at: datetime | None = instant(nullable=True)  # the last day came near, and the lead was told
    missed_cause: str | None = None  # overturn.domain.denial_case.MissedCause
    sent_on: date | None = None
    asked: int = 0  # how often the payer was to be asked where it stands
    version: int = 1  # counts the changes; a form carries the one it was made from
    seen_version: int = 0  # the one that its workflow knows
    next_look_at: datetime | None = instant(nullable=True)  # when its workflow looks by itself
    opened_at: datetime = instant()
    closed_at: datetime | None = instant(nullable=True)


class RecordsRequestEvent(SQLModel, table=True):
    """One line of a request's timeline. Its id is the fact's id: the same fact is written once."""

    __tablename__ = "records_request_event"

    id: UUID = Field(primary_key=True)
    request_id: UUID = Field(foreign_key="records_request.id", index=True)
    kind: str
    summary: str = Field(sa_type=Text)
    actor: str  # a user's id, workflow or clock
    happened_at: datetime = instant()
    sequence: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), nullable=False))
