"""The payer's arithmetic, line by line."""

from datetime import date
from decimal import Decimal
from random import Random

import pytest

from overturn.synthetic.adjudication import UNDERPAID_AMOUNT, Adjudication, deny, pay_in_full, reverse
from overturn.synthetic.denial_reasons import DENIAL_REASONS, DenialReason, reasons_of
from overturn.synthetic.practice import CIGNA, MEDICARE, Payer
from overturn.synthetic.scenarios import Plan, Scenario
from overturn.synthetic.visits import Visit, make_drafts

PAID_ON = date(2026, 9, 22)
MONTH = date(2026, 9, 1)


def a_visit(payer: Payer, reason: DenialReason | None = None) -> Visit:
    plan = Plan(Scenario.DENIED if reason else Scenario.PAID, payer, (reason,) if reason else ())
    return make_drafts(Random(5), [plan], MONTH)[0].visit  # noqa: S311 - repeatable on purpose


def denied(visit: Visit, reason: DenialReason) -> Adjudication:
    return deny(Random(5), visit, (reason,), paid_on=PAID_ON, control_number="X1")  # noqa: S311 - as above


def paid(visit: Visit, *, by_deductible: bool = False) -> Adjudication:
    return pay_in_full(visit, paid_on=PAID_ON, control_number="X1", by_deductible=by_deductible)


def balances(answer: Adjudication) -> bool:
    lines = all(
        line.paid + sum(a.amount for a in line.adjustments) == line.billed.charge for line in answer.lines
    )
    return lines and answer.charge - sum(a.amount for a in answer.adjustments()) == answer.paid


@pytest.mark.parametrize("reason", [r for r in DENIAL_REASONS if r.category != "duplicate"], ids=str)
def test_a_denied_claim_balances_and_denies_what_its_reason_strikes(reason: DenialReason) -> None:
    visit = a_visit(reason.payers[0], reason)
    answer = denied(visit, reason)
    assert balances(answer)
    struck = {"claim": [None], "lines": [line.number for line in visit.lines]}
    expected = struck.get(reason.extent.value, [answer.denials[0].line])
    assert [denial.line for denial in answer.denials] == expected
    assert answer.denied > 0


def test_medicare_takes_two_percent_of_its_own_payment() -> None:
    answer = paid(a_visit(MEDICARE))
    for line in answer.lines:
        amounts = {(a.group, a.carc): a.amount for a in line.adjustments}
        due = line.paid + amounts["CO", "253"]
        assert amounts["CO", "253"] == (due * Decimal("0.02")).quantize(Decimal("0.01"))
        assert due + amounts["PR", "2"] == line.allowed


def test_only_one_unit_of_the_day_escapes_the_multiple_procedure_cut() -> None:
    answer = paid(a_visit(MEDICARE))
    cuts = {
        line.billed.number: sum(a.amount for a in line.adjustments if a.carc == "59") for line in answer.lines
    }
    for line in answer.lines:
        full_units = line.billed.units - cuts[line.billed.number] / line.billed.multiple_procedure_cut
        assert full_units in {0, 1}
    assert sum(cuts.values()) > 0


def test_the_copay_is_taken_once() -> None:
    answer = paid(a_visit(CIGNA))
    assert answer.patient_responsibility == CIGNA.copay


def test_the_deductible_leaves_nothing_to_pay_and_nothing_denied() -> None:
    answer = paid(a_visit(CIGNA), by_deductible=True)
    assert answer.paid == 0
    assert answer.patient_responsibility == sum(line.allowed for line in answer.lines)
    assert not answer.denials
    assert balances(answer)


def test_a_reversal_takes_back_every_amount_and_denies_nothing() -> None:
    reason = reasons_of("bundling")[0]
    first = denied(a_visit(MEDICARE, reason), reason)
    reversal = reverse(first, reversed_on=PAID_ON)
    assert (reversal.status, reversal.control_number) == ("22", first.control_number)
    assert reversal.paid == -first.paid
    assert reversal.charge == -first.charge
    assert reversal.patient_responsibility == -first.patient_responsibility
    assert not reversal.denials


def test_a_claim_paid_too_little_lacks_the_same_dollars_its_correction_brings() -> None:
    visit = a_visit(MEDICARE)
    short = pay_in_full(visit, paid_on=PAID_ON, control_number="X1", underpaid=True)
    assert balances(short)
    assert sum(line.allowed for line in short.lines) + UNDERPAID_AMOUNT == sum(
        line.allowed for line in paid(visit).lines
    )
    assert short.paid < paid(visit).paid
