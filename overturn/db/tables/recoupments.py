"""Money that payers demand back."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity, Index, Text, text
from sqlmodel import Field, SQLModel

from overturn.db.tables.columns import document, instant, money, money_so_far


class Recoupment(SQLModel, table=True):
    """Money a payer demands back: `overturn.domain.recoupment` has its statuses and what its dollars mean."""

    __tablename__ = "recoupment"
    __table_args__ = (
        Index(
            "uq_recoupment_reference",
            "payer",
            "reference",
            unique=True,
            postgresql_where=text("source = 'letter'"),
        ),
    )

    id: UUID = Field(primary_key=True)
    payer: str  # a key of rules/payers.csv, or the name as remittances have it
    payer_key: str | None = None
    payer_name: str | None = None
    line_of_business: str | None = None
    source: str  # letter, take_back
    reference: str | None = None  # of the payer's letter
    demanded_amount: Decimal = money()
    withdrawn_amount: Decimal = money_so_far()  # given up by the payer's decision
    given_back_amount: Decimal = money_so_far()  # taken first, and given back by a remittance
    withheld_amount: Decimal = money_so_far()  # taken by remittances, and kept
    repaid_amount: Decimal = money_so_far()  # sent to the payer by the practice
    status: str
    outcome: str | None = None
    dispute: str | None = None  # rebuttal or appeal: what is, or goes, to the payer
    level: int = 1  # of the appeal that is open or under way
    notice_on: date | None = None  # the letter, or the remittance it was seen in
    received_on: date | None = None  # proof of receipt, if there is any
    answered_on: date | None = None  # the decision that a level above the first answers
    rebutted_on: date | None = None
    appealed_on: date | None = None  # at this level
    assigned_to: UUID | None = Field(default=None, foreign_key="user_account.id")
    escalated_at: datetime | None = instant(nullable=True)  # a last day came near, and the lead was told
    last_step: dict[str, Any] = document(default=dict)  # overturn.db.recoupment_undo: what it found
    version: int = 1  # counts what changed it; a form carries the one it was made from
    looked_version: int = 0  # the one its workflow has seen
    next_look_at: datetime | None = instant(nullable=True)  # by then its workflow looks again
    opened_on: date
    closed_on: date | None = None


class RecoupmentClaim(SQLModel, table=True):
    """A claim that a demand is about. `share` is what a take-back demands of it; None: whatever is taken."""

    __tablename__ = "recoupment_claim"

    recoupment_id: UUID = Field(foreign_key="recoupment.id", primary_key=True)
    claim_id: UUID = Field(primary_key=True, index=True)  # gone where it was put under another by a match
    share: Decimal | None = money(nullable=True)
    withheld_amount: Decimal = money_so_far()


class RecoupmentClock(SQLModel, table=True):
    """One last day of a recoupment at one level, with its derivation, and what became of it."""

    __tablename__ = "recoupment_clock"

    recoupment_id: UUID = Field(foreign_key="recoupment.id", primary_key=True)
    kind: str = Field(primary_key=True)  # overturn.domain.deadlines.DeadlineKind
    level: int = Field(primary_key=True)
    state: str  # overturn.domain.recoupment.ClockState
    due_on: date | None = None
    safe_on: date | None = None
    deadline: dict[str, Any] = document(default=dict)  # derivation, or {"unknown": what is missing}
    stated_on: date | None = None  # the last day as a person stated it
    stated_reason: str = Field(default="", sa_type=Text)
    rung_at: datetime | None = instant(nullable=True)  # its alarms up to here are done
    missed_cause: str | None = None  # overturn.domain.denial_case.MissedCause
    missed_amount: Decimal | None = money(nullable=True)


class RecoupmentLetter(SQLModel, table=True):
    """The rebuttal of a recoupment, from draft to what was sent; one for each."""

    __tablename__ = "recoupment_letter"

    recoupment_id: UUID = Field(foreign_key="recoupment.id", primary_key=True)
    template_version: str
    title: str
    markdown: str = Field(sa_type=Text)
    missing_facts: list[str] = document()
    facts: dict[str, str] = document(default=dict)  # as the letter prints them
    dated_on: date
    updated_at: datetime = instant()


class RecoupmentEvent(SQLModel, table=True):
    """One line of a recoupment's timeline. Its id is the fact's id: the same fact is written once."""

    __tablename__ = "recoupment_event"

    id: UUID = Field(primary_key=True)
    recoupment_id: UUID = Field(foreign_key="recoupment.id", index=True)
    kind: str
    summary: str = Field(sa_type=Text)
    actor: str  # a user's id, workflow or clock
    amount: Decimal | None = money(nullable=True)
    happened_at: datetime = instant()
    sequence: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), nullable=False))
