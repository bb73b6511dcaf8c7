"""Why a row decided: cells with places, and the row that came closest."""

from datetime import date

from overturn.domain.classification import Denial, classify
from overturn.domain.payers import PayerContext
from overturn.domain.remittance import ServiceLine
from overturn.rulebook import Rulebook
from tests.unit.domain.claim_payments import CLAIM_SEGMENT, LINE_SEGMENT, claim_payment, service_line


def only_denial(rulebook: Rulebook, payer: PayerContext, line: ServiceLine) -> Denial:
    claim = claim_payment(line)
    (denial,) = classify(claim, table=rulebook.denials, payer=payer, paid_on=date(2026, 2, 1)).denials
    return denial


def test_each_fact_has_its_place_in_the_remittance(rulebook: Rulebook, medicare: PayerContext) -> None:
    reasoning = only_denial(rulebook, medicare, service_line("PR-119 100.00")).reasoning
    places = {m.column: (m.cell, m.fact, m.segment_index, m.segment, m.element) for m in reasoning.matched}
    assert places == {
        "carc": ("119", "119", LINE_SEGMENT + 1, "CAS", 2),
        "group": ("PR", "PR", LINE_SEGMENT + 1, "CAS", 1),
        "line_of_business": ("Medicare FFS", "Medicare FFS", CLAIM_SEGMENT, "CLP", 6),
        "modifiers": ("GP GO GN", "GP", LINE_SEGMENT, "SVC", 1),
        "modifiers_absent": ("KX", "GP", LINE_SEGMENT, "SVC", 1),
    }
    assert "no modifier KX (there: GP)" in reasoning.sentence


def test_the_runner_up_is_the_row_that_one_cell_kept_from_winning(
    rulebook: Rulebook, medicare: PayerContext
) -> None:
    with_kx = only_denial(rulebook, medicare, service_line("PR-119 100.00", modifiers=("GP", "KX"))).reasoning
    assert with_kx.runner_up
    assert (with_kx.runner_up.id, with_kx.runner_up.missed) == ("pr-119-medicare", "modifiers_absent")
    assert "would need no modifier KX; here it is GP KX." in with_kx.sentence


def test_a_row_that_fits_too_but_says_less_is_told_as_such(
    rulebook: Rulebook, commercial: PayerContext
) -> None:
    reasoning = only_denial(rulebook, commercial, service_line("CO-97 100.00", rarcs=["N390"])).reasoning
    assert reasoning.runner_up
    assert reasoning.runner_up.missed is None
    assert reasoning.sentence.endswith("fits too, but says less about this claim.")


def test_a_downcoding_names_both_codes(rulebook: Rulebook, commercial: PayerContext) -> None:
    line = service_line("CO-45 40.00", procedure="97161", billed="97163")
    (carc, procedures) = only_denial(rulebook, commercial, line).reasoning.matched
    assert (carc.cell, carc.fact) == ("DOWNCODED", "billed 97163, paid 97161")
    assert (procedures.fact, procedures.segment, procedures.element) == ("97163", "SVC", 6)
