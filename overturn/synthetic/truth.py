"""What is true of the generated month, told from the stories and payments, never from the files.

The definitions of every figure are in `README.md` beside this module.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from overturn.synthetic.adjudication import Denial
from overturn.synthetic.fees import ZERO
from overturn.synthetic.payments import Payment
from overturn.synthetic.scenarios import Scenario
from overturn.synthetic.stories import ClaimStory

Truth = dict[str, Any]


def claim_truth(story: ClaimStory) -> Truth:
    """One claim: its fate, its denials as first given, and where every dollar of its charge is now."""
    return {
        "patient_control_number": story.patient_control_number,
        "payer": story.payer.name,
        "scenario": story.plan.scenario.value,
        "charge": str(story.charge),
        "paid": str(paid(story)),
        "contractual": str(adjusted(story) - patient_responsibility(story)),
        "patient_responsibility": str(patient_responsibility(story)),
        "adjusted": str(adjusted(story)),
        "open": str(open_amount(story)),
        "taken_back": str(story.taken_back),
        "recovered": is_recovered(story),
        "recovered_amount": str(recovered_amount(story)),
        "denials": [_denial_truth(denial) for denial in first_denials(story)],
    }


def paid(story: ClaimStory) -> Decimal:
    """All payments for the claim, what was taken back counted against them."""
    return received(story) - story.taken_back


def received(story: ClaimStory) -> Decimal:
    """All payments that came with answers, reversals negative."""
    return sum((answer.paid for answer in story.adjudications), ZERO)


def adjusted(story: ClaimStory) -> Decimal:
    """Every adjustment of the current answer that is neither a denial nor another payer's payment."""
    if not story.current:
        return ZERO
    elsewhere = received(story) - story.current.paid if story.current.secondary else ZERO
    return sum((a.amount for a in story.current.adjustments()), ZERO) - story.current.denied - elsewhere


def patient_responsibility(story: ClaimStory) -> Decimal:
    """The patient's part of `adjusted`; a denial in group PR (a missing KX) is not the patient's."""
    if not story.current:
        return ZERO
    denied = sum((d.amount for d in story.current.denials if d.reason.group == "PR"), ZERO)
    return story.current.patient_responsibility - denied


def open_amount(story: ClaimStory) -> Decimal:
    """Denied dollars of the current answer and what was taken back, or the whole charge where no payer has
    answered."""
    return story.current.denied + story.taken_back if story.current else story.charge


def first_denials(story: ClaimStory) -> list[Denial]:
    return story.adjudications[0].denials if story.adjudications else []


def is_recovered(story: ClaimStory) -> bool:
    return story.plan.scenario is Scenario.RECOVERED


def recovered_amount(story: ClaimStory) -> Decimal:
    """What the practice holds beyond the payment that came with the denial."""
    return max(paid(story) - story.adjudications[0].paid, ZERO) if is_recovered(story) else ZERO


def main_denial(denials: Iterable[Denial]) -> Denial:
    """The largest denied line names the case; the lowest line where two are equal."""
    return max(denials, key=lambda denial: (denial.amount, -(denial.line or 0)))


def totals(stories: Iterable[ClaimStory], payments: Iterable[Payment]) -> Truth:
    """The month's figures, amounts as strings."""
    stories, payments = list(stories), list(payments)
    cases = [story for story in stories if first_denials(story)]
    recovered = [story for story in cases if is_recovered(story)]
    return {
        "claims_submitted": sum(not story.is_foreign for story in stories),
        "claims_adjudicated": sum(bool(story.adjudications) for story in stories),
        "claims_rejected": sum(story.is_rejected for story in stories),
        "claims_unanswered": sum(story.plan.scenario is Scenario.UNANSWERED for story in stories),
        "claims_foreign": sum(story.is_foreign for story in stories),
        "billed": _total(story.charge for story in stories),
        "paid": _total(paid(story) for story in stories),
        "adjusted": _total(adjusted(story) for story in stories),
        "open": _total(open_amount(story) for story in stories),
        "taken_back": _total(story.taken_back for story in stories),
        "denied_by_category": _denied_by_category(cases),
        "cases": len(cases),
        "recovered_cases": len(recovered),
        "recovered_amount": _total(recovered_amount(story) for story in recovered),
        **_payment_totals(payments),
    }


def _payment_totals(payments: list[Payment]) -> Truth:
    recoupments = [a for p in payments for a in p.provider_adjustments if a.reason == "WO"]
    return {
        "remittances": len(payments),
        "recoupments": len(recoupments),
        "recouped_amount": _total(a.amount for a in recoupments),
        "plb_total": _total(payment.adjusted for payment in payments),
        "payments_total": _total(payment.amount for payment in payments),
    }


def _denied_by_category(cases: Iterable[ClaimStory]) -> Truth:
    claims: Counter[str] = Counter()
    denials: Counter[str] = Counter()
    amounts: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for story in cases:
        claims[main_denial(first_denials(story)).reason.category] += 1
        for denial in first_denials(story):
            denials[denial.reason.category] += 1
            amounts[denial.reason.category] += denial.amount
    return {
        category: {"claims": claims[category], "denials": denials[category], "amount": str(amounts[category])}
        for category in sorted(denials)
    }


def _denial_truth(denial: Denial) -> Truth:
    reason = denial.reason
    return {
        "line": denial.line,
        "category": reason.category,
        "cause": reason.cause,
        "action": reason.action,
        "denied_amount": str(denial.amount),
        "group": reason.group,
        "carc": reason.carc,
        "rarcs": list(reason.all_rarcs),
        "guardrail": reason.guardrail,
    }


def _total(amounts: Iterable[Decimal]) -> str:
    return str(sum(amounts, ZERO))
