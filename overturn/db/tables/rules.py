"""Which rules are in force, and what a practice has set in their place."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, Column, Identity, Index, Text, text
from sqlmodel import Field, SQLModel

from overturn.db.tables.columns import document, instant


class RuleSet(SQLModel, table=True):
    """A folder of rules by its content hash. `state`: `overturn.rule_sets.State`; at most one published."""

    __tablename__ = "rule_set"
    __table_args__ = (
        Index("uq_rule_set_published", "state", unique=True, postgresql_where=text("state = 'published'")),
    )

    version: str = Field(primary_key=True)  # SHA-256 over names and bytes of its tables
    state: str
    tables: dict[str, str] = document(default=dict)  # content by path within the folder
    problems: list[str] = document()  # why a draft is not tested


class RuleSetStep(SQLModel, table=True):
    """One step of a rule set's life: who, what, when, and why."""

    __tablename__ = "rule_set_step"

    sequence: int = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    version: str = Field(foreign_key="rule_set.version", index=True)
    step: str
    taken_by: UUID = Field(foreign_key="user_account.id")
    note: str = Field(default="", sa_type=Text)
    taken_at: datetime = instant()


class FilingWindowOverride(SQLModel, table=True):
    """A filing window as the practice knows it, with its life: `overturn.domain.window_overrides`."""

    __tablename__ = "filing_window_override"
    __table_args__ = (
        Index(
            "uq_filing_window_override_in_force",
            "payer_key",
            "kind",
            "level",
            unique=True,
            postgresql_where=text("state = 'in_force'"),
        ),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    payer_key: str
    kind: str  # overturn.domain.deadlines.DeadlineKind
    level: int
    amount: int
    unit: str
    counted_from: str
    since: date | None = None  # the first start date it holds for; None: any
    reason: str = Field(sa_type=Text)
    state: str  # overturn.window_overrides.State
    proposed_by: UUID = Field(foreign_key="user_account.id")
    proposed_at: datetime = instant()
    approved_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    approved_at: datetime | None = instant(nullable=True)
    ended_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    ended_at: datetime | None = instant(nullable=True)
