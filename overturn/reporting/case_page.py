"""All that is known of one case: claim, denials, the payer's words, letter and timeline."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overturn.reporting.imbalances import ImbalanceFacts, imbalances_of_claim
from overturn.reporting.provider_money import ProviderMoney, of_claim
from overturn.reporting.recoupments import RecoupmentFacts, recoupments_of_claim
from overturn.reporting.rows import fetch_all, fetch_one


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """A case with its claim. Money is US dollars; `deadline` is the derivation as it was stored."""

    id: UUID
    claim_id: UUID
    claim_payment_id: UUID
    round_number: int
    status: str
    outcome: str | None
    category: str
    cause: str
    action: str
    queue: str | None
    priority_reason: str
    next_step: str | None
    due_on: date | None
    deadline: dict[str, Any]
    denied_on: date | None
    denied_amount: Decimal
    unpriced_amount: Decimal  # the most that denials without a price can be worth
    recovered_amount: Decimal
    written_off_amount: Decimal
    expected_recovery_amount: Decimal
    assigned_to: UUID | None
    owner: str | None
    pended_until: date | None
    version: int
    payer_key: str | None
    payer_name: str | None
    line_of_business: str | None
    claim_number: str
    patient_name: str | None
    member_identifier: str | None
    service_from: date | None
    service_to: date | None
    submitted: bool
    acknowledgement: str | None
    charge_amount: Decimal
    paid_amount: Decimal
    contractual_amount: Decimal
    patient_amount: Decimal
    still_denied_amount: Decimal
    still_unpriced_amount: Decimal
    imbalance_amount: Decimal
    unanswered_amount: Decimal
    claim_taken_back_amount: Decimal
    taken_back_amount: Decimal  # of what was recovered


@dataclass(frozen=True, slots=True)
class DenialFacts:
    """One classified denial; `evidence` points into the segments of its claim payment."""

    id: UUID
    claim_payment_id: UUID
    line_number: int | None
    procedure: str | None
    category: str
    cause: str
    action: str
    appealable: str
    group_code: str
    carc: str
    rarcs: list[str]
    denied_amount: Decimal
    unpriced_amount: Decimal
    rule_id: str
    rule_version: str
    rule_source: str
    evidence: list[dict[str, Any]]
    explanation: str
    guardrail: str | None
    confidence: str | None = None
    confidence_reason: str | None = None
    reasoning: dict[str, Any] = field(default_factory=dict)
    playbook: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ClassificationFacts:
    """What an earlier version of the rules made of a line; it stands beside today's answer."""

    line_number: int | None
    rule_id: str
    rule_version: str
    category: str
    action: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class PaymentFacts:
    """What one remittance said of the claim: the raw loop, and where it stood in which file.

    `difference_amount` is what the whole remittance's own totals do not explain, in US dollars.
    """

    id: UUID
    status_code: str
    paid_amount: Decimal
    payer_claim_control_number: str | None
    segment_index: int
    segments: list[str]
    payer_name: str | None
    trace_number: str | None
    payment_on: date | None
    payment_amount: Decimal
    difference_amount: Decimal
    file_name: str


@dataclass(frozen=True, slots=True)
class LineFacts:
    """A service line with its adjustments in words like `CO-45 12.00`."""

    line_number: int
    procedure: str | None
    modifiers: list[str]
    units: Decimal | None
    service_on: date | None
    charge_amount: Decimal
    paid_amount: Decimal
    adjustments: list[str]


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """A letter without its files: as it was drafted, what the draft rests on, and as people edited it."""

    id: UUID
    case_id: UUID
    level: int
    title: str
    template: str
    template_version: str
    draft_markdown: str
    markdown: str
    missing_facts: list[str]
    grounds: list[dict[str, str]]
    citations: list[dict[str, str]]
    state: str
    dated_on: date
    approved_by: str | None
    version: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class LetterFiles:
    """A letter as it can be downloaded."""

    level: int
    pdf: bytes
    docx: bytes


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One event of a case. `actor` is a person's name or the part of the system."""

    kind: str
    summary: str
    actor: str
    amount: Decimal | None
    happened_at: datetime


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """One case, whole."""

    case: CaseFacts
    denials: list[DenialFacts]
    earlier: list[ClassificationFacts]
    payments: list[PaymentFacts]
    lines: list[LineFacts]
    imbalances: list[ImbalanceFacts]
    provider_money: list[ProviderMoney]
    recoupments: list[RecoupmentFacts]
    letters: list[LetterFacts]
    timeline: list[TimelineEntry]


_CASE: Final = text("""
    SELECT c.id, c.claim_id, c.claim_payment_id, c.round_number, c.status, c.outcome, c.category, c.cause,
           c.action, c.queue, c.priority_reason, w.title AS next_step, c.due_on, c.deadline, c.denied_on,
           c.denied_amount, c.unpriced_amount, c.recovered_amount, c.written_off_amount,
           c.expected_recovery_amount, c.assigned_to, u.display_name AS owner, c.pended_until, c.version,
           c.payer_key, c.payer_name, c.line_of_business,
           claim.patient_control_number AS claim_number, claim.patient_name, claim.member_identifier,
           claim.service_from, claim.service_to, claim.submitted, claim.acknowledgement,
           claim.charge_amount, claim.paid_amount, claim.contractual_amount, claim.patient_amount,
           claim.denied_amount AS still_denied_amount,
           claim.unpriced_amount AS still_unpriced_amount, claim.imbalance_amount, claim.unanswered_amount,
           claim.taken_back_amount AS claim_taken_back_amount, c.taken_back_amount
      FROM denial_case c
      JOIN claim ON claim.id = c.claim_id
      LEFT JOIN work_item w ON w.case_id = c.id AND w.done_at IS NULL
      LEFT JOIN user_account u ON u.id = c.assigned_to
     WHERE c.id = :case_id
""")

_DENIALS: Final = text("""
    SELECT d.id, d.claim_payment_id, d.line_number, l.procedure, d.category, d.cause, d.action,
           d.appealable, d.group_code, d.carc, d.rarcs, d.denied_amount, d.unpriced_amount, d.rule_id,
           d.rule_version, d.rule_source, d.evidence, d.explanation, d.guardrail, d.confidence,
           d.confidence_reason, d.reasoning, d.playbook
      FROM denial d
      LEFT JOIN service_line l
        ON l.claim_payment_id = d.claim_payment_id AND l.line_number = d.line_number
     WHERE d.case_id = :case_id
     ORDER BY d.line_number NULLS FIRST, d.carc
""")

_EARLIER: Final = text("""
    SELECT c.line_number, c.rule_id, c.rule_version, c.category, c.action, c.created_at
      FROM classification c
      LEFT JOIN denial d
        ON d.case_id = c.case_id AND d.line_number IS NOT DISTINCT FROM c.line_number
       AND d.rule_version = c.rule_version AND d.claim_payment_id = c.claim_payment_id
       AND (d.rule_id, d.category, d.cause, d.action) = (c.rule_id, c.category, c.cause, c.action)
     WHERE c.case_id = :case_id AND d.id IS NULL
     ORDER BY c.created_at, c.line_number
""")

_PAYMENTS: Final = text("""
    SELECT p.id, p.status_code, p.paid_amount, p.payer_claim_control_number, p.segment_index, p.segments,
           r.payer_name, r.trace_number, r.payment_on, r.payment_amount, r.difference_amount, f.file_name
      FROM claim_payment p
      JOIN remittance r ON r.id = p.remittance_id
      JOIN received_file f ON f.sha256 = r.file_sha256
     WHERE p.claim_id = :claim_id
     ORDER BY p.payment_on NULLS FIRST, p.created_at
""")

_LINES: Final = text("""
    SELECT l.line_number, l.procedure, l.modifiers, l.units, l.service_on, l.charge_amount, l.paid_amount,
           array(SELECT a.group_code || '-' || a.reason || ' ' || a.amount
                   FROM adjustment a
                  WHERE a.claim_payment_id = l.claim_payment_id AND a.line_number = l.line_number
                  ORDER BY a.segment_index, a.element) AS adjustments
      FROM service_line l
     WHERE l.claim_payment_id = :claim_payment_id
     ORDER BY l.line_number
""")

_LETTERS: Final = text("""
    SELECT l.id, l.case_id, l.level, l.title, l.template, l.template_version, l.draft_markdown, l.markdown,
           l.missing_facts, l.grounds, l.citations, l.state, l.dated_on, u.display_name AS approved_by,
           l.version, l.updated_at
      FROM letter l
      LEFT JOIN user_account u ON u.id = l.approved_by
     WHERE l.case_id = :case_id
     ORDER BY l.level DESC
""")

_LETTER_FILES: Final = text("""
    SELECT level, pdf, docx FROM letter WHERE id = :letter_id AND case_id = :case_id
""")

_TIMELINE: Final = text("""
    SELECT e.kind, e.summary, coalesce(u.display_name, e.actor) AS actor, e.amount, e.happened_at
      FROM case_event e
      LEFT JOIN user_account u ON u.id::text = e.actor
     WHERE e.case_id = :case_id
     ORDER BY e.sequence
""")


async def case_record(session: AsyncSession, case_id: UUID) -> CaseRecord | None:
    """Everything the case page shows, or None where there is no such case."""
    case = await fetch_one(session, CaseFacts, _CASE, case_id=case_id)
    if case is None:
        return None
    return CaseRecord(
        case=case,
        denials=await fetch_all(session, DenialFacts, _DENIALS, case_id=case_id),
        earlier=await fetch_all(session, ClassificationFacts, _EARLIER, case_id=case_id),
        payments=await claim_payments(session, case.claim_id),
        lines=await payment_lines(session, case.claim_payment_id),
        imbalances=await imbalances_of_claim(session, case.claim_id),
        provider_money=await of_claim(session, case.claim_id),
        recoupments=await recoupments_of_claim(session, case.claim_id),
        letters=await fetch_all(session, LetterFacts, _LETTERS, case_id=case_id),
        timeline=await fetch_all(session, TimelineEntry, _TIMELINE, case_id=case_id),
    )


async def claim_payments(session: AsyncSession, claim_id: UUID) -> list[PaymentFacts]:
    """What each remittance said of the claim, the oldest first."""
    return await fetch_all(session, PaymentFacts, _PAYMENTS, claim_id=claim_id)


async def payment_lines(session: AsyncSession, claim_payment_id: UUID) -> list[LineFacts]:
    """The service lines of one of them."""
    return await fetch_all(session, LineFacts, _LINES, claim_payment_id=claim_payment_id)


async def letter_files(session: AsyncSession, *, case_id: UUID, letter_id: UUID) -> LetterFiles | None:
    """The PDF and DOCX of one letter of this case."""
    return await fetch_one(session, LetterFiles, _LETTER_FILES, case_id=case_id, letter_id=letter_id)
