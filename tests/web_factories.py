"""Generated cases for the web's tests: small, complete, and nobody's."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from argon2 import PasswordHasher
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overturn.db.session import Sessions
from overturn.db.submissions import CONTENT
from overturn.db.tables import (
    Adjustment,
    CaseEvent,
    Claim,
    ClaimPayment,
    Denial,
    DenialCase,
    Letter,
    ReceivedFile,
    Remittance,
    ServiceLine,
    SubmittedClaim,
    UserAccount,
    WorkItem,
)
from overturn.domain.channel_names import ChannelName
from overturn.domain.denial_case import CaseStatus, PayerDecision, StepRefusedError, next_status
from overturn.domain.expiries import Notice
from overturn.domain.remittance import Party
from overturn.domain.submission import SubmittedClaim as Submission
from overturn.letters import blanks, render_docx, render_pdf
from overturn.rule_sets import RulesInForce
from overturn.rulebook import load_rulebook
from services.web.context import Web
from services.web.labels import CodeLabels
from services.web.security import FailedSignIns
from services.web.upload import Forward, Received
from workflows.denial_case.types import AssignInput, DecideInput, PersonsStep, StepResult

TODAY = date(2026, 3, 16)
NOW = datetime(2026, 3, 16, 12, tzinfo=UTC)
PASSWORD = "a-long-generated-password"
# Few rounds: the tests sign in often, and only the product's own hashes must be slow.
FAST_HASH = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
LABELS = CodeLabels(carcs={"50": "Not medically necessary"}, rarcs={"N115": "Local coverage decision"})

LETTER = """# Lakeside Physical Therapy
12 Harbor Street, Erie

---

March 16, 2026

## Request for redetermination

We ask you to reverse the denial of claim **{number}**.

The patient needed skilled therapy: [skilled need].

[signature]
"""


def person(user_name: str, role: str = "specialist", **changes: Any) -> UserAccount:
    return UserAccount(
        **{
            "user_name": user_name,
            "display_name": user_name.title(),
            "role": role,
            "password_hash": FAST_HASH,
            **changes,
        }
    )


@dataclass
class CaseSeed:
    """What to make of one denied claim; the fields left alone make a plausible one."""

    number: str
    patient: str = "Pat Example"
    payer: str = "Medicare Part B"
    carc: str = "50"
    rarcs: list[str] = field(default_factory=lambda: ["N115"])
    category: str = "medical_necessity"
    cause: str = "not_medically_necessary"
    action: str = "appeal"
    queue: str = "appeals"
    title: str = "Review and send the appeal"
    explanation: str = "The payer says the service was not medically necessary (CARC 50 with N115)."
    guardrail: str | None = None
    denied: Decimal = Decimal("120.00")
    recovered: Decimal = Decimal("0.00")
    priority: Decimal = Decimal("80.00")
    reason: str = "$120.00 at 67 %: $80.00 expected, 12 days left"
    status: CaseStatus = CaseStatus.NEEDS_WORK
    outcome: str | None = None
    due_on: date | None = date(2026, 3, 28)
    denied_on: date = date(2026, 2, 20)
    owner: UUID | None = None
    letter: str | None = LETTER
    submitted: bool = True


async def add_case(session: AsyncSession, seed: CaseSeed) -> UUID:
    """One claim from file to timeline; the case's id."""
    claim, payment = _claim(seed), uuid4()
    sha256, remittance = uuid4().hex * 2, uuid4()
    session.add(
        ReceivedFile(
            sha256=sha256,
            file_name=f"{seed.number}.835",
            source="upload",
            size_bytes=2048,
            state="posted",
            transaction_types=["835"],
            received_at=NOW,
        )
    )
    session.add(claim)
    await session.flush()
    session.add(_remittance(remittance, sha256, seed))
    await session.flush()
    session.add(_payment(payment, remittance, claim, seed))
    await session.flush()
    session.add_all(_line(payment, seed))
    case = _case(seed, claim.id, payment)
    session.add(case)
    await session.flush()
    session.add_all(_around(case, payment, seed))
    return case.id


def _claim(seed: CaseSeed) -> Claim:
    return Claim(
        id=uuid4(),
        patient_control_number=seed.number,
        payer_name=seed.payer,
        patient_name=seed.patient,
        member_identifier="MEMBER1",
        charge_amount=seed.denied + 80,
        service_from=date(2026, 2, 2),
        service_to=date(2026, 2, 2),
        submitted=seed.submitted,
        acknowledgement="accepted",
        paid_amount=Decimal("60.00") + seed.recovered,
        contractual_amount=Decimal("20.00"),
        patient_amount=Decimal("0.00"),
        denied_amount=seed.denied - seed.recovered,
        imbalance_amount=Decimal("0.00"),
        adjudicated=True,
    )


def _remittance(remittance: UUID, sha256: str, seed: CaseSeed) -> Remittance:
    return Remittance(
        id=remittance,
        file_sha256=sha256,
        control_number="0001",
        interchange_control_number="000000001",
        payer_name=seed.payer,
        trace_number=f"EFT-{seed.number}",
        payment_amount=Decimal("60.00"),
        payment_on=seed.denied_on,
        claims_paid_amount=Decimal("60.00"),
        provider_adjustments_amount=Decimal("0.00"),
        difference_amount=Decimal("0.00"),
        segment_index=3,
    )


def _payment(payment: UUID, remittance: UUID, claim: Claim, seed: CaseSeed) -> ClaimPayment:
    name = seed.patient.upper().split()
    return ClaimPayment(
        id=payment,
        remittance_id=remittance,
        claim_id=claim.id,
        position=1,
        patient_control_number=seed.number,
        payer_claim_control_number="2026051000001",
        status_code="1",
        charge_amount=claim.charge_amount,
        paid_amount=Decimal("60.00"),
        payment_on=seed.denied_on,
        segment_index=17,
        segments=[
            f"CLP*{seed.number}*1*{claim.charge_amount}*60.00**MB*2026051000001*11*1",
            f"NM1*QC*1*{name[-1]}*{name[0]}***MI*MEMBER1",
            "DTM*232*20260202",
            "SVC*HC:97110:GP*80.00*60.00**2",
            "DTM*472*20260202",
            "CAS*CO*45*20.00",
            f"SVC*HC:97140:GP*{seed.denied}*0.00**1",
            "DTM*472*20260202",
            f"CAS*CO*{seed.carc}*{seed.denied}",
            *[f"LQ*HE*{rarc}" for rarc in seed.rarcs],
        ],
    )


def _line(payment: UUID, seed: CaseSeed) -> list[Any]:
    return [
        ServiceLine(
            id=uuid4(),
            claim_payment_id=payment,
            line_number=1,
            procedure="97110",
            modifiers=["GP"],
            charge_amount=Decimal("80.00"),
            paid_amount=Decimal("60.00"),
            units=Decimal(2),
            service_on=date(2026, 2, 2),
            segment_index=20,
        ),
        ServiceLine(
            id=uuid4(),
            claim_payment_id=payment,
            line_number=2,
            procedure="97140",
            modifiers=["GP"],
            charge_amount=seed.denied,
            paid_amount=Decimal("0.00"),
            units=Decimal(1),
            service_on=date(2026, 2, 2),
            segment_index=23,
        ),
        Adjustment(
            id=uuid4(),
            claim_payment_id=payment,
            line_number=1,
            group_code="CO",
            reason="45",
            amount=Decimal("20.00"),
            segment_index=22,
            element=2,
        ),
        Adjustment(
            id=uuid4(),
            claim_payment_id=payment,
            line_number=2,
            group_code="CO",
            reason=seed.carc,
            amount=seed.denied,
            segment_index=25,
            element=2,
        ),
    ]


def _deadline(seed: CaseSeed) -> dict[str, Any]:
    if seed.due_on is None:
        return {"due_on": None, "unknown": "No appeal window is known for this payer: add it to the rules."}
    return {
        "due_on": seed.due_on.isoformat(),
        "safe_on": (seed.due_on - timedelta(days=7)).isoformat(),
        "rule": {
            "id": "medicare-redetermination",
            "version": "3f9a",
            "source": "42 CFR 405.942",
            "confidence": "high",
        },
        "derivation": [
            {"step": "notice", "date": seed.denied_on.isoformat(), "because": "date of the remittance"},
            {
                "step": "presumed_receipt",
                "date": (seed.denied_on + timedelta(days=5)).isoformat(),
                "because": "received 5 days after its date",
            },
            {"step": "due", "date": seed.due_on.isoformat(), "because": "120 days from receipt"},
        ],
    }


def _case(seed: CaseSeed, claim: UUID, payment: UUID) -> DenialCase:
    return DenialCase(
        id=uuid4(),
        claim_id=claim,
        round_number=1,
        claim_payment_id=payment,
        payer_name=seed.payer,
        line_of_business="Medicare FFS",
        category=seed.category,
        cause=seed.cause,
        action=seed.action,
        denied_amount=seed.denied,
        paid_before_amount=Decimal("60.00"),
        recovered_amount=seed.recovered,
        written_off_amount=Decimal("0.00"),
        expected_recovery_amount=seed.priority,
        queue=seed.queue,
        priority=seed.priority,
        priority_reason=seed.reason,
        status=seed.status,
        outcome=seed.outcome,
        due_on=seed.due_on,
        deadline=_deadline(seed),
        denied_on=seed.denied_on,
        assigned_to=seed.owner,
    )


def _around(case: DenialCase, payment: UUID, seed: CaseSeed) -> list[Any]:
    """Denial, work item, letter and timeline of a case."""
    evidence = [{"segment_index": 25, "segment": "CAS", "element": 2, "value": seed.carc}]
    if seed.rarcs:
        evidence.append({"segment_index": 26, "segment": "LQ", "element": 2, "value": seed.rarcs[0]})
    rows: list[Any] = [
        Denial(
            id=uuid4(),
            case_id=case.id,
            claim_payment_id=payment,
            line_number=2,
            category=seed.category,
            cause=seed.cause,
            action=seed.action,
            appealable="yes",
            preventable="maybe",
            group_code="CO",
            carc=seed.carc,
            rarcs=seed.rarcs,
            denied_amount=seed.denied,
            rule_id=f"co-{seed.carc}",
            rule_version="8d1f0c2a77aa",
            rule_source="Noridian JE B denial page",
            evidence=evidence,
            explanation=seed.explanation,
            guardrail=seed.guardrail,
        ),
        CaseEvent(
            id=uuid4(),
            case_id=case.id,
            kind="opened",
            summary=f"Denied: {seed.category.replace('_', ' ')}.",
            actor="classifier",
            amount=seed.denied,
            happened_at=NOW - timedelta(days=3),
        ),
    ]
    if seed.status is not CaseStatus.RESOLVED:
        rows.append(
            WorkItem(
                id=uuid4(),
                case_id=case.id,
                queue=seed.queue,
                kind="appeal",
                title=seed.title,
                priority=seed.priority,
                due_on=seed.due_on,
            )
        )
    if seed.letter:
        rows.append(_letter(case.id, seed.letter.format(number=seed.number), seed.status))
    return rows


def _letter(case_id: UUID, markdown: str, status: CaseStatus) -> Letter:
    title = "Request for redetermination"
    return Letter(
        id=uuid4(),
        case_id=case_id,
        level=1,
        template="medical_necessity",
        template_version="51ab0c9d11",
        title=title,
        draft_markdown=markdown,
        markdown=markdown,
        missing_facts=list(blanks(markdown)),
        state="draft" if status is CaseStatus.NEEDS_WORK else "approved",
        pdf=render_pdf(markdown, title=title, dated_on=TODAY),
        docx=render_docx(markdown, title=title),
        dated_on=TODAY,
        updated_at=NOW - timedelta(days=2),
    )


async def add_submission(session: AsyncSession, number: str, **changes: Any) -> UUID:
    """A submitted claim that no payer has answered; the submission's id."""
    zero = Decimal("0.00")
    claim = Claim(
        **{
            "id": uuid4(),
            "patient_control_number": number,
            "patient_name": "Pat Example",
            "member_identifier": "MEMBER1",
            "charge_amount": Decimal("200.00"),
            "service_from": date(2026, 2, 2),
            "service_to": date(2026, 2, 2),
            "submitted": True,
            **dict.fromkeys(
                ("paid_amount", "contractual_amount", "patient_amount", "denied_amount", "imbalance_amount"),
                zero,
            ),
            **changes,
        }
    )
    sha256 = uuid4().hex * 2
    session.add(claim)
    session.add(
        ReceivedFile(sha256=sha256, file_name="claims.837", source="drop", size_bytes=1, state="posted")
    )
    await session.flush()
    content = CONTENT.dump_python(
        Submission(
            patient_control_number=claim.patient_control_number,
            charge_amount=claim.charge_amount,
            place_of_service="11",
            frequency_code="1",
            billing_provider=Party(),
            subscriber=Party(identifier=claim.member_identifier),
            payer=Party(),
            segment_index=9,
        ),
        mode="json",
    )
    submission = SubmittedClaim(
        id=uuid4(), claim_id=claim.id, file_sha256=sha256, segment_index=9, content=content
    )
    session.add(submission)
    return submission.id


MANY_CASES = text("""
    WITH n AS (SELECT generate_series(1, :count) AS i),
    claims AS (
        INSERT INTO claim (id, patient_control_number, payer_name, patient_name, charge_amount, submitted,
                           paid_amount, contractual_amount, patient_amount, denied_amount, imbalance_amount,
                           adjudicated, created_at)
        SELECT md5('claim' || i)::uuid, 'M' || i, 'Payer ' || i % 12, 'Generated ' || i, 200, true, 80, 0, 0,
               120, 0, true, now() FROM n RETURNING 1
    ), payments AS (
        INSERT INTO claim_payment (id, remittance_id, claim_id, position, status_code, charge_amount,
                                   paid_amount, payment_on, segment_index, segments, created_at)
        SELECT md5('payment' || i)::uuid, :remittance, md5('claim' || i)::uuid, i, '1', 200, 80,
               date '2025-06-01' + i % 280, 1, '[]', now() FROM n RETURNING 1
    ), cases AS (
        INSERT INTO denial_case (id, claim_id, round_number, claim_payment_id, payer_name, category, cause,
                                 action, denied_amount, paid_before_amount, recovered_amount,
                                 written_off_amount, expected_recovery_amount, queue, priority,
                                 priority_reason, odds, status, due_on, deadline, denied_on, appeal_level,
                                 version, opened_at)
        SELECT md5('case' || i)::uuid, md5('claim' || i)::uuid, 1, md5('payment' || i)::uuid,
               'Payer ' || i % 12, (ARRAY['bundling', 'authorization', 'documentation'])[1 + i % 3], 'x',
               'appeal', 120, 80, 0, 0, 60, 'appeals', i % 997, 'generated', '{}', 'needs_work',
               date '2026-03-16' + i % 90, '{}', date '2025-06-01' + i % 280, 1, 1, now()
          FROM n RETURNING 1
    ), denials AS (
        INSERT INTO denial (id, case_id, claim_payment_id, category, cause, action, appealable, preventable,
                            group_code, carc, rarcs, denied_amount, rule_id, rule_version, rule_source,
                            evidence, explanation, reasoning, playbook, created_at)
        SELECT md5('denial' || i)::uuid, md5('case' || i)::uuid, md5('payment' || i)::uuid, 'bundling', 'x',
               'appeal', 'yes', 'no', 'CO', (ARRAY['50', '97', '16'])[1 + i % 3], '["N115"]', 120, 'r', 'v',
               's', '[]', 'e', '{}', '[]', now() FROM n RETURNING 1
    )
    INSERT INTO work_item (id, case_id, queue, kind, title, priority, due_on, created_at)
    SELECT md5('item' || i)::uuid, md5('case' || i)::uuid, 'appeals', 'appeal', 'Review and send the appeal',
           i % 997, date '2026-03-16' + i % 90, now() FROM n
""")


class StandInWorkflow:
    """Takes steps as the case's workflow would, straight on the record; keeps every step it was asked."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self.asked: list[PersonsStep] = []
        self.words: list[str] = []

    async def __call__(self, case_id: UUID, step: PersonsStep, words: str) -> StepResult:
        self.asked.append(step)
        self.words.append(words)
        async with self._sessions.begin() as session:
            case = await session.get_one(DenialCase, case_id)
            if await session.get(CaseEvent, step.step_id) is None:
                if case.version != step.case_version:
                    raise StepRefusedError("This case has changed since the page was loaded.")
                self._take(case, step)
                session.add(
                    CaseEvent(
                        id=step.step_id,
                        case_id=case_id,
                        kind=step.step,
                        summary=f"Step taken: {step.step}.",
                        actor=str(step.actor_id),
                    )
                )
            return StepResult(status=CaseStatus(case.status), case_version=case.version)

    def _take(self, case: DenialCase, step: PersonsStep) -> None:
        case.status = next_status(CaseStatus(case.status), step.step)
        if isinstance(step, DecideInput) and step.decision is PayerDecision.UPHELD:
            case.status = CaseStatus.RESOLVED
        if isinstance(step, AssignInput):
            case.assigned_to = step.assignee_id
        case.version += 1


class FollowedBatches:
    """The batches whose workflow was told to look, in order."""

    def __init__(self) -> None:
        self.told: list[UUID] = []

    async def __call__(self, batch_id: UUID) -> None:
        self.told.append(batch_id)


async def accept_file(file_name: str, content: bytes) -> Received:
    """A stand-in for the ingest service."""
    return Received(state="posted", message=f"{len(content)} bytes were read.")


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


def make_web(sessions: Sessions, *, clock: Clock | None = None, forward: Forward = accept_file) -> Web:
    return Web(
        sessions=sessions,
        take_step=StandInWorkflow(sessions),
        follow_batch=FollowedBatches(),
        forward=forward,
        channels={ChannelName.MAIL: "Print and mail", ChannelName.PORTAL: "Portal"},
        clock=clock or Clock(),
        labels=LABELS,
        rules=RulesInForce(load_rulebook()),
        failed_sign_ins=FailedSignIns(),
        notice=Notice((60, 30, 14), few_visits=2),
        reference_dir=Path("no-imported-tables"),
    )
