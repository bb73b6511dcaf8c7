"""Adjustments and the rule that speaks for each: the step between a remittance and its denials."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from overturn.domain.codes import Action, Answer, Category, Denies, Drives, GroupCode
from overturn.domain.payers import PayerContext
from overturn.domain.remittance import Adjustment, ClaimPayment, Remark, ServiceLine, sum_amounts
from overturn.domain.rule_table import AdjustmentFacts, Conditions, DenialRule, DenialTable
from overturn.domain.submission import SubmittedClaim, SubmittedLine

UNKNOWN_CODE: Final = "unknown_code"
DENIED: Final = None
"""The bucket of denied money: neither the contract's nor the patient's."""

ASK_FOR_MEANING: Final = "ask the payer what its code means, then add it to rules/denials.csv"


@dataclass(frozen=True, slots=True)
class Target:
    """What adjustments hang on: a service line, or the claim itself (`line` None)."""

    line: ServiceLine | None
    submitted: SubmittedLine | None
    claim: ClaimPayment
    payer: PayerContext

    @property
    def adjustments(self) -> Sequence[Adjustment]:
        return self.line.adjustments if self.line else self.claim.adjustments

    @property
    def own_remarks(self) -> list[Remark]:
        return self.line.remarks if self.line else self.claim.remarks

    @property
    def remarks(self) -> list[Remark]:
        """The line's own remarks first, then those of the whole claim, which hold for each line too."""
        return [*self.own_remarks, *(self.claim.remarks if self.line else ())]

    @property
    def billed_procedure(self) -> str | None:
        """The procedure as sent: SVC06, else the matching line of our own claim, else SVC01."""
        if self.line is None:
            return None
        sent = self.submitted.procedure if self.submitted else None
        return self.line.submitted_procedure or sent or self.line.procedure

    def facts(self, carc: str, group: str, procedure: str | None) -> AdjustmentFacts:
        """What a rule is held against; the claim as a whole carries the modifiers of all its lines."""
        modifiers: set[str] = set(self.submitted.modifiers if self.submitted else ())
        for line in [self.line] if self.line else self.claim.service_lines:
            modifiers.update(line.modifiers, line.submitted_modifiers)
        served_on = self.line.service_on if self.line else None
        return AdjustmentFacts(
            carc=carc,
            group=group,
            scope=self.payer.scope,
            procedure=procedure,
            modifiers=frozenset(modifiers),
            service_on=served_on or self.claim.service_from,
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """One adjustment with the rule that speaks for it."""

    adjustment: Adjustment
    rule: DenialRule
    bucket: Category | None  # None: DENIED


def split_targets(
    claim: ClaimPayment, payer: PayerContext, submitted: SubmittedClaim | None
) -> Iterator[Target]:
    """The claim itself, then each of its lines."""
    yield Target(line=None, submitted=None, claim=claim, payer=payer)
    for line in claim.service_lines:
        yield Target(line=line, submitted=sent_line(line, claim, submitted), claim=claim, payer=payer)


def sent_line(
    line: ServiceLine, claim: ClaimPayment, submitted: SubmittedClaim | None
) -> SubmittedLine | None:
    """Our own line behind an adjudicated one: by line control number, else same place and same charge, or
    the same procedure and charge where the payer answers some of the lines only."""
    sent_lines = submitted.lines if submitted else []
    whole = len(claim.service_lines) == len(sent_lines)
    billed, charge = line.submitted_procedure or line.procedure, abs(line.charge_amount)
    for sent in sent_lines:
        if line.control_number and sent.control_number:
            if line.control_number == sent.control_number:
                return sent
        elif sent.charge_amount == charge and (
            sent.line_number == line.line_number if whole else sent.procedure == billed
        ):
            return sent
    return None


def judge(adjustment: Adjustment, target: Target, table: DenialTable) -> Verdict:
    """The rule for one adjustment, and the bucket its money goes to."""
    group = table.groups.get(adjustment.group)
    procedure = target.line.procedure if target.line else None
    facts = target.facts(adjustment.reason, adjustment.group, procedure)
    rule = _speaking_rule(facts, target, table) or _unknown_rule(group)
    denied = rule.is_denial and (group is None or group.denies is not Denies.NEVER)
    bucket = group.bucket if group else Category.CONTRACTUAL
    return Verdict(adjustment, rule, bucket=DENIED if denied else bucket)


def _speaking_rule(facts: AdjustmentFacts, target: Target, table: DenialTable) -> DenialRule | None:
    """The table's rule: by the line's own remarks, else by the claim's, else MA130 and its like, else CARC.

    An umbrella CARC that says nothing by itself, with remarks no rule knows, stays unknown.
    """
    own = _remarks_that(Drives.YES, target.own_remarks, table)
    every = _remarks_that(Drives.YES, target.remarks, table)
    lone = [] if every else _remarks_that(Drives.ALONE, target.remarks, table)
    for rarcs in filter(None, (own, every, lone)):
        rule = table.find_rule(facts, rarcs=rarcs)
        if rule and rule.when.rarc:
            return rule
    rule = table.find_rule(facts, rarcs=())
    if rule and every and rule.category is Category.OTHER and table.is_umbrella(facts.carc):
        return replace(rule, cause=UNKNOWN_CODE, action=Action.CALL_PAYER, note=ASK_FOR_MEANING)
    return rule


def _remarks_that(drives: Drives, remarks: Sequence[Remark], table: DenialTable) -> list[str]:
    """Codes of the remarks that drive a category so; one we do not know counts as one that may."""
    known = {r.code: table.remarks.get(r.code) for r in remarks}
    return [code for code, remark in known.items() if (remark.drives if remark else Drives.YES) is drives]


def _unknown_rule(group: GroupCode | None) -> DenialRule:
    """A CARC that is in no row still posts: the group says who owes, a person asks the payer why."""
    return DenialRule(
        id="unknown-carc",
        when=Conditions(),
        category=Category.OTHER,
        cause=UNKNOWN_CODE,
        action=Action.CALL_PAYER,
        is_denial=group is None or group.denies is Denies.UNKNOWN_TOO,
        appealable=Answer.MAYBE,
        preventable=Answer.MAYBE,
        guardrail=None,
        note=ASK_FOR_MEANING,
        therapy_note="",
        source="no row for this code in rules/denials.csv",
        source_level="none",
    )


def total(verdicts: Sequence[Verdict], bucket: Category | None) -> Decimal:
    """The adjusted dollars in one bucket."""
    return sum_amounts(v.adjustment.amount for v in verdicts if v.bucket is bucket)
