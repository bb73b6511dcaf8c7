"""Every row of rules/denials.csv, exercised by a claim of its own and held against the map it came from."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from overturn.domain.classification import classify
from overturn.domain.codes import Category
from overturn.domain.payers import MEDICARE_FFS, PayerContext
from overturn.domain.remittance import ClaimPayment
from overturn.domain.rule_row import DOWNCODED, UMBRELLA, DenialRule
from overturn.rulebook import load_rulebook
from tests.unit.domain.claim_payments import claim_payment, service_line

TABLE = load_rulebook().denials
MAP = Path(__file__).parents[3].parent / "shared" / "reference" / "denial_map.csv"
PLAIN_UMBRELLA = "A1"  # no row names it together with a remark, so the UMBRELLA rows answer

DIFFERS_FROM_MAP = {
    ("16", "CO", "", "ANY"): "an umbrella without remark: call the payer, as the map's own text says",
    ("222", "CO", "", "ANY"): "a denial cannot be contractual",
    ("256", "CO", "", "ANY"): "a denial cannot be contractual",
    ("178", "PR", "", "ANY"): "a denial cannot be the patient's share",
}


def payer_of(rule: DenialRule) -> PayerContext:
    """A payer the row speaks for."""
    payer, business = (next(iter(c.codes), None) for c in (rule.when.payer, rule.when.line_of_business))
    return PayerContext(payer, None, business)


def matching_claims(rule: DenialRule) -> Iterator[ClaimPayment]:
    """Claims the row is meant for, one for each group code that may stand under it."""
    when = rule.when
    carc = next(iter(sorted(when.carc.codes - {UMBRELLA})), PLAIN_UMBRELLA)
    procedure = next(
        iter(sorted(when.procedures.codes) + [low for low, _ in when.procedures.ranges]), "99213"
    )
    downcoded = carc == DOWNCODED
    for group in sorted(when.group.codes) or ["CO", "OA", "PI", "PR"]:
        line = service_line(
            f"{group}-45 40.00" if downcoded else f"{group}-{carc} 100.00",
            rarcs=sorted(when.rarc.codes),
            procedure="99999" if downcoded else procedure,
            billed=procedure if downcoded else None,
            modifiers=tuple(sorted(when.modifiers.codes)[:1]),
        )
        line.service_on = when.effective_to or when.effective_from
        yield claim_payment(line)


@pytest.mark.parametrize("rule", [rule for rule in TABLE.rules if rule.is_denial], ids=lambda rule: rule.id)
def test_a_denial_row_gives_its_category_and_no_other_row_stands_before_it(rule: DenialRule) -> None:
    payer = payer_of(rule)
    found = [d for c in matching_claims(rule) for d in classify(c, table=TABLE, payer=payer).denials]
    spoken = [denial for denial in found if denial.rule.id == rule.id]
    assert spoken, f"always beaten by {sorted({denial.rule.id for denial in found})}"
    assert {denial.category for denial in spoken} == {rule.category}
    assert all(denial.explanation and denial.evidence for denial in spoken)


@pytest.mark.parametrize(
    "rule", [rule for rule in TABLE.rules if not rule.is_denial], ids=lambda rule: rule.id
)
def test_a_row_that_is_no_denial_gives_none(rule: DenialRule) -> None:
    payer = payer_of(rule)
    decisions = [classify(claim, table=TABLE, payer=payer) for claim in matching_claims(rule)]
    assert any(not decision.denials and not decision.denied_amount for decision in decisions)


@pytest.mark.skipif(not MAP.exists(), reason="the reference map lies beside the repository, not in it")
def test_every_row_of_the_reference_map_gets_its_category() -> None:
    with MAP.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert {key(row) for row in rows if decided(row) != expected(row)} == set(DIFFERS_FROM_MAP)


def key(row: dict[str, str]) -> tuple[str, str, str, str]:
    return row["carc"], row["group"], row["rarc"], row["payer_scope"]


def expected(row: dict[str, str]) -> set[tuple[str, str]]:
    settled = {Category.CONTRACTUAL.value, Category.PATIENT_RESPONSIBILITY.value}
    if row["is_denial"] == "no" or row["category"] in settled:
        return set()
    return {(row["category"], row["usual_fix"])}


def decided(row: dict[str, str]) -> set[tuple[str, str]]:
    """Category and action of a therapy line that carries the row's codes."""
    line = service_line(f"{row['group']}-{row['carc']} 100.00", rarcs=filter(None, [row["rarc"]]))
    payer = PayerContext(None, None, MEDICARE_FFS if row["payer_scope"] == "MEDICARE" else None)
    denials = classify(claim_payment(line), table=TABLE, payer=payer).denials
    return {(denial.category.value, denial.action.value) for denial in denials}
