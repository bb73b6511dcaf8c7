"""Silent denials: money cut where no reason of a denial says so.

A line paid as another procedure, for fewer units than billed, below the agreed price, or not at all. The cut
is priced from the remittance itself or from the contract; what cannot be priced is 0.00 and no guess: all
that is known of it is what was left unpaid, which is the most it can be worth.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from overturn.domain.adjudication import DENIED, Target, Verdict, total, unpaid_amount
from overturn.domain.causes.proven import SURE, ProofPlace, Proven, Stand
from overturn.domain.codes import Confidence, format_dollars
from overturn.domain.fee_schedule import to_cents
from overturn.domain.remittance import ZERO, ServiceLine, sum_amounts
from overturn.domain.rule_row import (
    BELOW_CONTRACT,
    DOWNCODED,
    PARTIAL_UNITS,
    ZERO_PAID,
    AdjustmentFacts,
    DenialRule,
)
from overturn.domain.rule_table import DenialTable

CONTRACTUAL_CARC: Final = "45"
ASSISTANT_REMARK: Final = "N851"
"""Says that a CARC 45 beside it holds the assistant's reduction, too."""

SECONDARY: Final = frozenset({"2", "3", "20", "21"})
"""CLP02 of payers that paid after another, and so mostly less."""


@dataclass(frozen=True, slots=True)
class Silent:
    """`amount` is what moves from the contractual to the denied dollars, 0.00 where it has no price; `proven`
    says how it is known."""

    rule: DenialRule
    facts: AdjustmentFacts
    amount: Decimal
    has_price: bool
    proven: Proven | None


@dataclass(frozen=True, slots=True)
class _Cut:
    name: str
    amount: Decimal
    finding: str


def find_silent(target: Target, verdicts: Sequence[Verdict], table: DenialTable) -> Silent | None:
    """The silent denial of a line that was not refused by any code; a downcoding also beside a code."""
    line = target.line
    if line is None:
        return None
    downcoding = _find_downcoding(target, line, verdicts, table)
    refused = any(v.bucket is DENIED for v in verdicts)
    if downcoding or (refused and total(verdicts, DENIED)):
        return downcoding
    cut = _zero_paid(target, line)
    if cut is None and not refused:
        cut = _partial_units(target, line) or _below_contract(target, line, table)
    return _silent(target, line, cut, table) if cut else None


def _silent(target: Target, line: ServiceLine, cut: _Cut, table: DenialTable) -> Silent | None:
    facts = target.facts(cut.name, "", target.billed_procedure, cut.amount)
    rule = table.find_rule(facts, rarcs=())
    if rule is None:
        return None
    place = ProofPlace("835", line.segment_index, "SVC", 3, str(line.paid_amount))
    priced = cut.amount > ZERO
    proven = Proven(
        cause=rule.cause,
        stand=Stand.CONFIRMED,
        finding=cut.finding,
        advice=rule.note,
        confidence=Confidence.MEDIUM if priced else Confidence.LOW,
        why=SURE if priced else "what is owed cannot be priced from the tables at hand: a person has to",
        places=(place,),
    )
    return Silent(rule, facts, cut.amount, priced, proven)


def _find_downcoding(
    target: Target, line: ServiceLine, verdicts: Sequence[Verdict], table: DenialTable
) -> Silent | None:
    """The rule for a line paid as another procedure than was billed, where the cut left money unpaid.

    A line that was refused outright keeps its own reason: nothing was paid under the other code.
    """
    billed = target.billed_procedure
    if None in (line.procedure, billed) or billed == line.procedure:
        return None
    unpaid = unpaid_amount(target, verdicts)
    denied = any(v.bucket is DENIED for v in verdicts)
    if not unpaid or (denied and line.paid_amount <= 0):
        return None
    facts = target.facts(DOWNCODED, "", billed, unpaid)
    rule = table.find_rule(facts, rarcs=())
    if rule is None:
        return None
    difference = None if denied else _difference(target, line, table)
    return Silent(rule, facts, difference or ZERO, difference is not None, _both_codes(target, line, rule))


def _both_codes(target: Target, line: ServiceLine, rule: DenialRule) -> Proven:
    """Which code stands where: the billed one in SVC06, or only in our own claim."""
    billed, sent = target.billed_procedure or "", target.submitted
    ours = sent if not line.submitted_procedure else None
    place = (
        ProofPlace("837P", ours.segment_index, "SV1", 1, billed)
        if ours
        else ProofPlace("835", line.segment_index, "SVC", 6, billed)
    )
    told = "our claim has the billed code" if ours else "the remittance names both"
    return Proven(
        cause=rule.cause,
        stand=Stand.CONFIRMED,
        finding=f"{billed} was billed and {line.procedure} was paid: {told}",
        advice=rule.note,
        confidence=Confidence.MEDIUM,
        why="both codes are certain; whether the note supports the billed one, a person judges",
        places=(place, ProofPlace("835", line.segment_index, "SVC", 1, line.procedure or "")),
    )


def _difference(target: Target, line: ServiceLine, table: DenialTable) -> Decimal | None:
    """What the billed procedure is agreed to bring beyond the paid one; None where either is not known."""
    price = _pricing(target, table)
    billed, paid = (
        price(code) if price and code else None for code in (target.billed_procedure, line.procedure)
    )
    if billed is None or paid is None:
        return None
    return min(max((billed - paid) * (line.units or 1), ZERO), _written_off(line))


def _partial_units(target: Target, line: ServiceLine) -> _Cut | None:
    """Fewer units paid than billed, by SVC07 or by what we sent for the same charge: the units left out are
    worth what the paid ones were allowed, as far as the write-off holds that much."""
    billed = line.details.submitted_units if line.details else None
    sent = target.submitted
    if billed is None and sent and sent.charge_amount == line.charge_amount:
        billed = sent.units
    if billed is None or line.units is None or not ZERO < line.units < billed or line.paid_amount < ZERO:
        return None
    allowed = line.charge_amount - sum_amounts(a.amount for a in line.adjustments if a.group != "PR")
    worth = to_cents(allowed / line.units * (billed - line.units))
    amount = max(min(worth, _written_off(line)), ZERO)
    return _Cut(
        PARTIAL_UNITS,
        amount,
        f"{line.units:f} of {billed:f} units were paid; the others are worth "
        f"{format_dollars(amount)} at the same rate",
    )


def _zero_paid(target: Target, line: ServiceLine) -> _Cut | None:
    """Nothing paid and no adjustment that says why, or only such as come to nothing: the dollars are the
    payer's imbalance. Where all of a charge is written off as contractual, only an agreed price shows that
    something was owed."""
    said = line.adjusted_amount or target.claim.adjustments
    if said or line.paid_amount or line.charge_amount <= ZERO or target.claim.status_code in SECONDARY:
        return None
    codes = ", ".join(dict.fromkeys(f"{a.group}-{a.reason}" for a in line.adjustments))
    why = (
        f"the payer's adjustments ({codes}) come to nothing" if codes else "the payer gives no reason at all"
    )
    return _Cut(ZERO_PAID, ZERO, f"Nothing was paid, and {why}")


def _below_contract(target: Target, line: ServiceLine, table: DenialTable) -> _Cut | None:
    """More written off (CARC 45) than the charge is above the agreed price of the units."""
    price = _pricing(target, table)
    told = {remark.code for remark in target.remarks}
    if (
        price is None
        or ASSISTANT_REMARK in told
        or line.units is None
        or target.claim.status_code in SECONDARY
    ):
        return None
    unit = price(target.billed_procedure or "")
    if unit is None or line.units <= ZERO or line.paid_amount < ZERO:
        return None
    agreed = to_cents(unit * line.units)
    excess = _written_off(line) - max(line.charge_amount - agreed, ZERO)
    if excess <= ZERO:
        return None
    allowed = line.charge_amount - _written_off(line)
    return _Cut(
        BELOW_CONTRACT,
        excess,
        f"{format_dollars(allowed)} is allowed, and {format_dollars(agreed)} is agreed for {line.units:f} x "
        f"{target.billed_procedure}",
    )


def _written_off(line: ServiceLine) -> Decimal:
    return sum_amounts(a.amount for a in line.adjustments if a.reason == CONTRACTUAL_CARC and a.group != "PR")


def _pricing(target: Target, table: DenialTable) -> Callable[[str], Decimal | None] | None:
    """What a unit of a procedure is agreed to bring on the day of this line."""
    line = target.line
    day = (line.service_on if line else None) or target.claim.service_from
    tables = table.cause_tables
    if tables is None or day is None:
        return None

    def price(procedure: str) -> Decimal | None:
        found = tables.price(target.payer, procedure, day)
        return found.unit_amount if found else None

    return price
