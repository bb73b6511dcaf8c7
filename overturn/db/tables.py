"""Every table, in the order a remittance line passes them. Only tables: input shapes live elsewhere.

Ids are deterministic (`overturn.domain.identifiers`) wherever a fact can arrive twice. Money is unconstrained
`numeric` so that nothing a payer sends is rounded.

PHI stands in `claim`, `submitted_claim`, `claim_payment`, `letter`, `exhibit`, `received_piece` and
`payer_authorization`; the findings of `received_file` and `claim_acknowledgement` have claim numbers;
`step_words`, `case_event.summary`, `records_request_event.summary` and `records_request.other_documents` may
have what a person typed, `dead_letter_event.reason` too, and `dead_letter.value` whatever a message brought.
The other tables do not say who a patient is.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, Numeric, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
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


# --- what arrived -----------------------------------------------------------------------------------------


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


class Claim(SQLModel, table=True):
    """A claim as the practice numbered it, with its standing over everything the payer has said so far."""

    __tablename__ = "claim"
    __table_args__ = (
        Index(
            "ix_claim_unmatched",
            text("denied_amount DESC"),
            "id",
            postgresql_where=text("adjudicated AND NOT submitted"),
        ),
    )

    id: UUID = Field(primary_key=True)
    patient_control_number: str = Field(index=True)
    billing_npi: str | None = None
    payer_name: str | None = None
    payer_identifier: str | None = None
    patient_name: str | None = None
    member_identifier: str | None = Field(default=None, index=True)
    charge_amount: Decimal = money()
    service_from: date | None = None
    service_to: date | None = None
    submitted: bool = False  # an 837P of ours stands behind it
    acknowledgement: str | None = None  # accepted, rejected: the latest 277CA
    current_payment_id: UUID | None = None  # the adjudication in force
    paid_amount: Decimal = money()  # net of all adjudications, reversals negative
    contractual_amount: Decimal = money()
    patient_amount: Decimal = money()
    denied_amount: Decimal = money()  # unpaid denials of the adjudication in force
    imbalance_amount: Decimal = money()  # charge the payer's own figures do not explain
    unanswered_amount: Decimal = money_so_far()  # of an adjudicated claim: lines that no answer is about
    taken_back_amount: Decimal = money_so_far()  # by PLB, outside any claim; paid_amount is less by it
    adjudicated: bool = False
    created_at: datetime = instant()


class SubmittedClaim(SQLModel, table=True):
    """One CLM of an 837P."""

    __tablename__ = "submitted_claim"

    id: UUID = Field(primary_key=True)
    claim_id: UUID = Field(foreign_key="claim.id", index=True)
    file_sha256: str = Field(foreign_key="received_file.sha256")
    content: dict[str, Any] = document(default=dict)  # overturn.domain.submission.SubmittedClaim
    frequency_code: str | None = None
    payer_claim_control_number: str | None = Field(default=None, index=True)  # REF*F8
    submitted_on: date | None = None
    segment_index: int
    group_control_number: str | None = Field(default=None, index=True)  # GS06: what a 999 answers by
    transaction_control_number: str | None = None  # ST02
    created_at: datetime = instant()


class ClaimAcknowledgement(SQLModel, table=True):
    """One claim's answer in a 277CA. An accepted one is the proof of timely filing. One without a claim's
    number refuses a batch; `statuses` name it, and each of its claims has an answer of its own."""

    __tablename__ = "claim_acknowledgement"

    id: UUID = Field(primary_key=True)
    claim_id: UUID | None = Field(default=None, foreign_key="claim.id", index=True)
    file_sha256: str = Field(foreign_key="received_file.sha256")
    patient_control_number: str | None = None
    payer_claim_control_number: str | None = Field(default=None, index=True)  # REF*1K
    accepted: bool
    statuses: list[dict[str, Any]] = document()
    acknowledged_on: date | None = None
    segment_index: int
    created_at: datetime = instant()


class ClaimMatch(SQLModel, table=True):
    """A claim of ours that was put under the claim a payer answered, so that its number is known again.

    One that was taken back stays, with who did it and why; it finds nothing any more."""

    __tablename__ = "claim_match"
    __table_args__ = (
        Index(
            "uq_claim_match_standing_former",
            "former_id",
            unique=True,
            postgresql_where=text("undone_at IS NULL"),
        ),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    former_id: UUID  # the id of our claim's own entry, which is gone while the match stands
    number: str = Field(index=True)  # the patient control number we sent
    claim_id: UUID = Field(foreign_key="claim.id", index=True)
    reason: str  # in words: what agreed
    matched_by: UUID | None = Field(default=None, foreign_key="user_account.id")  # None: at posting
    created_at: datetime = instant()
    undone_at: datetime | None = instant(nullable=True)
    undone_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    undone_reason: str | None = Field(default=None, sa_type=Text)


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


class Rejection(SQLModel, table=True):
    """A claim that came back before adjudication: to be sent again within the payer's filing limit."""

    __tablename__ = "rejection"

    id: UUID = Field(primary_key=True)
    claim_id: UUID = Field(foreign_key="claim.id", index=True)
    file_sha256: str = Field(foreign_key="received_file.sha256")
    source: str  # 277CA, 999
    codes: list[str] = document()
    reason: str = Field(sa_type=Text)
    rejected_on: date | None = None
    due_on: date | None = None
    deadline: dict[str, Any] = document(default=dict)  # derivation, or {"unknown": what is missing}
    state: str = "open"  # open, done
    done_reason: str | None = Field(default=None, sa_type=Text)
    done_by: UUID | None = Field(default=None, foreign_key="user_account.id")  # None: by itself
    done_at: datetime | None = instant(nullable=True)
    created_at: datetime = instant()


class Remittance(SQLModel, table=True):
    """One payment: an 835 transaction set. Its id is its content, so a resent file finds it there."""

    __tablename__ = "remittance"

    id: UUID = Field(primary_key=True)
    file_sha256: str = Field(foreign_key="received_file.sha256", index=True)
    control_number: str
    interchange_control_number: str
    payer_name: str | None = None
    payer_identifier: str | None = None
    payee_name: str | None = None
    payee_npi: str | None = None
    trace_number: str | None = None
    payment_amount: Decimal = money()
    payment_method: str | None = None
    payment_on: date | None = None
    claims_paid_amount: Decimal = money()
    provider_adjustments_amount: Decimal = money()
    difference_amount: Decimal = money()
    segment_index: int
    created_at: datetime = instant()


class ProviderAdjustment(SQLModel, table=True):
    """One PLB pair, with the claim its reference names; None: money of the provider as a whole."""

    __tablename__ = "provider_adjustment"
    __table_args__ = (Index("ix_provider_adjustment_numbers", "numbers", postgresql_using="gin"),)

    id: UUID = Field(primary_key=True)
    remittance_id: UUID = Field(foreign_key="remittance.id", index=True)
    claim_id: UUID | None = Field(default=None, foreign_key="claim.id", index=True)
    reason: str
    reference: str | None = None
    numbers: list[str] = Field(  # claim numbers the reference may mean: overturn.domain.take_backs
        default_factory=list, sa_column=Column(ARRAY(Text), nullable=False)
    )
    amount: Decimal = money()
    segment_index: int


class ClaimPayment(SQLModel, table=True):
    """One CLP: what one remittance says of one claim. `segments` is the loop as it stood in the file."""

    __tablename__ = "claim_payment"
    __table_args__ = (
        Index("ix_claim_payment_reversal", "claim_id", postgresql_where=text("status_code = '22'")),
    )

    id: UUID = Field(primary_key=True)
    remittance_id: UUID = Field(foreign_key="remittance.id", index=True)
    claim_id: UUID = Field(foreign_key="claim.id", index=True)
    position: int  # within the remittance, from 1
    patient_control_number: str | None = Field(default=None, index=True)
    payer_claim_control_number: str | None = Field(default=None, index=True)
    status_code: str
    charge_amount: Decimal = money()
    paid_amount: Decimal = money()
    patient_responsibility_amount: Decimal | None = money(nullable=True)
    filing_indicator: str | None = None
    place_of_service: str | None = None
    frequency_code: str | None = None
    service_from: date | None = None
    service_to: date | None = None
    received_on: date | None = None
    payment_on: date | None = None  # of the remittance: adjudications are put in this order
    patient_name: str | None = None
    member_identifier: str | None = None
    rendering_npi: str | None = None
    segment_index: int
    segments: list[str] = document()
    created_at: datetime = instant()


class ServiceLine(SQLModel, table=True):
    """One SVC."""

    __tablename__ = "service_line"

    id: UUID = Field(primary_key=True)
    claim_payment_id: UUID = Field(foreign_key="claim_payment.id", index=True)
    line_number: int
    procedure: str | None = None
    modifiers: list[str] = document()
    submitted_procedure: str | None = None
    submitted_modifiers: list[str] = document()
    charge_amount: Decimal = money()
    paid_amount: Decimal = money()
    allowed_amount: Decimal | None = money(nullable=True)
    units: Decimal | None = money(nullable=True)
    service_on: date | None = None
    service_to: date | None = None
    control_number: str | None = None
    rendering_npi: str | None = None
    segment_index: int


class Adjustment(SQLModel, table=True):
    """One CAS triplet, of a claim (`line_number` null) or of a service line."""

    __tablename__ = "adjustment"

    id: UUID = Field(primary_key=True)
    claim_payment_id: UUID = Field(foreign_key="claim_payment.id", index=True)
    line_number: int | None = None
    group_code: str
    reason: str
    amount: Decimal = money()
    quantity: Decimal | None = money(nullable=True)
    segment_index: int
    element: int


class Remark(SQLModel, table=True):
    """One RARC, of a claim (`line_number` null) or of a service line."""

    __tablename__ = "remark"

    id: UUID = Field(primary_key=True)
    claim_payment_id: UUID = Field(foreign_key="claim_payment.id", index=True)
    line_number: int | None = None
    code: str
    segment_index: int
    element: int


class Imbalance(SQLModel, table=True):
    """An amount that a payer's own figures leave unexplained, recorded once: `overturn.domain.balancing`."""

    __tablename__ = "imbalance"

    id: UUID = Field(primary_key=True)
    remittance_id: UUID = Field(foreign_key="remittance.id", index=True)
    claim_payment_id: UUID | None = Field(default=None, foreign_key="claim_payment.id", index=True)
    line_number: int | None = None
    level: str  # line, claim, remittance
    amount: Decimal = money()
    segment_index: int


# --- what was decided -------------------------------------------------------------------------------------


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
    denied_amount: Decimal = money()  # first denied, once per line
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


class CredentialingGap(SQLModel, table=True):
    """One incident: a payer does not know a provider yet. State: `overturn.domain.credentialing.GapState`."""

    __tablename__ = "credentialing_gap"

    id: UUID = Field(primary_key=True)  # by payer and NPI
    payer: str  # a key of rules/payers.csv, or the name as remittances have it
    payer_key: str | None = None
    line_of_business: str | None = None
    npi: str
    state: str
    effective_on: date | None = None
    version: int = 1  # counts what the practice said; a form carries the one it was made from
    opened_on: date
    closed_on: date | None = None


class CredentialingGapClaim(SQLModel, table=True):
    """One claim of an incident, and how it stands: case, rejection, held (not to be sent yet), or done."""

    __tablename__ = "credentialing_gap_claim"

    gap_id: UUID = Field(foreign_key="credentialing_gap.id", primary_key=True)
    claim_id: UUID = Field(primary_key=True)  # gone where the claim was put under another by a match
    case_id: UUID | None = Field(default=None, foreign_key="denial_case.id")
    standing: str
    amount: Decimal = money()
    service_on: date | None = None
    due_on: date | None = None  # the filing limit that runs; None: none is known, or it went out
    remedy: str | None = None  # overturn.domain.credentialing.Remedy, once released
    because: str = Field(default="", sa_type=Text)
    told: bool = False  # the case's workflow heard of the remedy


class CredentialingGapEvent(SQLModel, table=True):
    """One line of an incident's timeline. Its id is the fact's id: the same fact is written once."""

    __tablename__ = "credentialing_gap_event"

    id: UUID = Field(primary_key=True)
    gap_id: UUID = Field(foreign_key="credentialing_gap.id", index=True)
    kind: str
    summary: str = Field(sa_type=Text)
    actor: str  # a user's id, workflow or clock
    happened_at: datetime = instant()
    sequence: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), nullable=False))


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


# --- how it is carried ------------------------------------------------------------------------------------


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


# --- who works with it ------------------------------------------------------------------------------------


class UserAccount(SQLModel, table=True):
    """A person. `role`: specialist or manager."""

    __tablename__ = "user_account"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    user_name: str = Field(unique=True)
    display_name: str
    role: str
    password_hash: str
    disabled: bool = False
    created_at: datetime = instant()


class UserSession(SQLModel, table=True):
    """A signed-in browser: the hash of an opaque cookie, with its form token."""

    __tablename__ = "user_session"

    token_hash: str = Field(primary_key=True)
    user_id: UUID = Field(foreign_key="user_account.id", index=True)
    form_token: str
    created_at: datetime = instant()
    last_seen_at: datetime = instant()
