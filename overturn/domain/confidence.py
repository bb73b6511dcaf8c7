"""How sure a denial is, and why not surer: never a guess shown as knowledge."""

from collections.abc import Sequence

from overturn.domain.adjudication import DENIED, UNKNOWN_CODE, Target, Verdict
from overturn.domain.causes.proven import Proven
from overturn.domain.codes import Confidence, format_dollars
from overturn.domain.remittance import sum_amounts
from overturn.domain.rule_row import FOUND, DenialRule

SURE = "the source of the row says what the row says"


def weigh_confidence(
    target: Target, verdicts: Sequence[Verdict], rule: DenialRule, proven: Proven | None = None
) -> tuple[Confidence, str]:
    """The confidence in what `rule` makes of these adjustments, with the reason in words.

    Low where a person has to look: a code without a row, or adjustments of the payer that contradict each
    other. What is proved is as sure as its tables. Medium where the row, or a part of it, is our own
    judgement.
    """
    if rule.cause == UNKNOWN_CODE:
        return Confidence.LOW, "no row of the table knows what the payer's code means"
    contradiction = find_contradiction(target, verdicts)
    if contradiction:
        return Confidence.LOW, contradiction
    if proven:
        return proven.confidence, proven.why
    if rule.source_level != FOUND:
        return Confidence.MEDIUM, f"the row rests on judgement ({rule.source})"
    return Confidence.HIGH, SURE


def find_contradiction(target: Target, verdicts: Sequence[Verdict]) -> str | None:
    """Where a payer's own figures cannot all be true, in words for a biller; None where they can."""
    billed = target.line.charge_amount if target.line else target.claim.charge_amount
    denied = [v.adjustment for v in verdicts if v.bucket is DENIED]
    amount = sum_amounts(a.amount for a in denied)
    if amount > billed:
        return f"{format_dollars(amount)} are denied of {format_dollars(billed)} billed"
    given_back = {(a.group, a.reason) for a in denied if a.amount < 0}
    taken = {(a.group, a.reason) for a in denied if a.amount > 0}
    for group, reason in sorted(taken & given_back):
        return f"{group}-{reason} is both taken and given back"
    if target.imbalance_amount:
        unexplained = format_dollars(abs(target.imbalance_amount))
        return f"the payer's adjustments leave {unexplained} of the charge unexplained"
    return None
