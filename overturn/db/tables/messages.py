"""What came from Kafka and what is to go there."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, Column, Identity, Index, text
from sqlmodel import Field, SQLModel

from overturn.db.tables.columns import document, instant


class Inbox(SQLModel, table=True):
    """What a consumer has done: written in the transaction that did it."""

    __tablename__ = "inbox"

    consumer: str = Field(primary_key=True)
    event_id: UUID = Field(primary_key=True)
    handled_at: datetime = instant()


class Outbox(SQLModel, table=True):
    """What is to be published: written in the transaction that made it true, sent by the relay."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_unsent", "id", postgresql_where=text("sent_at IS NULL")),
        Index("ix_outbox_sent", "topic", "sent_partition", "sent_offset"),
    )

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    event_id: UUID = Field(unique=True)
    topic: str
    key: str
    payload: dict[str, Any] = document(default=dict)
    created_at: datetime = instant()
    sent_at: datetime | None = instant(nullable=True)
    sent_partition: int | None = None
    sent_offset: int | None = Field(default=None, sa_type=BigInteger)


class DeadLetter(SQLModel, table=True):
    """A message that could not be handled, kept whole with the reason; never deleted.

    `state`: waiting for a person, retried, or discarded. One that is retried and fails again is this row
    again: waiting, with its newest place, time and reason. `tries` counts over all of its deaths.
    `event_id`: what its consumer's inbox was told when it died; `resent_digest`: SHA-256 of what is resent.
    """

    __tablename__ = "dead_letter"

    id: UUID = Field(primary_key=True)
    state: str = "waiting"
    tries: int = 1
    event_id: UUID | None = None
    resent_digest: str | None = Field(default=None, index=True)
    consumer: str
    topic: str
    partition: int
    kafka_offset: int = Field(sa_type=BigInteger)
    key: str | None = None
    value: bytes
    reason: str
    died_at: datetime = instant()


class DeadLetterEvent(SQLModel, table=True):
    """One line of a dead letter's history. `what`: died, retried, discarded; `place` is of a death, once."""

    __tablename__ = "dead_letter_event"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    dead_letter_id: UUID = Field(foreign_key="dead_letter.id", index=True)
    happened_at: datetime = instant()
    what: str
    place: UUID | None = Field(default=None, unique=True)
    reason: str
    actor_id: UUID | None = Field(default=None, foreign_key="user_account.id")
