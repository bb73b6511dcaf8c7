"""What arrived: files, their pieces, and what payers acknowledged of ours."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Text
from sqlmodel import Field, SQLModel

from overturn.db.tables.columns import document, instant


class ReceivedFile(SQLModel, table=True):
    """A file by its SHA-256. `state`: posting until its last block is; then posted, partly_posted, or
    quarantined with the findings that say why. The parts are those of `overturn.x12.stream`, counted."""

    __tablename__ = "received_file"

    sha256: str = Field(primary_key=True)
    file_name: str
    source: str  # upload, drop, command, topic
    size_bytes: int = Field(sa_type=BigInteger)
    state: str
    transaction_types: list[str] = document()
    findings: list[dict[str, Any]] = document()
    bytes_checked: int = Field(default=0, sa_type=BigInteger)
    parts: int | None = None  # None until the whole file is checked
    outline: str | None = None  # digest of what the check found: posting goes on only where it is the same
    parts_posted: int = 0
    claims: int = 0  # posted so far
    received_at: datetime = instant()


class ReceivedPiece(SQLModel, table=True):
    """A piece of a file's bytes, as they came."""

    __tablename__ = "received_piece"

    file_sha256: str = Field(primary_key=True, foreign_key="received_file.sha256", ondelete="CASCADE")
    number: int = Field(primary_key=True)  # from 0
    content: bytes


class BatchAcknowledgement(SQLModel, table=True):
    """One AK2 of a 999 (or its whole group): whether a batch of ours was taken in or refused."""

    __tablename__ = "batch_acknowledgement"

    id: UUID = Field(primary_key=True)
    file_sha256: str = Field(foreign_key="received_file.sha256")
    group_control_number: str = Field(index=True)
    transaction_control_number: str | None = None  # None: the whole group
    status: str
    codes: list[str] = document()
    reason: str = Field(sa_type=Text)
    answered_on: date | None = None
    batch_sha256: str | None = Field(default=None, foreign_key="received_file.sha256")  # the 837P it refused
    segment_index: int
    created_at: datetime = instant()
