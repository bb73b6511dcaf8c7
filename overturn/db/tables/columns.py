"""What tables have in common: the names of constraints, and kinds of columns.

Ids are deterministic (`overturn.domain.identifiers`) wherever a fact can arrive twice. Money is unconstrained
`numeric` so that nothing a payer sends is rounded.

PHI stands in `claim`, `submitted_claim`, `claim_payment`, `letter`, `exhibit`, `received_piece` and
`payer_authorization`; the findings of `received_file` and `claim_acknowledgement` have claim numbers;
`step_words`, `case_event.summary`, `records_request_event.summary` and `records_request.other_documents` may
have what a person typed, `dead_letter_event.reason` too, and `dead_letter.value` whatever a message brought.
The other tables do not say who a patient is.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Column, DateTime, Numeric, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

metadata = SQLModel.metadata
metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def utc_now() -> datetime:
    """When a row is written: record-keeping only, never an input to a deadline."""
    return datetime.now(UTC)


def money(*, nullable: bool = False) -> Any:
    """A column of US dollars."""
    return Field(sa_type=Numeric, nullable=nullable)


def money_so_far() -> Any:
    """A column of US dollars that begins with none."""
    return Field(
        default=Decimal("0.00"),
        sa_type=Numeric,
        nullable=False,
        sa_column_kwargs={"server_default": text("0")},
    )


def instant(*, nullable: bool = False) -> Any:
    return Field(
        default_factory=None if nullable else utc_now,
        sa_type=DateTime(timezone=True),
        nullable=nullable,
    )


def document(*, default: type[list[Any]] | type[dict[str, Any]] = list) -> Any:
    return Field(default_factory=default, sa_column=Column(JSONB, nullable=False, default=default))
