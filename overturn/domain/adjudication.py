"""Adjustments and the rule that speaks for each: the step between a remittance and its denials."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

from overturn.domain.answers import PRIOR_PAYER_CARC
from overturn.domain.codes import Action, Answer, Category, Denies, Drives, GroupCode
from overturn.domain.payers import PayerContext
from overturn.domain.remittance import ZERO, Adjustment, ClaimPayment, Remark, ServiceLine, sum_amounts
from overturn.domain.rule_row import AdjustmentFacts, Conditions, DenialRule
from overturn.domain.rule_table import DenialTable
from overturn.domain.submission import SubmittedClaim, SubmittedLine

UNKNOWN_CODE: Final = "unknown_code"
DENIED: Final = None
"""The bucket of denied money: neither the contract's nor the patient's."""

ASK_FOR_MEANING: Final = "ask the payer what its code means, then add a row for it to a pack"


@dataclass(frozen=True, slots=True)
class Target:
    """What adjustments hang on: a service line, or the claim itself (`line` None).

    What rules are held against comes together in `facts` and nowhere else: from the remittance, from our own
    claim, and from the day the remittance was paid.
    """

    line: ServiceLine | None
    submitted: SubmittedLine | None
    claim: ClaimPayment
    payer: PayerContext
    sent: SubmittedClaim | None = None
    paid_on: date | None = None
    modifiers: frozenset[str] = frozenset()

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

    @property
    def imbalance_amount(self) -> Decimal:
        """What the payer's own figures leave unexplained here, in US dollars."""
        return self.line.imbalance_amount if self.line else self.claim.imbalance_amount

    @property
    def rendering_taxonomy(self) -> str | None:
        """What the rendering provider is by our own claim: the line's own one, else the claim's."""
        if self.submitted and self.submitted.rendering_npi:
            return self.submitted.rendering_taxonomy
        return self.sent.rendering_taxonomy if self.sent else None

    def facts(
        self, carc: str, group: str, procedure: str | None, amount: Decimal | None = None
    ) -> AdjustmentFacts:
        """What a rule is held against; the claim as a whole carries the modifiers of all its lines."""
        claim, sent = self.claim, self.sent
        service_on = (self.line.service_on if self.line else None) or claim.service_from
        return AdjustmentFacts(
            carc=carc,
            group=group,
            payer=self.payer.key,
            line_of_business=self.payer.line_of_business,
            procedure=procedure,
            modifiers=self.modifiers,
            place_of_service=claim.place_of_service or (sent.place_of_service if sent else None),
            provider_type=self.rendering_taxonomy or (sent.billing_taxonomy if sent else None),
            amount=amount,
            days_since_service=(self.paid_on - service_on).days if self.paid_on and service_on else None,
            frequency_code=claim.frequency_code or (sent.frequency_code if sent else None),
            service_on=service_on,
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """One adjustment with the facts it was judged by and the rule that speaks for it."""

    adjustment: Adjustment
    facts: AdjustmentFacts
    rule: DenialRule
    bucket: Category | None  # None: DENIED


def split_targets(
    claim: ClaimPayment, payer: PayerContext, submitted: SubmittedClaim | None, paid_on: date | None = None
) -> Iterator[Target]:
    """The claim itself, then each of its lines."""
    lines = claim.service_lines
    whole = frozenset().union(*(line_modifiers(line, None) for line in lines))
    yield Target(None, None, claim, payer, submitted, paid_on, whole)
    for line in lines:
        sent = sent_line(line, claim, submitted)
        yield Target(line, sent, claim, payer, submitted, paid_on, line_modifiers(line, sent))


def line_modifiers(line: ServiceLine, sent: SubmittedLine | None) -> frozenset[str]:
    """Every modifier of a line: as paid, as billed by the payer's account, as we sent it."""
    return frozenset((*line.modifiers, *line.submitted_modifiers, *(sent.modifiers if sent else ())))


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
    facts = target.facts(adjustment.reason, adjustment.group, procedure, adjustment.amount)
    own = [remark.code for remark in target.own_remarks]
    claims = [remark.code for remark in target.claim.remarks] if target.line else ()
    rule = speaking_rule(facts, table, own=own, claims=claims) or _unknown_rule(group)
    denied = rule.is_denial and (group is None or group.denies is not Denies.NEVER)
    bucket = group.bucket if group else Category.CONTRACTUAL
    return Verdict(adjustment, facts, rule, bucket=DENIED if denied else bucket)


def speaking_rule(
    facts: AdjustmentFacts, table: DenialTable, *, own: Sequence[str], claims: Sequence[str] = ()
) -> DenialRule | None:
    """The table's rule: by the line's own remarks, else by the claim's, else MA130 and its like, else CARC.

    An umbrella CARC that says nothing by itself, with remarks no rule knows, stays unknown. None where not
    even the CARC is in the table.
    """
    every: list[str] = []
    if own or claims:
        both = (*own, *claims)
        first, every = _remarks_that(Drives.YES, own, table), _remarks_that(Drives.YES, both, table)
        lone = [] if every else _remarks_that(Drives.ALONE, both, table)
        for rarcs in filter(None, (first, every, lone)):
            rule = table.find_rule(facts, rarcs=rarcs)
            if rule and not rule.when.rarc.blank:
                return rule
    rule = table.find_rule(facts, rarcs=())
    if rule and every and rule.category is Category.OTHER and table.is_umbrella(facts.carc):
        return replace(rule, cause=UNKNOWN_CODE, action=Action.CALL_PAYER, note=ASK_FOR_MEANING)
    return rule


def _remarks_that(drives: Drives, codes: Sequence[str], table: DenialTable) -> list[str]:
    """The remarks that drive a category so, each once; one we do not know counts as one that may."""
    return [
        code
        for code in dict.fromkeys(codes)
        if (known.drives if (known := table.remarks.get(code)) else Drives.YES) is drives
    ]


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
        source="no row for this code in any pack",
        source_level="none",
    )


def unpaid_amount(target: Target, verdicts: Sequence[Verdict]) -> Decimal:
    """What of the charge no payer has paid and the patient does not owe; never below zero."""
    of = target.line or target.claim
    prior = sum_amounts(a.amount for a in target.adjustments if a.reason == PRIOR_PAYER_CARC)
    unpaid = of.charge_amount - of.paid_amount - total(verdicts, Category.PATIENT_RESPONSIBILITY) - prior
    return max(unpaid, ZERO)


def total(verdicts: Sequence[Verdict], bucket: Category | None) -> Decimal:
    """The adjusted dollars in one bucket."""
    return sum_amounts(v.adjustment.amount for v in verdicts if v.bucket is bucket)
