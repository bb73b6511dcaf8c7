"""Another claim of the patient's day: the same pairs, limits and evaluations as one claim would have."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overturn.domain.causes.same_day import DayLine, OurClaim, lines_beside, same_person
from overturn.domain.causes.tables import ClaimRecord
from overturn.domain.classification import Denial
from overturn.domain.codes import Action, Answer, Category
from overturn.domain.payers import PayerContext
from overturn.domain.remittance import ClaimPayment, Party, ServiceLine
from overturn.domain.submission import SubmittedClaim
from overturn.rulebook import Rulebook
from tests.unit.domain.causes.proofs import (
    DAY,
    LATER,
    answer,
    on_line,
    only_denial,
    paid,
    refutation,
    sent_claim,
    sent_line,
)


def our_claim(
    number: str, *answers: ClaimPayment, sent: SubmittedClaim | None = None, charge: str = "100.00"
) -> OurClaim:
    return OurClaim(number, Decimal(charge), sent, answers)


OWN = our_claim("OWN", answer(on_line("CO-236 100.00", "97110")))


def beside(*claims: OurClaim, own: OurClaim = OWN) -> ClaimRecord:
    return ClaimRecord(beside=lines_beside(own, claims))


def paid_other(*lines: ServiceLine, number: str = "OTHER", **changes: object) -> OurClaim:
    return our_claim(number, answer(*lines, **changes), charge="250.00")  # type: ignore[arg-type]


def denied_with(
    proving: Rulebook, payer: PayerContext, line: ServiceLine, *claims: OurClaim, rendering: str | None = None
) -> Denial:
    party = Party(identifier=rendering) if rendering else None
    claim = answer(line, rendering_provider=party)
    return only_denial(proving, payer, claim, record=beside(*claims))


def test_the_partner_of_a_pair_is_found_on_another_claim_and_named(
    proving: Rulebook, medicare: PayerContext
) -> None:
    other = paid_other(paid("97150", number=1))
    denial = denied_with(proving, medicare, on_line("CO-236 100.00", "97110"), other)
    assert (denial.cause, denial.action) == ("ncci_modifier_missing", Action.REOPENING)
    assert "97150 (column 1, on claim OTHER) with 97110 (column 2)" in denial.explanation
    assert denial.proven
    assert [(p.claim, p.document, p.value) for p in denial.proven.places] == [
        (None, "835", "97110"),
        ("OTHER", "835", "97150"),
    ]


def test_a_line_of_another_claim_that_awaits_its_answer_is_found_as_we_sent_it(
    proving: Rulebook, medicare: PayerContext
) -> None:
    other = our_claim("OTHER", sent=sent_claim(sent_line(1, "97140")), charge="80.00")
    denial = denied_with(proving, medicare, on_line("CO-236 100.00", "97124"), other)
    assert (denial.cause, denial.appealable) == ("ncci_never_together", Answer.NO)
    assert denial.proven
    assert (denial.proven.places[1].document, denial.proven.places[1].segment) == ("837P", "SV1")


def test_without_an_edit_with_any_claim_of_the_day_the_payer_is_refuted(
    proving: Rulebook, medicare: PayerContext
) -> None:
    other = paid_other(paid("97530", number=1))
    denial = denied_with(proving, medicare, on_line("CO-236 100.00", "97162"), other)
    assert denial.cause == "ncci_no_edit"
    assert "the other services of that day (97530 of claim OTHER)" in refutation(denial).finding


@pytest.mark.parametrize(
    "other",
    [
        paid_other(paid("97150", number=1), on=LATER),
        our_claim("OTHER", answer(on_line("CO-50 100.00", "97150")), charge="250.00"),
        our_claim("OTHER", sent=sent_claim(sent_line(1, "97150")), charge="100.00"),
        paid_other(paid("97150", number=1), rendering_provider=Party(identifier="1234567893")),
        our_claim("OWN", answer(paid("97150", number=1))),
    ],
    ids=["another day", "refused itself", "the same visit again", "another provider", "the claim itself"],
)
def test_what_does_not_stand_beside_the_claim_proves_nothing(
    proving: Rulebook, medicare: PayerContext, other: OurClaim
) -> None:
    line = on_line("CO-236 100.00", "97110")
    assert denied_with(proving, medicare, line, other, rendering="1999999976").proven is None


def test_what_was_paid_and_taken_back_does_not_stand(proving: Rulebook, medicare: PayerContext) -> None:
    first = answer(paid("97150", number=1))
    line = first.service_lines[0]
    back = replace(line, charge_amount=-line.charge_amount, paid_amount=-line.paid_amount, adjustments=[])
    other = our_claim("OTHER", first, answer(back, status_code="22"), charge="250.00")
    assert denied_with(proving, medicare, on_line("CO-236 100.00", "97110"), other).proven is None


def test_a_claim_and_the_one_that_replaces_it_are_one_visit() -> None:
    first = answer(paid("97150", number=1), payer_claim_control_number="ICN1")
    original = our_claim("OTHER", first, charge="250.00")
    sent = sent_claim(sent_line(1, "97150"), frequency_code="7", payer_claim_control_number="ICN1")
    replacement = our_claim("NEW", sent=sent, charge="300.00")
    assert lines_beside(original, [replacement]) == ()
    assert lines_beside(replacement, [original]) == ()
    assert [line.place.claim for line in lines_beside(OWN, [original, replacement])] == ["NEW", "OTHER"]


def test_a_second_evaluation_on_another_claim_is_found_whoever_rendered_it(
    proving: Rulebook, medicare: PayerContext
) -> None:
    other = paid_other(paid("97163", number=1), rendering_provider=Party(identifier="1234567893"))
    denial = denied_with(
        proving, medicare, on_line("CO-97 100.00", "97161", rarcs="M80"), other, rendering="1999999976"
    )
    assert (denial.cause, denial.category) == ("two_evaluations", Category.BUNDLING)
    assert "97161 and 97163 of claim OTHER" in denial.explanation


def test_the_same_evaluation_on_another_claim_is_a_duplicate_and_not_a_second_one(
    proving: Rulebook, medicare: PayerContext
) -> None:
    other = paid_other(paid("97161", number=1))
    denial = denied_with(proving, medicare, on_line("OA-18 100.00", "97161"), other)
    assert (denial.category, denial.proven) == (Category.DUPLICATE, None)


def test_units_of_the_day_are_summed_over_claims(proving: Rulebook, medicare: PayerContext) -> None:
    """97110 has a limit of 6 a day, indicator 3."""
    line = on_line("CO-151 100.00", "97110", units=4)
    alone = denied_with(proving, medicare, line)
    assert (alone.cause, alone.proven and alone.proven.refutes) == ("mue_within_limit", True)
    denial = denied_with(proving, medicare, line, paid_other(paid("97110", number=1, units=4)))
    assert (denial.cause, denial.action) == ("mue_units", Action.APPEAL)
    assert "Our claims have 8 units of 97110" in denial.explanation
    assert "4 on claim OTHER" in denial.explanation


def test_a_family_shares_its_number_and_not_its_day() -> None:
    assert same_person("Pat Q Specimen", "PAT SPECIMEN")
    assert same_person(None, "PAT SPECIMEN")
    assert not same_person("Pat Specimen", "Kim Specimen")


CLAIMS = [
    paid_other(paid(code, number=number), number=f"C{number}")
    for number, code in enumerate(("97110", "97112", "97140", "97150"), start=1)
]


@given(st.permutations(CLAIMS))
def test_the_order_in_which_claims_are_found_changes_nothing(claims: list[OurClaim]) -> None:
    lines: tuple[DayLine, ...] = lines_beside(OWN, claims)
    assert [line.procedure for line in lines] == ["97110", "97112", "97140", "97150"]
    assert {line.service_on for line in lines} == {DAY}
