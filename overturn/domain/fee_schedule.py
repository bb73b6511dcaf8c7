"""What Medicare allows and pays for one day's therapy: fee, multiple-procedure reduction, deductible,
coinsurance, assistant's reduction, sequestration, each with its arithmetic.

The fee is rounded once, at the end, half up: the amounts that CMS publishes come out to the cent. What
follows it is rounded by line, as a remittance has it. The order reduction, assistant, sequestration is a
judgement; all else is CMS's (therapy services page; RVU26A).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

CENT: Final = Decimal("0.01")
ZERO: Final = Decimal("0.00")
PERCENT: Final = Decimal(100)
ASSISTANT_MODIFIERS: Final = frozenset({"CQ", "CO"})


@dataclass(frozen=True, slots=True)
class RelativeValues:
    """Relative value units of a procedure outside a facility, or the geographic indices of a locality."""

    work: Decimal
    pe: Decimal
    mp: Decimal


NATIONAL: Final = RelativeValues(Decimal("1.000"), Decimal("1.000"), Decimal("1.000"))


@dataclass(frozen=True, slots=True)
class VisitLine:
    """One service line. `mppr`: an always-therapy procedure (multiple procedure indicator 5)."""

    hcpcs: str
    units: int
    modifiers: tuple[str, ...]
    relative_values: RelativeValues
    mppr: bool

    @property
    def by_assistant(self) -> bool:
        return not ASSISTANT_MODIFIERS.isdisjoint(self.modifiers)


@dataclass(frozen=True, slots=True)
class PaymentRules:
    """The constants of the date of service. `assistant_factor` is 1 before the reduction began in 2022."""

    conversion_factor: Decimal
    mppr_pe_factor: Decimal
    assistant_factor: Decimal
    coinsurance_rate: Decimal
    sequestration_rate: Decimal


@dataclass(frozen=True, slots=True)
class LinePrice:
    """One priced line in dollars; allowed = deductible + coinsurance + the two reductions + payment."""

    hcpcs: str
    unit_amounts: tuple[Decimal, ...]
    allowed_amount: Decimal
    deductible_amount: Decimal
    coinsurance_amount: Decimal
    assistant_reduction_amount: Decimal
    sequestration_amount: Decimal
    medicare_payment_amount: Decimal
    steps: tuple[str, ...]


def to_cents(amount: Decimal) -> Decimal:
    """Round half up to the cent."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def unit_fee(
    values: RelativeValues,
    *,
    gpci: RelativeValues,
    conversion_factor: Decimal,
    pe_factor: Decimal = Decimal(1),
) -> Decimal:
    """The allowed amount of one unit; `pe_factor` is 0.5 under the multiple-procedure reduction."""
    total = values.work * gpci.work + pe_factor * values.pe * gpci.pe + values.mp * gpci.mp
    return to_cents(total * conversion_factor)


def price_visit(
    lines: Sequence[VisitLine],
    *,
    gpci: RelativeValues,
    rules: PaymentRules,
    deductible_left: Decimal = ZERO,
) -> tuple[LinePrice, ...]:
    """Price the lines of one patient, day and provider group, in order; the deductible is met line by line.

    Of all always-therapy units of the day, whatever the discipline, the one with the highest practice expense
    is paid in full, the highest fee breaking ties; every other unit has its practice expense halved.
    """
    full_line = _full_line(lines, gpci, rules)
    priced = []
    for number, line in enumerate(lines):
        price = _price_line(line, number == full_line, gpci, rules, deductible_left)
        deductible_left -= price.deductible_amount
        priced.append(price)
    return tuple(priced)


def _full_line(lines: Sequence[VisitLine], gpci: RelativeValues, rules: PaymentRules) -> int | None:
    """The line whose first unit is paid in full, by its place; None where no line is under the reduction."""

    def rank(number: int) -> tuple[Decimal, Decimal, int]:
        values = lines[number].relative_values
        fee = unit_fee(values, gpci=gpci, conversion_factor=rules.conversion_factor)
        return values.pe, fee, -number

    return max((number for number, line in enumerate(lines) if line.mppr), key=rank, default=None)


def _price_line(
    line: VisitLine, has_full_unit: bool, gpci: RelativeValues, rules: PaymentRules, deductible_left: Decimal
) -> LinePrice:
    amounts, steps = _unit_amounts(line, has_full_unit, gpci, rules)
    allowed = sum(amounts, ZERO)
    deductible = min(deductible_left, allowed)
    coinsurance = to_cents((allowed - deductible) * rules.coinsurance_rate)
    before = allowed - deductible - coinsurance
    after_assistant = to_cents(before * rules.assistant_factor) if line.by_assistant else before
    sequestration = to_cents(after_assistant * rules.sequestration_rate)
    price = LinePrice(
        line.hcpcs,
        amounts,
        allowed,
        deductible,
        coinsurance,
        before - after_assistant,
        sequestration,
        after_assistant - sequestration,
        steps,
    )
    return _with_payment_steps(price, line, rules)


def _unit_amounts(
    line: VisitLine, has_full_unit: bool, gpci: RelativeValues, rules: PaymentRules
) -> tuple[tuple[Decimal, ...], tuple[str, ...]]:
    values, factor = line.relative_values, rules.conversion_factor
    full = unit_fee(values, gpci=gpci, conversion_factor=factor)
    formula = f"{values.work} x {gpci.work} + {{}}{values.pe} x {gpci.pe} + {values.mp} x {gpci.mp}"
    sums = f"({formula.format('')}) x {factor} = {full}"
    if not line.mppr:
        return (full,) * line.units, (f"each unit: {sums}",)
    reduced = unit_fee(values, gpci=gpci, conversion_factor=factor, pe_factor=rules.mppr_pe_factor)
    cut = f"({formula.format(f'{rules.mppr_pe_factor} x ')}) x {factor} = {reduced}, reduced (MPPR)"
    if not has_full_unit:
        return (reduced,) * line.units, (f"each unit: {cut}",)
    further = (f"each further unit: {cut}",) if line.units > 1 else ()
    steps = (f"unit 1: {sums}, in full: the highest practice expense of the day", *further)
    return (full, *(reduced,) * (line.units - 1)), steps


def _with_payment_steps(price: LinePrice, line: VisitLine, rules: PaymentRules) -> LinePrice:
    allowed, deductible = price.allowed_amount, price.deductible_amount
    steps = [*price.steps, f"allowed: {allowed}"]
    if deductible:
        steps.append(f"deductible: {deductible}")
    rate = f"{_percent(rules.coinsurance_rate)} of {allowed - deductible}"
    steps.append(f"coinsurance: {rate} = {price.coinsurance_amount}")
    before = allowed - deductible - price.coinsurance_amount
    after = before - price.assistant_reduction_amount
    if line.by_assistant and rules.assistant_factor == 1:
        steps.append("assistant (CQ/CO): no reduction on this date")
    elif line.by_assistant:
        steps.append(f"assistant (CQ/CO): {before} x {rules.assistant_factor} = {after}")
    steps.append(
        f"sequestration: {_percent(rules.sequestration_rate)} of {after} = {price.sequestration_amount}"
    )
    steps.append(f"Medicare pays: {price.medicare_payment_amount}")
    return replace(price, steps=tuple(steps))


def _percent(rate: Decimal) -> str:
    return f"{(rate * PERCENT).normalize():f} %"
