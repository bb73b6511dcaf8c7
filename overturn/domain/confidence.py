"""How sure a denial is, and why not surer: never a guess shown as knowledge."""

from collections.abc import Iterator, Sequence

from overturn.domain.adjudication import DENIED, UNKNOWN_CODE, Target, Verdict
from overturn.domain.causes.proven import Proven
from overturn.domain.codes import Confidence, ReasonCode, RemarkCode, format_dollars
from overturn.domain.remittance import sum_amounts
from overturn.domain.rule_row import FOUND, DenialRule
from overturn.domain.rule_table import DenialTable

SURE = "the source of the row says what the row says"


def weigh_confidence(
    target: Target,
    verdicts: Sequence[Verdict],
    rule: DenialRule,
    table: DenialTable,
    *,
    proven: Proven | None = None,
    unanswered: str | None = None,
) -> tuple[Confidence, str]:
    """The confidence in what `rule` makes of these adjustments, with the reason in words.

    Low where a person has to look: a code that is unknown or retired, adjustments of the payer that
    contradict each other, a table that is not at hand (`unanswered`). What is proved is as sure as its
    tables. Medium where the row, or a part of it, is our own judgement, or a reason came without its remark.
    """
    doubt = (
        next(_code_doubts(target, verdicts, rule, table), None)
        or find_contradiction(target, verdicts)
        or unanswered
    )
    if doubt:
        return Confidence.LOW, doubt
    if proven:
        return proven.confidence, proven.why
    if unsaid := _unsaid(verdicts, rule, table):
        return Confidence.MEDIUM, unsaid
    if rule.source_level != FOUND:
        return Confidence.MEDIUM, f"the row rests on judgement ({rule.source})"
    return Confidence.HIGH, SURE


def _unsaid(verdicts: Sequence[Verdict], rule: DenialRule, table: DenialTable) -> str | None:
    """A reason that means nothing by itself, decided without a remark: what it stands for is not known."""
    deciding = next((verdict for verdict in verdicts if verdict.rule is rule), None)
    if deciding is None or not rule.when.rarc.blank or not table.is_umbrella(deciding.adjustment.reason):
        return None
    return f"CARC {deciding.adjustment.reason} says why by its remark only, and no remark came that tells"


def _code_doubts(
    target: Target, verdicts: Sequence[Verdict], rule: DenialRule, table: DenialTable
) -> Iterator[str]:
    """What cannot be known of the payer's codes, gravest first."""
    for verdict in verdicts:
        group, reason = verdict.adjustment.group, verdict.adjustment.reason
        if verdict.bucket is DENIED and group not in table.groups:
            listed = ", ".join(table.groups)
            yield f"the group {group or '(none)'} of CARC {reason} is none of {listed}: who owes is not known"
    codes = [verdict.adjustment.reason for verdict in verdicts if verdict.bucket is DENIED]
    for code in codes:
        yield from _retired(f"CARC {code}", table.reasons.get(code), target)
    remarks = [remark.code for remark in target.remarks]
    for code in remarks:
        if (not rule.when.rarc.blank and rule.when.rarc.holds(code)) or rule.cause == UNKNOWN_CODE:
            yield from _retired(f"RARC {code}", table.remarks.get(code), target)
    if rule.cause == UNKNOWN_CODE:
        yield from (
            f"RARC {code} is in no list of codes at hand" for code in remarks if code not in table.remarks
        )
        yield from (
            f"CARC {code} is in no list of codes at hand" for code in codes if code not in table.reasons
        )
        yield "no row of the table knows what the payer's code means"


def _retired(named: str, known: ReasonCode | RemarkCode | None, target: Target) -> Iterator[str]:
    """A code is read by the day of the remittance, else of the service."""
    day = target.paid_on or (target.line.service_on if target.line else None) or target.claim.service_from
    if known and known.stop_on and day and day >= known.stop_on:
        yield f"{named} was retired on {known.stop_on}: the payer should not send it any more"


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
    if target.line and target.claim.adjustments and target.claim.imbalance_amount:
        return "the payer adjusts the claim as a whole and its lines, and together that does not add up"
    return None
