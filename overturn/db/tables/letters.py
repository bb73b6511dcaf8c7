"""Letters, the editions of their templates, and the documents that go along."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity, Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from overturn.db.tables.columns import document, instant


class Letter(SQLModel, table=True):
    """An appeal letter of one case and level, from draft to what was sent."""

    __tablename__ = "letter"

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(foreign_key="denial_case.id", index=True)
    level: int
    template: str
    template_version: str
    edition: str | None = Field(default=None, foreign_key="letter_edition.version")  # None: the shipped file
    title: str
    draft_markdown: str = Field(sa_type=Text)  # as drafted; never changed
    markdown: str = Field(sa_type=Text)  # as edited by people
    missing_facts: list[str] = document()
    grounds: list[dict[str, str]] = document()  # the facts it rests on: fact, value, source
    citations: list[dict[str, str]] = document()  # text, source, confidence
    state: str  # draft, approved, submitted
    pdf: bytes
    docx: bytes
    dated_on: date
    approved_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    version: int = 1
    updated_at: datetime = instant()


class LetterEdition(SQLModel, table=True):
    """The words of one letter as the practice changed them, by their hash. `state`:
    `overturn.letter_editions.State`; at most one of a letter is in force."""

    __tablename__ = "letter_edition"
    __table_args__ = (
        Index(
            "uq_letter_edition_in_force", "letter", unique=True, postgresql_where=text("state = 'in_force'")
        ),
    )

    version: str = Field(primary_key=True)  # SHA-256 over the letter's name and its words
    letter: str = Field(index=True)
    words: str = Field(sa_type=Text)  # front matter and Markdown
    state: str


class LetterEditionStep(SQLModel, table=True):
    """One step of an edition's life: who, what, when, and why."""

    __tablename__ = "letter_edition_step"

    sequence: int = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    version: str = Field(foreign_key="letter_edition.version", index=True)
    step: str
    taken_by: UUID = Field(foreign_key="user_account.id")
    note: str = Field(default="", sa_type=Text)
    taken_at: datetime = instant()


class LetterTrial(SQLModel, table=True):
    """A comparison of two versions of a letter, by lot; one at a time for each letter. `decision`:
    `overturn.letter_trials.Decision`, None while it runs."""

    __tablename__ = "letter_trial"
    __table_args__ = (
        Index("uq_letter_trial_running", "letter", unique=True, postgresql_where=text("decision IS NULL")),
    )

    id: UUID = Field(primary_key=True)  # random: the lot is drawn with it
    letter: str = Field(index=True)
    former: str | None = Field(default=None, foreign_key="letter_edition.version")  # None: the shipped file
    new: str = Field(foreign_key="letter_edition.version")
    planned: int  # letters, both versions together; never changed
    started_by: UUID = Field(foreign_key="user_account.id")
    started_at: datetime = instant()
    decision: str | None = None
    ended_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    ended_at: datetime | None = instant(nullable=True)
    note: str = Field(default="", sa_type=Text)  # why it was stopped


class LetterDraw(SQLModel, table=True):
    """The lot of one letter of a trial, drawn before it was drafted."""

    __tablename__ = "letter_draw"

    trial_id: UUID = Field(foreign_key="letter_trial.id", primary_key=True)
    case_id: UUID = Field(foreign_key="denial_case.id", primary_key=True)
    level: int = Field(primary_key=True)
    arm: str  # overturn.domain.letter_trials.Arm


class Exhibit(SQLModel, table=True):
    """A document for the package of a case's appeal, of a records request or of a rebuttal, as a PDF that was
    checked and normalised. The same file for the same package is there once."""

    __tablename__ = "exhibit"
    __table_args__ = (UniqueConstraint("case_id", "level", "original_sha256"),)

    id: UUID = Field(primary_key=True)
    case_id: UUID | None = Field(default=None, foreign_key="denial_case.id", index=True)
    request_id: UUID | None = Field(default=None, foreign_key="records_request.id", index=True)
    recoupment_id: UUID | None = Field(default=None, foreign_key="recoupment.id", index=True)  # of a rebuttal
    level: int  # of the appeal; 0 for a records request
    document: str  # key of rules/required_documents.csv, or other
    title: str
    file_name: str
    original_sha256: str
    content: bytes  # PDF
    pages: int
    uploaded_by: UUID = Field(foreign_key="user_account.id")
    uploaded_at: datetime = instant()
