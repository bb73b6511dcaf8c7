"""Who writes, whom to write to, and what payers have authorized."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID, uuid4

from sqlalchemy import Numeric, UniqueConstraint
from sqlmodel import Field, SQLModel

from overturn.db.tables.columns import document, instant


class PracticeProfile(SQLModel, table=True):
    """Who writes the letters: one row. What is empty here is taken from the claim, or is a blank."""

    __tablename__ = "practice_profile"

    id: int = Field(default=1, primary_key=True)
    address: list[str] = document()
    phone: str = ""
    fax: str = ""
    signer_name: str = ""
    signer_title: str = ""
    updated_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    updated_at: datetime = instant()


class PayerContact(SQLModel, table=True):
    """Where appeals to a payer go: by line of business, level and channel; null matches any."""

    __tablename__ = "payer_contact"
    __table_args__ = (
        UniqueConstraint("payer", "line_of_business", "level", "channel", postgresql_nulls_not_distinct=True),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    payer: str  # a key of rules/payers.csv, or the name as remittances have it
    line_of_business: str | None = None
    level: int | None = None
    channel: str  # overturn.domain.channel_names.ChannelName
    address: list[str] = document()  # lines from top to bottom
    destination: str = ""  # fax number, e-mail address, portal or SFTP address
    source: str = ""  # where the practice has it from
    updated_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    updated_at: datetime = instant()


class PayerAuthorization(SQLModel, table=True):
    """What a payer authorised for one patient: `overturn.domain.authorizations.Authorization`."""

    __tablename__ = "payer_authorization"

    id: UUID = Field(primary_key=True)  # by payer, account, number and first day
    payer_key: str
    account: str = Field(index=True)  # the member's number, or a claim's own
    number: str | None = None  # None: the payer said that none is required
    effective_from: date
    effective_to: date | None = None
    visits: int | None = None
    units: Decimal | None = Field(default=None, sa_type=Numeric, nullable=True)
    procedures: list[str] = document()  # none: any
    discipline: str | None = None
    reference: str  # where the payer said so
    updated_by: UUID | None = Field(default=None, foreign_key="user_account.id")  # None: by the command
    updated_at: datetime = instant()


class ExpiryNotice(SQLModel, table=True):
    """Something of the practice's own that ends before long was told, once for this threshold."""

    __tablename__ = "expiry_notice"

    id: UUID = Field(primary_key=True)  # by what ends, when, and the threshold
    ending: str  # overturn.domain.expiries.Ending
    threshold: int
    noticed_on: date
