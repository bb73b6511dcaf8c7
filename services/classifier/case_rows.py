"""A case, its denials and its timeline as rows."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any
from uuid import UUID

from overturn.db.adjudications import Decided
from overturn.domain import identifiers
from overturn.domain.classification import Denial
from overturn.domain.denial_case import CaseStatus
from overturn.domain.remittance import ZERO
from overturn.domain.take_backs import TakeBack

ACTOR = "classifier"

Row = dict[str, Any]


def leading_denial(denials: Sequence[Denial]) -> Denial:
    """The one that names the case: most dollars; of equal ones the first line."""
    return min(denials, key=lambda d: (-d.denied_amount, d.line or 0))


def case_row(
    case_id: UUID,
    claim_id: UUID,
    round_number: int,
    *,
    first: Decided,
    denied_amount: Decimal,
    unpriced_amount: Decimal,
    paid_before_amount: Decimal,
) -> Row:
    """A case as it is opened, on its first denial; amounts in US dollars."""
    leading = leading_denial(first.decision.denials)
    return {
        "id": case_id,
        "claim_id": claim_id,
        "round_number": round_number,
        "claim_payment_id": first.adjudication.payment_id,
        "payer_key": first.payer.key,
        "payer_name": first.payer.name,
        "line_of_business": first.payer.line_of_business,
        "category": leading.category,
        "cause": leading.cause,
        "action": leading.action,
        "denied_amount": denied_amount,
        "unpriced_amount": unpriced_amount,
        "paid_before_amount": paid_before_amount,
        "recovered_amount": ZERO,
        "taken_back_amount": ZERO,
        "written_off_amount": ZERO,
        "expected_recovery_amount": ZERO,
        "priority": ZERO,
        "priority_reason": "",
        "status": CaseStatus.OPENED,
        "denied_on": first.adjudication.payment_on,
    }


def denial_rows(case_id: UUID, denied: Iterable[tuple[Decided, Denial]]) -> list[Row]:
    return [_denial_row(case_id, by.adjudication.payment_id, denial) for by, denial in denied]


def _denial_row(case_id: UUID, payment_id: UUID, denial: Denial) -> Row:
    return {
        "id": identifiers.deterministic_id("denial", case_id, payment_id, denial.line),
        "case_id": case_id,
        "claim_payment_id": payment_id,
        "line_number": denial.line,
        "procedure": denial.procedure,
        "category": denial.category,
        "cause": denial.cause,
        "action": denial.action,
        "appealable": denial.appealable,
        "preventable": denial.preventable,
        "group_code": denial.group,
        "carc": denial.carc,
        "rarcs": list(denial.rarcs),
        "denied_amount": denial.denied_amount,
        "unpriced_amount": denial.unpriced_amount,
        "rule_id": denial.rule.id,
        "rule_version": denial.rule.version,
        "rule_source": denial.rule.source,
        "evidence": [asdict(e) for e in denial.evidence],
        "explanation": denial.explanation,
        "guardrail": denial.guardrail,
        "confidence": denial.confidence,
        "confidence_reason": denial.confidence_reason,
        "reasoning": {**asdict(denial.reasoning), "proof": asdict(denial.proven) if denial.proven else None},
        "route": denial.route,
        "playbook": list(denial.steps),
    }


def classification_row(denial: Row) -> Row:
    """What is kept of a denial's row for good. The same result by the same version is the same row; with
    facts that became known later, one version may come to another result, which is a row of its own."""
    same = (
        "case_id",
        "claim_payment_id",
        "line_number",
        "rule_version",
        "rule_id",
        "category",
        "cause",
        "action",
    )
    kept = ("confidence", "denied_amount", "reasoning")
    row = {name: denial[name] for name in (*same, *kept)}
    return {"id": identifiers.deterministic_id("classification", *(row[name] for name in same)), **row}


def opening(case: Row, first: Decided) -> Row:
    """The first line of the timeline."""
    leading = leading_denial(first.decision.denials)
    amount = case["denied_amount"] or None
    return _line(case["id"], "classified", summary=leading.explanation, amount=amount)


def also_denied(case_id: UUID, by: Decided, denial: Denial) -> Row:
    """A line that a later remittance denies for the first time."""
    return _line(
        case_id,
        f"line {by.adjudication.payment_id} {denial.line}",
        summary=f"The remittance of {by.adjudication.payment_on} denies another line. {denial.explanation}",
        amount=denial.denied_amount or None,
    )


def denied_earlier(case_id: UUID, first: Decided) -> Row:
    """A denial that arrived late: the payer's windows may have begun with it."""
    return _line(
        case_id,
        f"earlier {first.adjudication.payment_id}",
        summary=(
            f"A denial dated {first.adjudication.payment_on} arrived after this case was prepared. "
            "The payer may count from that date: check the deadline."
        ),
        amount=first.adjudication.denied_amount,
    )


def seen_otherwise(event_id: UUID, case_id: UUID, *, summary: str, amount: Decimal) -> Row:
    """What rules, or facts that became known since, make of a case that was classified before them."""
    return _line(case_id, "", summary=summary, amount=amount) | {"id": event_id, "kind": "reclassified"}


def taken_back(case_id: UUID, taken: TakeBack) -> Row:
    """Money that the payer moved outside any claim, naming this one."""
    words = "took back" if taken.amount > ZERO else "gave back, or put off to take,"
    paid_on = f"the remittance of {taken.paid_on}" if taken.paid_on else "an undated remittance"
    return _line(
        case_id,
        f"taken back {taken.id}",
        summary=(
            f"The payer {words} money outside any claim in {paid_on} "
            f"(PLB {taken.reason}, segment {taken.segment_index}), naming this claim."
        ),
        amount=abs(taken.amount),
    )


def _line(case_id: UUID, fact: str, *, summary: str, amount: Decimal | None) -> Row:
    return {
        "id": identifiers.deterministic_id("case-event", case_id, fact),
        "case_id": case_id,
        "kind": "classified",
        "summary": summary,
        "actor": ACTOR,
        "amount": amount,
    }
