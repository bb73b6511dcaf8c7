"""From a payer's answer to denials: what was refused, why, what to do next, and the proof for it.

The rows come from the packs of `rules`; this module holds only how they are read: umbrella codes, alert
remarks, silent denials. `rule_claim` decides; `classify` adds the words and the proof. Every adjusted dollar
of a claim lands in exactly one of three buckets: contractual, patient, denied.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from overturn.domain.adjudication import (
    DENIED,
    Target,
    Verdict,
    judge,
    split_targets,
    total,
    unpaid_amount,
)
from overturn.domain.causes.proven import Proven
from overturn.domain.causes.proving import apply_proof, prove_cause
from overturn.domain.causes.question import Question
from overturn.domain.causes.tables import NO_RECORD, ClaimRecord
from overturn.domain.causes.unanswered import find_unanswered
from overturn.domain.codes import Action, Answer, Category, Confidence, format_stake
from overturn.domain.confidence import weigh_confidence
from overturn.domain.explanation import Evidence, collect_evidence, explain, telling_remarks
from overturn.domain.payers import PayerContext
from overturn.domain.reasoning import Reasoning, reason_out
from overturn.domain.remittance import ZERO, ClaimPayment, sum_amounts
from overturn.domain.rule_row import AdjustmentFacts, DenialRule, Guardrail
from overturn.domain.rule_table import DenialTable
from overturn.domain.silent import find_silent
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
    denied_amount: Decimal  # US dollars; 0.00 where it cannot be priced
    unpriced_amount: Decimal  # the most it can be worth where it cannot be priced, else 0.00; in no sum
    rule: RuleReference
    evidence: tuple[Evidence, ...]
    explanation: str
    guardrail: str | None
    carc: str  # empty only where a line was cut without any adjustment, and so does not balance
    group: str
    rarcs: tuple[str, ...]
    reasoning: Reasoning
    confidence: Confidence
    confidence_reason: str
    proven: Proven | None  # what our claim and the tables prove beyond the codes
    route: str | None  # the queue the row asks for, where not the one of its category
    steps: tuple[str, ...]  # of its playbook


@dataclass(frozen=True, slots=True)
class Ruling:
    """A denial as it is decided, before it is put into words; `verdicts` has the deciding one first, and
    `rule` what was proved in the place of what its codes say."""

    target: Target
    verdicts: tuple[Verdict, ...]
    rule: DenialRule
    facts: AdjustmentFacts
    rails: tuple[Guardrail, ...]
    amount: Decimal
    proven: Proven | None = None
    moved_amount: Decimal = ZERO  # the part of `amount` that the payer calls contractual
    unanswered: str | None = None  # what no table at hand could say
    unpriced_amount: Decimal = ZERO  # where `amount` cannot be known: all that is left unpaid

    @property
    def action(self) -> Action:
        """The row's action, unless a guardrail puts another in its place."""
        replaced = (rail.action for rail in self.rails if self.rule.action in rail.replaces)
        return next(replaced, self.rule.action)

    @property
    def rarcs(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(remark.code for remark in self.target.remarks))


@dataclass(frozen=True, slots=True)
class ClaimRulings:
    """What is decided of a claim: its denials, and every adjustment with its bucket; `lines` has those of
    each line by its number."""

    rulings: tuple[Ruling, ...]
    verdicts: tuple[Verdict, ...]
    lines: Mapping[int, Sequence[Verdict]]


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
    paid_on: date | None = None,
    record: ClaimRecord = NO_RECORD,
) -> ClaimDecision:
    """Every denial in a payer's answer to one claim, at most one per service line.

    A reversal (CLP02 = 22) takes money back from an earlier answer and is no denial by itself; its
    dollars are still split. `submitted` adds what only our own claim proves: the code and modifiers sent;
    `paid_on`, the remittance's date, what days since service are counted to; `record`, what proofs may use.
    """
    ruled = rule_claim(claim, table=table, payer=payer, submitted=submitted, paid_on=paid_on, record=record)
    moved = {r.target.line.line_number: r.moved_amount for r in ruled.rulings if r.target.line}
    whole = _split(ruled.verdicts, sum_amounts(moved.values()))
    return ClaimDecision(
        denials=tuple(_describe(ruling, table) for ruling in ruled.rulings),
        lines={line: _split(verdicts, moved.get(line, ZERO)) for line, verdicts in ruled.lines.items()},
        contractual_amount=whole.contractual_amount,
        patient_amount=whole.patient_amount,
        denied_amount=whole.denied_amount,
    )


def _split(verdicts: Sequence[Verdict], moved: Decimal) -> Split:
    return Split(
        contractual_amount=total(verdicts, Category.CONTRACTUAL) - moved,
        patient_amount=total(verdicts, Category.PATIENT_RESPONSIBILITY),
        denied_amount=total(verdicts, DENIED) + moved,
    )


def rule_claim(
    claim: ClaimPayment,
    *,
    table: DenialTable,
    payer: PayerContext,
    submitted: SubmittedClaim | None = None,
    paid_on: date | None = None,
    record: ClaimRecord = NO_RECORD,
) -> ClaimRulings:
    """What `classify` decides, without its words: for whoever compares many."""
    rulings: list[Ruling] = []
    verdicts: list[Verdict] = []
    lines: dict[int, Sequence[Verdict]] = {}
    for target in split_targets(claim, payer, submitted, paid_on):
        ruled = [judge(adjustment, target, table) for adjustment in target.adjustments]
        verdicts += ruled
        if target.line:
            lines[target.line.line_number] = ruled
        ruling = None if claim.is_reversal else _find_denial(target, ruled, table, record)
        if ruling:
            rulings.append(ruling)
    return ClaimRulings(tuple(rulings), tuple(verdicts), lines)


def _find_denial(
    target: Target, verdicts: Sequence[Verdict], table: DenialTable, record: ClaimRecord
) -> Ruling | None:
    """At most one: the greatest refused adjustment decides, unless the line was paid as another procedure."""
    denied = [v for v in verdicts if v.bucket is DENIED]
    amount = total(denied, DENIED)
    silent = find_silent(target, verdicts, table)
    if silent and amount == 0:
        amount = silent.amount
    if amount < 0 or (amount == 0 and silent is None):
        return None
    ordered = sorted(denied or verdicts, key=lambda v: v.adjustment.amount, reverse=True)
    rule, facts = (silent.rule, silent.facts) if silent else (ordered[0].rule, ordered[0].facts)
    proven, unanswered = (silent.proven, None) if silent else _prove(target, rule, table, record)
    if proven:
        rule = apply_proof(rule, proven)
    first = ordered[0].adjustment if ordered else None
    procedure = target.line.procedure if target.line else None
    bound = target.facts(first.reason if first else "", first.group if first else "", procedure, amount)
    rarcs = [remark.code for remark in target.remarks]
    rails = table.find_guardrails(bound, rarcs=rarcs, action=rule.action)
    moved = silent.amount if silent and not denied else ZERO
    unpriced = unpaid_amount(target, verdicts) if silent and not (amount or silent.has_price) else ZERO
    return Ruling(target, tuple(ordered), rule, facts, rails, amount, proven, moved, unanswered, unpriced)


def _prove(
    target: Target, rule: DenialRule, table: DenialTable, record: ClaimRecord
) -> tuple[Proven | None, str | None]:
    """What is proved, else what could not be looked up."""
    if table.cause_tables is None:
        return None, None
    question = Question(target, rule, table.cause_tables, record)
    proven = prove_cause(question)
    return proven, None if proven else find_unanswered(question)


def _describe(ruling: Ruling, table: DenialTable) -> Denial:
    """Put a denial together: the decision, its words, its proof."""
    target, verdicts, rule = ruling.target, ruling.verdicts, ruling.rule
    first = verdicts[0].adjustment if verdicts else None
    forbidden = any(rail.forbids_appeal for rail in ruling.rails)
    texts = [rule.guardrail, *(rail.text for rail in ruling.rails)]
    told = telling_remarks(target.remarks, ruling.rails, table)
    confidence, why = weigh_confidence(
        target, verdicts, rule, table, proven=ruling.proven, unanswered=ruling.unanswered
    )
    return Denial(
        line=target.line.line_number if target.line else None,
        procedure=target.line.procedure if target.line else None,
        category=rule.category,
        cause=rule.cause,
        action=ruling.action,
        appealable=Answer.NO if forbidden else rule.appealable,
        preventable=rule.preventable,
        denied_amount=ruling.amount,
        unpriced_amount=ruling.unpriced_amount,
        rule=RuleReference(rule.id, table.version, rule.source),
        evidence=collect_evidence(target, verdicts, rule, told),
        explanation=explain(
            target,
            verdicts,
            rule,
            action=ruling.action,
            told=told,
            table=table,
            amount=format_stake(ruling.amount, ruling.unpriced_amount),
            proven=ruling.proven,
        ),
        guardrail="; ".join(dict.fromkeys(text for text in texts if text)) or None,
        carc=first.reason if first else "",
        group=first.group if first else "",
        rarcs=ruling.rarcs,
        reasoning=reason_out(target, first, rule, facts=ruling.facts, table=table),
        confidence=confidence,
        confidence_reason=why,
        proven=ruling.proven,
        route=rule.route,
        steps=table.playbooks.get(rule.playbook or "", ()),
    )
