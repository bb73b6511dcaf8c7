"""Denials, the cases that work them, and what was decided and done."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity, Index, Text, text
from sqlmodel import Field, SQLModel

from overturn.db.tables.columns import document, instant, money, money_so_far


class DenialCase(SQLModel, table=True):
    """The work on one denied claim, one round. Status and outcome: `overturn.domain.denial_case`."""

    __tablename__ = "denial_case"
    __table_args__ = (
        Index(
            "uq_denial_case_open_claim",
            "claim_id",
            unique=True,
            postgresql_where=text("status <> 'resolved'"),
        ),
    )

    id: UUID = Field(primary_key=True)
    claim_id: UUID = Field(foreign_key="claim.id", index=True)
    round_number: int
    claim_payment_id: UUID = Field(foreign_key="claim_payment.id")
    payer_key: str | None = None  # of rules/filing_windows.csv; None when no rule knows the payer
    payer_name: str | None = None
    line_of_business: str | None = None
    category: str
    cause: str
    action: str
    denied_amount: Decimal = money()  # first denied, once per line; of what had no price, what came of it
    unpriced_amount: Decimal = money_so_far()  # the most that denials without a price can be worth
    paid_before_amount: Decimal = money()  # the claim's net payments when the case opened
    recovered_amount: Decimal = money()  # and not taken back since
    taken_back_amount: Decimal = money_so_far()  # recovered first, taken back by PLB since
    written_off_amount: Decimal = money()
    expected_recovery_amount: Decimal = money()
    queue: str | None = None
    priority: Decimal = money()
    priority_reason: str = ""
    odds: dict[str, Any] = document(default=dict)  # overturn.domain.priority.Odds; empty: not yet prepared
    status: str
    outcome: str | None = None
    due_on: date | None = None
    safe_on: date | None = None
    deadline: dict[str, Any] = document(default=dict)  # derivation, or {"unknown": what is missing}
    denied_on: date | None = None  # the remittance's date
    appeal_level: int = 1  # the step of the ladder that is being worked
    answered_on: date | None = None  # the payer's decision that a level above the first answers
    received_on: date | None = None  # of it, or of the remittance: proven, not presumed
    assigned_to: UUID | None = Field(default=None, foreign_key="user_account.id")
    pended_until: date | None = None  # out of the queue until then
    escalated_at: datetime | None = instant(nullable=True)  # the last day came near, and the lead was told
    missed_cause: str | None = None  # overturn.domain.denial_case.MissedCause, of a case that expired
    version: int = 1  # counts the steps taken; a form carries the one it was made from
    opened_at: datetime = instant()
    resolved_at: datetime | None = instant(nullable=True)


class Denial(SQLModel, table=True):
    """One classified denial of a case: a service line, or the claim itself (`line_number` null)."""

    __tablename__ = "denial"

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(foreign_key="denial_case.id", index=True)
    claim_payment_id: UUID = Field(foreign_key="claim_payment.id")
    line_number: int | None = None
    category: str
    cause: str
    action: str
    appealable: str
    preventable: str
    procedure: str | None = None
    group_code: str | None = None
    carc: str | None = None  # None where a line was cut without any adjustment
    rarcs: list[str] = document()
    denied_amount: Decimal = money()
    unpriced_amount: Decimal = money_so_far()  # the most it can be worth, where it has no price
    rule_id: str
    rule_version: str
    rule_source: str
    evidence: list[dict[str, Any]] = document()
    explanation: str = Field(sa_type=Text)
    guardrail: str | None = None
    confidence: str | None = None  # None: classified before it was kept
    confidence_reason: str | None = None
    reasoning: dict[str, Any] = document(default=dict)  # overturn.domain.reasoning.Reasoning
    route: str | None = None  # the queue the rule asks for
    playbook: list[str] = document()  # its steps, as they were when it was classified
    created_at: datetime = instant()


class Classification(SQLModel, table=True):
    """What one version of the rules made of one line of a case: added, never changed, never taken away."""

    __tablename__ = "classification"

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(foreign_key="denial_case.id", index=True)
    claim_payment_id: UUID = Field(foreign_key="claim_payment.id")
    line_number: int | None = None
    rule_version: str
    rule_id: str
    category: str
    cause: str
    action: str
    confidence: str
    denied_amount: Decimal = money()
    reasoning: dict[str, Any] = document(default=dict)
    created_at: datetime = instant()


class WorkItem(SQLModel, table=True):
    """The next thing a person does for a case; at most one is open per case."""

    __tablename__ = "work_item"
    __table_args__ = (
        Index("uq_work_item_open_case", "case_id", unique=True, postgresql_where=text("done_at IS NULL")),
        Index(
            "ix_work_item_queue_open",
            "queue",
            text("priority DESC"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(foreign_key="denial_case.id", index=True)
    queue: str
    kind: str  # overturn.domain.routing
    title: str
    priority: Decimal = money()
    due_on: date | None = None
    created_at: datetime = instant()
    done_at: datetime | None = instant(nullable=True)


class StepWords(SQLModel, table=True):
    """What a person typed into a step, under the step's id: written before the workflow hears of the step."""

    __tablename__ = "step_words"

    step_id: UUID = Field(primary_key=True)
    case_id: UUID = Field(foreign_key="denial_case.id", index=True)
    words: str = Field(sa_type=Text)
    created_at: datetime = instant()


class CaseEvent(SQLModel, table=True):
    """One line of a case's timeline. Its id is the fact's id: the same fact is written once."""

    __tablename__ = "case_event"

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(foreign_key="denial_case.id", index=True)
    kind: str
    summary: str = Field(sa_type=Text)
    actor: str  # a user's id, or the part of the system: classifier, workflow, clock
    amount: Decimal | None = money(nullable=True)
    happened_at: datetime = instant()
    sequence: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), nullable=False))
