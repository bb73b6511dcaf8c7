"""Confidence: what the source says, what is judgement, and what a person has to look at."""

from datetime import date
from decimal import Decimal

import pytest

from overturn.domain.classification import Denial, classify
from overturn.domain.codes import Category, Confidence
from overturn.domain.payers import PayerContext
from overturn.domain.remittance import ServiceLine
from overturn.domain.routing import Routed
from overturn.rulebook import Rulebook
from tests.unit.domain.claim_payments import claim_payment, service_line

MEDICARE = PayerContext("medicare", "NOVITAS", "Medicare FFS")


def only_denial(rulebook: Rulebook, payer: PayerContext, line: ServiceLine) -> Denial:
    (denial,) = classify(claim_payment(line), table=rulebook.denials, payer=payer).denials
    return denial


def denied_on(rulebook: Rulebook, payer: PayerContext, line: ServiceLine, paid_on: date) -> Denial:
    claim = claim_payment(line)
    (denial,) = classify(claim, table=rulebook.denials, payer=payer, paid_on=paid_on).denials
    return denial


def test_a_row_with_a_source_that_says_so_is_sure(rulebook: Rulebook, medicare: PayerContext) -> None:
    denial = only_denial(rulebook, medicare, service_line("CO-50 100.00", rarcs=["N115"]))
    assert denial.confidence is Confidence.HIGH


def test_a_row_of_our_judgement_is_less_sure_and_says_so(rulebook: Rulebook, medicare: PayerContext) -> None:
    denial = only_denial(rulebook, medicare, service_line("PR-119 100.00", modifiers=("GP", "KX")))
    assert denial.confidence is Confidence.MEDIUM
    assert denial.confidence_reason == "the row rests on judgement (judgement)"


@pytest.mark.parametrize(("reason", "remarks"), [("16", []), ("252", []), ("96", []), ("16", ["MA01"])])
def test_a_reason_that_says_why_by_its_remark_is_not_sure_without_one(
    rulebook: Rulebook, medicare: PayerContext, reason: str, remarks: list[str]
) -> None:
    denial = only_denial(rulebook, medicare, service_line(f"CO-{reason} 100.00", rarcs=remarks))
    assert denial.confidence is Confidence.MEDIUM
    assert f"CARC {reason} says why by its remark only" in denial.confidence_reason
    told = only_denial(rulebook, medicare, service_line(f"CO-{reason} 100.00", rarcs=["N706"]))
    assert "by its remark only" not in told.confidence_reason


@pytest.mark.parametrize(
    ("adjustments", "reason"),
    [
        (("CO-999 100.00",), "CARC 999 is in no list of codes at hand"),
        (("CO-300 100.00",), "no row of the table knows what the payer's code means"),
        (
            ("ZZ-50 100.00",),
            "the group ZZ of CARC 50 is none of CO, PR, OA, PI, CR: who owes is not known",
        ),
        (
            ("ZZ-45 100.00",),
            "the group ZZ of CARC 45 is none of CO, PR, OA, PI, CR: who owes is not known",
        ),
        (("CO-50 70.00", "CO-197 60.00"), "$130.00 are denied of $100.00 billed"),
        (("CO-50 100.00", "PR-50 100.00"), "$200.00 are denied of $100.00 billed"),
        (("CO-50 70.00", "CO-50 -20.00"), "CO-50 is both taken and given back"),
    ],
)
def test_what_is_unknown_or_contradicts_itself_needs_a_person(
    rulebook: Rulebook, commercial: PayerContext, adjustments: tuple[str, ...], reason: str
) -> None:
    denial = only_denial(rulebook, commercial, service_line(*adjustments))
    assert (denial.confidence, denial.confidence_reason) == (Confidence.LOW, reason)


@pytest.mark.parametrize(
    ("adjustment", "rarc", "paid_on", "retired"),
    [
        ("CO-15 100.00", "", date(2018, 5, 1), "CARC 15 was retired on 2018-05-01"),
        ("CO-17 100.00", "", date(2026, 2, 1), "CARC 17 was retired on 2009-07-01"),
        ("CO-16 100.00", "M78", date(2026, 2, 1), "RARC M78 was retired on 2006-05-18"),
    ],
)
def test_a_code_that_was_retired_before_the_remittance_needs_a_person(
    rulebook: Rulebook, adjustment: str, rarc: str, paid_on: date, retired: str
) -> None:
    line = service_line(adjustment, rarcs=rarc.split())
    denial = denied_on(rulebook, MEDICARE, line, paid_on)
    assert denial.confidence is Confidence.LOW
    assert denial.confidence_reason == f"{retired}: the payer should not send it any more"


def test_a_code_is_good_until_the_day_it_is_retired(rulebook: Rulebook, medicare: PayerContext) -> None:
    denial = denied_on(rulebook, medicare, service_line("CO-15 100.00"), date(2018, 4, 30))
    assert denial.confidence is not Confidence.LOW


def test_a_remark_that_decides_nothing_may_be_in_no_list(rulebook: Rulebook, medicare: PayerContext) -> None:
    denial = only_denial(rulebook, medicare, service_line("CO-50 100.00", rarcs=["N115", "N9999"]))
    assert denial.confidence is Confidence.HIGH


def test_a_claim_refused_as_a_whole_and_by_its_lines_needs_a_person(
    rulebook: Rulebook, medicare: PayerContext
) -> None:
    claim = claim_payment(service_line("CO-50 100.00"), adjustments=["CO-50 100.00"])
    claim.paid_amount = Decimal("0.00")
    whole, line = classify(claim, table=rulebook.denials, payer=medicare).denials
    assert (whole.confidence, line.confidence) == (Confidence.LOW, Confidence.LOW)
    assert line.confidence_reason.startswith("the payer adjusts the claim as a whole and its lines")


def test_a_line_that_does_not_add_up_needs_a_person(rulebook: Rulebook, commercial: PayerContext) -> None:
    line = service_line("CO-50 60.00")
    line.paid_amount = line.charge_amount
    denial = only_denial(rulebook, commercial, line)
    assert denial.confidence is Confidence.LOW
    assert denial.confidence_reason == "the payer's adjustments leave $60.00 of the charge unexplained"
    queue = rulebook.routing.choose_queue(
        Routed(
            category=Category.MEDICAL_NECESSITY,
            action=denial.action,
            confidence=denial.confidence,
            route="coding",
        )
    )
    assert queue.key == "needs_a_person"


def test_a_row_s_own_route_goes_before_the_category_s_and_one_that_is_gone_counts_as_none(
    rulebook: Rulebook,
) -> None:
    def queue_of(route: str | None) -> str:
        appeal = rulebook.denials.rules[0].action
        return rulebook.routing.choose_queue(Routed(Category.CODING, appeal, route=route)).key

    assert queue_of("clinical_appeals") == "clinical_appeals"
    assert queue_of("gone") == queue_of(None) != "clinical_appeals"
