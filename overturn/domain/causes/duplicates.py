"""Duplicates: of a claim that was paid, or of one that never was."""

from typing import Final

from overturn.domain.causes.proven import SURE, Proven, Stand
from overturn.domain.causes.question import Question
from overturn.domain.codes import Action, Answer, Category, Confidence, format_dollars

EXACT: Final = "duplicate_claim"


def prove_duplicate(question: Question) -> Proven | None:
    """What became of our other claims for the same member, day and charge; one without an answer proves
    nothing yet."""
    earlier = question.record.earlier
    if not earlier or question.rule.category is not Category.DUPLICATE or question.rule.cause != EXACT:
        return None
    paid = next((claim for claim in earlier if claim.settled_amount > 0), None)
    if paid:
        return Proven(
            cause="duplicate_of_paid",
            stand=Stand.CONFIRMED,
            finding=f"The same services were settled under claim {paid.patient_control_number}, "
            f"{format_dollars(paid.settled_amount)}",
            advice="close it; nothing is owed twice",
            confidence=Confidence.HIGH,
            why=SURE,
            action=Action.NONE,
            appealable=Answer.NO,
            guardrail="a duplicate of a paid claim carries no appeal",
        )
    if not all(claim.answered for claim in earlier):
        return None
    numbers = ", ".join(claim.patient_control_number for claim in earlier)
    return Proven(
        cause="duplicate_of_unpaid",
        stand=Stand.REFUTED,
        finding=f"Our other claims for these services were answered without payment: {numbers}",
        advice="ask which payment the payer means, and have the claim decided",
        confidence=Confidence.MEDIUM,
        why="our record has no payment for these services; a remittance may still be missing",
        action=Action.CALL_PAYER,
        appealable=Answer.MAYBE,
    )
