"""What goes out to payers, alone or in batches."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Text, text
from sqlmodel import Field, SQLModel

from overturn.db.tables.columns import document, instant


class Sending(SQLModel, table=True):
    """One package for a channel, or one corrected claim: asked for by a person's step, whose id it has, with
    the receipt after. It is of a case, a records request, or a recoupment (its rebuttal)."""

    __tablename__ = "sending"
    __table_args__ = (
        Index(
            "uq_sending_live",
            "case_id",
            "level",
            unique=True,
            postgresql_where=text("state <> 'not_sent'"),
        ),
        Index(
            "uq_sending_live_request",
            "request_id",
            unique=True,
            postgresql_where=text("state <> 'not_sent'"),
        ),
        Index(
            "uq_sending_live_rebuttal",
            "recoupment_id",
            unique=True,
            postgresql_where=text("state <> 'not_sent'"),
        ),
    )

    id: UUID = Field(primary_key=True)  # the key that the channel knows it by
    case_id: UUID | None = Field(default=None, foreign_key="denial_case.id")
    request_id: UUID | None = Field(default=None, foreign_key="records_request.id")
    recoupment_id: UUID | None = Field(default=None, foreign_key="recoupment.id")  # of a rebuttal
    level: int  # of the appeal; of corrected claims, which one of the case's, from 1; 0 for a records request
    channel: str
    state: str  # asked, begun (it may have gone out), sent, not_sent, rejected
    control_number: int | None = None  # of the interchange, where it is a corrected claim
    confirmation: str | None = None
    proof: dict[str, Any] = document(default=dict)  # overturn.channels.Receipt
    content_sha256: str | None = None  # over the files as they went out
    problem: str = ""  # why it did not go out, for a person
    asked_at: datetime = instant()
    sent_at: datetime | None = instant(nullable=True)


class SentFile(SQLModel, table=True):
    """One file of a sending, kept as it was handed to the channel: every try sends the same bytes."""

    __tablename__ = "sent_file"

    sending_id: UUID = Field(foreign_key="sending.id", primary_key=True)
    position: int = Field(primary_key=True)
    name: str
    content: bytes
    pages: int


class AppealBatch(SQLModel, table=True):
    """Like denials that are appealed together: what they have in common, and what a person ordered last.
    Words: `overturn.domain.appeal_batch`; `state`: idle, at_work or stopped."""

    __tablename__ = "appeal_batch"

    id: UUID = Field(primary_key=True)
    payer: str  # a key of rules/payers.csv, or the name as remittances have it
    payer_name: str | None = None
    line_of_business: str
    category: str
    cause: str
    letter: str  # the template
    level: int
    state: str = "idle"
    ordered: str | None = None
    ordered_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    channel: str | None = None  # of an order to send
    problem: str = ""  # what stopped it, where it was no person
    version: int = 1  # counts orders and looks; a form carries the one it was made from
    created_by: UUID = Field(foreign_key="user_account.id")
    created_at: datetime = instant()


class AppealBatchMember(SQLModel, table=True):
    """One case of a batch: the versions that were reviewed, how far it is, and why it stands apart."""

    __tablename__ = "appeal_batch_member"

    batch_id: UUID = Field(foreign_key="appeal_batch.id", primary_key=True)
    case_id: UUID = Field(foreign_key="denial_case.id", primary_key=True)
    position: int
    state: str
    words: str = Field(default="", sa_type=Text)
    case_version: int
    letter_version: int | None = None
    asked_in: int = 0  # the version of the batch whose order this case was last asked under
    send_id: UUID | None = Field(default=None, index=True)  # the step and `sending` that its letter goes by
