"""From a payer's answer to denials: what was refused, why, what to do next, and the proof for it.

The denial rows come from `rules/denials.csv`; this module holds only how they are read:
umbrella codes, alert remarks, silent denials. Every adjusted dollar of a claim lands in exactly one of three
buckets: contractual, patient, denied.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from overturn.domain.adjudication import DENIED, Target, Verdict, judge, split_targets, total
from overturn.domain.codes import Action, Answer, Category
from overturn.domain.explanation import Evidence, collect_evidence, explain, telling_remarks
from overturn.domain.payers import PayerContext
from overturn.domain.remittance import ClaimPayment
from overturn.domain.rule_table import DOWNCODED, DenialRule, DenialTable
from overturn.domain.submission import SubmittedClaim


@dataclass(frozen=True, slots=True)
class RuleReference:
    """Which rule decided, in which version of the table, and where the rule comes from."""

    id: str
    version: str
    source: str


@dataclass(frozen=True, slots=True)
class Denial:
    """Money refused on one service line, or (`line` None) on the claim as a whole."""

    line: int | None  # ServiceLine.line_number
    procedure: str | None
    category: Category
    cause: str
    action: Action
    appealable: Answer
    preventable: Answer
    denied_amount: Decimal  # US dollars; 0.00 where a downcoding hides inside the contractual write-off
    rule: RuleReference
    evidence: tuple[Evidence, ...]
    explanation: str
    guardrail: str | None
    carc: str  # empty only where a line was cut without any adjustment, and so does not balance
    group: str
    rarcs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Split:
    """The adjusted dollars of one line, or of the claim beyond its lines."""

    contractual_amount: Decimal
    patient_amount: Decimal
    denied_amount: Decimal


@dataclass(frozen=True, slots=True)
class ClaimDecision:
    """The denials of a claim, and its adjusted dollars in three buckets that add up to all of them; `lines`
    has the part of each line by its number."""

    denials: tuple[Denial, ...]
    lines: Mapping[int, Split]
    contractual_amount: Decimal
    patient_amount: Decimal
    denied_amount: Decimal

    @property
    def adjusted_amount(self) -> Decimal:
        return self.contractual_amount + self.patient_amount + self.denied_amount


def classify(
    claim: ClaimPayment,
    *,
    table: DenialTable,
    payer: PayerContext,
    submitted: SubmittedClaim | None = None,
) -> ClaimDecision:
    """Every denial in a payer's answer to one claim, at most one per service line.

    A reversal (CLP02 = 22) takes money back from an earlier answer and is no denial by itself; its
    dollars are still split. `submitted` adds what only our own claim proves: the code and modifiers sent.
    """
    denials: list[Denial] = []
    verdicts: list[Verdict] = []
    lines: dict[int, Split] = {}
    for target in split_targets(claim, payer, submitted):
        ruled = [judge(adjustment, target, table) for adjustment in target.adjustments]
        verdicts += ruled
        if target.line:
            lines[target.line.line_number] = _split(ruled)
        denial = None if claim.is_reversal else _find_denial(target, ruled, table)
        if denial:
            denials.append(denial)
    whole = _split(verdicts)
    return ClaimDecision(
        denials=tuple(denials),
        lines=lines,
        contractual_amount=whole.contractual_amount,
        patient_amount=whole.patient_amount,
        denied_amount=whole.denied_amount,
    )


def _split(verdicts: Sequence[Verdict]) -> Split:
    return Split(
        contractual_amount=total(verdicts, Category.CONTRACTUAL),
        patient_amount=total(verdicts, Category.PATIENT_RESPONSIBILITY),
        denied_amount=total(verdicts, DENIED),
    )


def _find_denial(target: Target, verdicts: Sequence[Verdict], table: DenialTable) -> Denial | None:
    """At most one: the greatest refused adjustment decides, unless the line was paid as another procedure."""
    denied = [v for v in verdicts if v.bucket is DENIED]
    amount = total(denied, DENIED)
    silent = _find_downcoding(target, verdicts, table)
    if amount < 0 or (amount == 0 and silent is None):
        return None
    ordered = sorted(denied or verdicts, key=lambda v: v.adjustment.amount, reverse=True)
    return _describe(target, ordered, silent or ordered[0].rule, amount, table)


def _find_downcoding(target: Target, verdicts: Sequence[Verdict], table: DenialTable) -> DenialRule | None:
    """The rule for a line paid as another procedure than was billed, where the cut left money unpaid.

    A line that was refused outright keeps its own reason: nothing was paid under the other code.
    """
    line, billed = target.line, target.billed_procedure
    if line is None or None in (line.procedure, billed) or billed == line.procedure:
        return None
    unpaid = line.charge_amount - line.paid_amount - total(verdicts, Category.PATIENT_RESPONSIBILITY)
    refused = line.paid_amount <= 0 and any(v.bucket is DENIED for v in verdicts)
    if unpaid <= 0 or refused:
        return None
    return table.find_rule(target.facts(DOWNCODED, "", billed), rarcs=())


def _describe(
    target: Target, verdicts: Sequence[Verdict], rule: DenialRule, amount: Decimal, table: DenialTable
) -> Denial:
    """Put a denial together; `verdicts` are those that cut the line, the deciding one first."""
    first = verdicts[0].adjustment if verdicts else None
    carc, group = (first.reason, first.group) if first else ("", "")
    rarcs = tuple(dict.fromkeys(r.code for r in target.remarks))
    procedure = target.line.procedure if target.line else None
    facts = target.facts(carc, group, procedure)
    rails = table.find_guardrails(facts, rarcs=rarcs, action=rule.action)
    action = next((rail.action for rail in rails if rule.action in rail.replaces), rule.action)
    forbidden = any(rail.forbids_appeal for rail in rails)
    texts = [rule.guardrail, *(rail.text for rail in rails)]
    told = telling_remarks(target.remarks, rails, table)
    return Denial(
        line=target.line.line_number if target.line else None,
        procedure=procedure,
        category=rule.category,
        cause=rule.cause,
        action=action,
        appealable=Answer.NO if forbidden else rule.appealable,
        preventable=rule.preventable,
        denied_amount=amount,
        rule=RuleReference(rule.id, table.version, rule.source),
        evidence=collect_evidence(target, verdicts, rule, told),
        explanation=explain(target, verdicts, rule, action=action, told=told, table=table),
        guardrail=" ".join(dict.fromkeys(text for text in texts if text)) or None,
        carc=carc,
        group=group,
        rarcs=rarcs,
    )
