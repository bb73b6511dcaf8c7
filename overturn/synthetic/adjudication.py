"""The payer's arithmetic: a billed claim in, what is paid, adjusted, left to the patient or denied out.

Every line balances by construction: charge - adjustments = paid (005010X221A1, section 1.10.2.1.1).
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from random import Random
from typing import Final

from overturn.synthetic.denial_reasons import DenialReason, Extent
from overturn.synthetic.fees import ZERO, to_cents
from overturn.synthetic.practice import Payer
from overturn.synthetic.visits import BUNDLED_LINE, BilledLine, Visit

PROCESSED_AS_PRIMARY: Final = "1"
PROCESSED_AS_SECONDARY: Final = "2"
PRIMARY_AND_FORWARDED: Final = "19"
DENIED_STATUS: Final = "4"
REVERSED_STATUS: Final = "22"

SEQUESTRATION_RATE: Final = Decimal("0.02")  # of Medicare's own payment, CARC 253
ASSISTANT_RATE: Final = Decimal("0.15")  # CQ/CO, with RARC N851
ASSISTANT_RARC: Final = "N851"
CONTRACTUAL_CARC: Final = "45"
PRIOR_PAYER_CARC: Final = "23"
CONTRACT_CUT_SHARE: Final = 0.3
UNDERPAID_AMOUNT: Final = Decimal("12.40")


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Group, reason and dollars of one adjustment."""

    group: str
    carc: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Denial:
    """What was denied and why; `line` is None where the claim was denied as one."""

    line: int | None
    reason: DenialReason
    amount: Decimal


@dataclass(frozen=True, slots=True)
class LineResult:
    """The payer's answer to one line."""

    billed: BilledLine
    paid: Decimal
    allowed: Decimal
    adjustments: tuple[Adjustment, ...]
    remarks: tuple[str, ...] = ()
    denial: Denial | None = None
    paid_as: str | None = None  # the procedure the payer put in place of the billed one


@dataclass(frozen=True, slots=True)
class Adjudication:
    """The payer's answer to one claim in one remittance; a reversal carries the amounts to take back."""

    paid_on: date
    status: str
    control_number: str  # the payer's claim control number
    charge: Decimal
    lines: tuple[LineResult, ...] = ()
    claim_adjustments: tuple[Adjustment, ...] = ()
    claim_remarks: tuple[str, ...] = ()
    claim_denial: Denial | None = None
    replaces: str | None = None  # the control number of the adjudication it corrects
    frequency: str = "1"
    secondary: Payer | None = None  # who answers, where it is not the claim's first payer
    is_part: bool = False  # about some of the claim's lines only

    @property
    def is_reversal(self) -> bool:
        return self.status == REVERSED_STATUS

    @property
    def paid(self) -> Decimal:
        return sum((line.paid for line in self.lines), ZERO)

    @property
    def patient_responsibility(self) -> Decimal:
        return sum((a.amount for a in self.adjustments() if a.group == "PR"), ZERO)

    @property
    def denials(self) -> list[Denial]:
        whole = [self.claim_denial] if self.claim_denial else []
        return whole + [line.denial for line in self.lines if line.denial]

    @property
    def denied(self) -> Decimal:
        return sum((denial.amount for denial in self.denials), ZERO)

    def adjustments(self) -> Iterator[Adjustment]:
        yield from self.claim_adjustments
        for line in self.lines:
            yield from line.adjustments


def pay_in_full(
    visit: Visit,
    *,
    paid_on: date,
    control_number: str,
    by_deductible: bool = False,
    underpaid: bool = False,
) -> Adjudication:
    """All as contracted; `by_deductible` leaves all of it to the patient, `underpaid` allows too little."""
    lines = visit.lines
    if underpaid:
        lines = (replace(lines[0], allowed=lines[0].allowed - UNDERPAID_AMOUNT), *lines[1:])
    return Adjudication(
        paid_on=paid_on,
        status=PROCESSED_AS_PRIMARY,
        control_number=control_number,
        charge=visit.charge,
        lines=tuple(_settle(lines, visit.payer, by_deductible=by_deductible)),
    )


def deny(
    rng: Random, visit: Visit, reasons: tuple[DenialReason, ...], *, paid_on: date, control_number: str
) -> Adjudication:
    """Denied for the first reason, one further line for each further reason; other lines are paid."""
    answer = Adjudication(paid_on, PROCESSED_AS_PRIMARY, control_number, visit.charge)
    reason = reasons[0]
    if reason.extent is Extent.CLAIM:
        return _deny_claim(answer, reason)
    if reason.extent is Extent.ALL_LINES:
        lines = tuple(_deny_line(line, reason) for line in visit.lines)
        return replace(answer, status=DENIED_STATUS, lines=lines, claim_remarks=reason.claim_rarcs)
    return replace(answer, lines=tuple(_deny_some_lines(rng, visit, reasons)))


def pay_downcoded(
    visit: Visit,
    reason: DenialReason,
    procedure: str,
    cut: Decimal,
    *,
    paid_on: date,
    control_number: str,
) -> Adjudication:
    """All paid, the first line by `cut` dollars less, as another procedure.

    Where the reason is a contractual write-off, nothing in the remittance tells the cut from the contract's
    own: the denial is there, its dollars are not.
    """
    answer = pay_in_full(visit, paid_on=paid_on, control_number=control_number)
    first, *others = answer.lines
    told = reason.carc != CONTRACTUAL_CARC
    cuts = [Adjustment(reason.group, reason.carc, cut)] if told else []
    line = replace(
        first,
        paid=first.paid - cut,
        allowed=first.allowed - cut,
        adjustments=(*_written_off(first.adjustments, ZERO if told else cut), *cuts),
        denial=Denial(first.billed.number, reason, cut if told else ZERO),
        paid_as=procedure,
    )
    return replace(answer, lines=(line, *others))


def pay_as_secondary(first: Adjudication, secondary: Payer, *, paid_on: date, number: str) -> Adjudication:
    """What the first payer left to the patient, all of it; the rest is what that payer paid or adjusted."""
    return Adjudication(
        paid_on=paid_on,
        status=PROCESSED_AS_SECONDARY,
        control_number=number,
        charge=first.charge,
        lines=tuple(_left_to_patient(line) for line in first.lines),
        secondary=secondary,
    )


def part(answer: Adjudication, numbers: Collection[int]) -> Adjudication:
    """What the answer says of some lines, as a CLP of its own: its charge is theirs."""
    lines = tuple(line for line in answer.lines if line.billed.number in numbers)
    charge = sum((line.billed.charge for line in lines), ZERO)
    return replace(answer, charge=charge, lines=lines, is_part=True)


def reverse(answer: Adjudication, *, reversed_on: date) -> Adjudication:
    """The same answer with every amount taken back; denials are taken back with it."""
    return replace(
        answer,
        paid_on=reversed_on,
        status=REVERSED_STATUS,
        charge=-answer.charge,
        lines=tuple(_negative(line) for line in answer.lines),
        claim_adjustments=tuple(_negated(answer.claim_adjustments)),
        claim_denial=None,
    )


def _deny_claim(answer: Adjudication, reason: DenialReason) -> Adjudication:
    return replace(
        answer,
        status=DENIED_STATUS,
        claim_adjustments=(Adjustment(reason.group, reason.carc, answer.charge),),
        claim_remarks=reason.all_rarcs,
        claim_denial=Denial(None, reason, answer.charge),
    )


def _deny_some_lines(rng: Random, visit: Visit, reasons: tuple[DenialReason, ...]) -> Iterator[LineResult]:
    struck = dict(_struck_lines(rng, visit, reasons))
    kept = [line for line in visit.lines if line.number not in struck]
    paid = {result.billed.number: result for result in _settle(kept, visit.payer, by_deductible=False)}
    for line in visit.lines:
        if line.number in paid:
            yield paid[line.number]
        else:
            with_contract_cut = not visit.payer.is_medicare and rng.random() < CONTRACT_CUT_SHARE
            yield _deny_line(line, struck[line.number], with_contract_cut=with_contract_cut)


def _struck_lines(
    rng: Random, visit: Visit, reasons: tuple[DenialReason, ...]
) -> Iterator[tuple[int, DenialReason]]:
    """The line each reason strikes: the second of a bundled pair, else any line still free."""
    free = [line.number for line in visit.lines]
    for reason in reasons:
        number = BUNDLED_LINE if reason.category == "bundling" else rng.choice(free)
        free.remove(number)
        yield number, reason


def _deny_line(line: BilledLine, reason: DenialReason, *, with_contract_cut: bool = False) -> LineResult:
    """Nothing paid. Some payers write off to the contract first and deny only what was allowed."""
    cut = line.charge - line.allowed if with_contract_cut else ZERO
    denied = line.charge - cut
    adjustments = (Adjustment("CO", "45", cut), Adjustment(reason.group, reason.carc, denied))
    return LineResult(
        billed=line,
        paid=ZERO,
        allowed=ZERO,
        adjustments=tuple(a for a in adjustments if a.amount),
        remarks=reason.rarcs,
        denial=Denial(line.number, reason, denied),
    )


def _settle(lines: Iterable[BilledLine], payer: Payer, *, by_deductible: bool) -> Iterator[LineResult]:
    lines = list(lines)
    full = max(lines, key=lambda line: line.multiple_procedure_cut, default=None)
    copay_left = payer.copay
    for line in lines:
        cut = ZERO
        if payer.reduces_multiple_procedures:
            cut = line.multiple_procedure_cut * (line.units - 1 if line is full else line.units)
        allowed = line.allowed - cut
        patient = _patient_share(allowed, payer, copay_left, by_deductible=by_deductible)
        copay_left -= patient.amount if patient.carc == "3" else ZERO
        yield _paid_line(line, payer, cut, patient)


def _patient_share(allowed: Decimal, payer: Payer, copay_left: Decimal, *, by_deductible: bool) -> Adjustment:
    if by_deductible:
        return Adjustment("PR", "1", allowed)
    if payer.coinsurance:
        return Adjustment("PR", "2", to_cents(allowed * payer.coinsurance))
    return Adjustment("PR", "3", min(copay_left, allowed))


def _paid_line(line: BilledLine, payer: Payer, cut: Decimal, patient: Adjustment) -> LineResult:
    """MPPR, then the patient's share, then the assistant's reduction, then sequestration."""
    allowed = line.allowed - cut
    due = allowed - patient.amount
    assistant_cut = to_cents(due * ASSISTANT_RATE) if line.by_assistant else ZERO
    sequestered = to_cents((due - assistant_cut) * SEQUESTRATION_RATE) if payer.is_medicare else ZERO
    adjustments = (
        Adjustment("CO", "45", line.charge - line.allowed + assistant_cut),
        Adjustment("CO", "59", cut),
        Adjustment("CO", "253", sequestered),
        patient,
    )
    return LineResult(
        billed=line,
        paid=due - assistant_cut - sequestered,
        allowed=allowed,
        adjustments=tuple(a for a in adjustments if a.amount),
        remarks=(ASSISTANT_RARC,) if assistant_cut else (),
    )


def _written_off(adjustments: Iterable[Adjustment], more: Decimal) -> Iterator[Adjustment]:
    for a in adjustments:
        yield replace(a, amount=a.amount + more) if a.carc == CONTRACTUAL_CARC else a


def _left_to_patient(line: LineResult) -> LineResult:
    due = sum((a.amount for a in line.adjustments if a.group == "PR"), ZERO)
    earlier = Adjustment("OA", PRIOR_PAYER_CARC, line.billed.charge - due)
    return LineResult(billed=line.billed, paid=due, allowed=due, adjustments=(earlier,))


def _negative(line: LineResult) -> LineResult:
    return replace(
        line,
        paid=-line.paid,
        allowed=-line.allowed,
        adjustments=tuple(_negated(line.adjustments)),
        denial=None,
    )


def _negated(adjustments: Iterable[Adjustment]) -> Iterator[Adjustment]:
    return (replace(adjustment, amount=-adjustment.amount) for adjustment in adjustments)
