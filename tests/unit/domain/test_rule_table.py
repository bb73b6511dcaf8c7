"""Cells and precedence of the denial table."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from overturn.domain.codes import Action, Answer, Category, ReasonCode
from overturn.domain.rule_cells import NAMES, CodeCell, FigureCell
from overturn.domain.rule_row import UMBRELLA, AdjustmentFacts, Conditions, DenialRule, Guardrail
from overturn.domain.rule_table import DenialTable

FACTS = AdjustmentFacts(
    carc="16",
    group="CO",
    payer="medicare",
    line_of_business="Medicare FFS",
    procedure="97110",
    modifiers=frozenset({"GP"}),
    place_of_service="11",
    provider_type="225100000X",
    amount=Decimal("100.00"),
    days_since_service=20,
    frequency_code="1",
    service_on=date(2026, 1, 5),
)
MEDICARE = CodeCell.parse("Medicare FFS", parted_by=NAMES)
N290 = CodeCell.parse("N290")


def rule(name: str, when: Conditions) -> DenialRule:
    return DenialRule(
        id=name,
        when=when,
        category=Category.CODING,
        cause="units_invalid",
        action=Action.CORRECTED_CLAIM,
        is_denial=True,
        appealable=Answer.NO,
        preventable=Answer.YES,
        guardrail=None,
        note="count again",
        therapy_note="",
        source="test",
        source_level="judgement",
    )


def table(*rules: DenialRule, guardrails: tuple[Guardrail, ...] = ()) -> DenialTable:
    reasons = {"16": ReasonCode("16", "incomplete", umbrella=True)}
    return DenialTable("v1", rules, guardrails, reasons=reasons, remarks={}, groups={}, causes={}, steps={})


CARC = Conditions(carc=CodeCell.parse("16"))
LADDER = [
    ("carc", CARC),
    ("carc+group", replace(CARC, group=CodeCell.parse("CO OA"))),
    ("payer", replace(CARC, line_of_business=MEDICARE)),
    ("umbrella+rarc", Conditions(carc=CodeCell.parse(UMBRELLA), rarc=N290)),
    ("rarc", replace(CARC, rarc=N290)),
    ("payer+rarc", replace(CARC, rarc=N290, line_of_business=MEDICARE)),
    (
        "payer+rarc+modifier",
        replace(CARC, rarc=N290, line_of_business=MEDICARE, modifiers=CodeCell.parse("GP")),
    ),
]


@pytest.mark.parametrize("rungs", range(1, len(LADDER) + 1))
def test_the_most_specific_row_wins_whatever_the_order_of_the_file(rungs: int) -> None:
    rules = [rule(name, when) for name, when in LADDER[:rungs]]
    for ordered in (rules, rules[::-1]):
        found = table(*ordered).find_rule(FACTS, rarcs=["N290"])
        assert found
        assert found.id == LADDER[rungs - 1][0]


def test_between_equal_rows_the_first_in_the_file_wins() -> None:
    found = table(rule("first", CARC), rule("second", CARC)).find_rule(FACTS, rarcs=[])
    assert found
    assert found.id == "first"


@pytest.mark.parametrize(
    "when",
    [
        replace(CARC, carc=CodeCell.parse("17")),
        replace(CARC, group=CodeCell.parse("PR")),
        replace(CARC, rarc=CodeCell.parse("N1")),
        replace(CARC, procedures=CodeCell.parse("97161..97168")),
        replace(CARC, modifiers=CodeCell.parse("KX GO")),
        replace(CARC, modifiers_absent=CodeCell.parse("GP GO")),
        replace(CARC, payer=CodeCell.parse("aetna cigna")),
        replace(CARC, place_of_service=CodeCell.parse("not 11")),
        replace(CARC, provider_type=CodeCell.parse("225X*")),
        replace(CARC, amount=FigureCell.parse(">100.00")),
        replace(CARC, days_since_service=FigureCell.parse("30..60")),
        replace(CARC, frequency_code=CodeCell.parse("7 8")),
        replace(CARC, effective_from=date(2026, 1, 6)),
        replace(CARC, effective_to=date(2026, 1, 4)),
    ],
)
def test_a_row_with_one_cell_that_differs_is_silent(when: Conditions) -> None:
    assert table(rule("other", when)).find_rule(FACTS, rarcs=["N290"]) is None


def test_a_medicare_row_is_silent_for_other_payers() -> None:
    medicare = table(rule("medicare", replace(CARC, line_of_business=MEDICARE)))
    assert medicare.find_rule(replace(FACTS, line_of_business="Commercial"), rarcs=[]) is None


def test_a_range_in_the_carc_cell_matches_its_codes_only() -> None:
    ranged = table(rule("records", Conditions(carc=CodeCell.parse("250..252"))))
    assert ranged.find_rule(replace(FACTS, carc="251"), rarcs=[])
    assert ranged.find_rule(replace(FACTS, carc="253"), rarcs=[]) is None
    assert ranged.find_rule(replace(FACTS, carc="25"), rarcs=[]) is None


def test_dates_do_not_exclude_a_line_without_a_date() -> None:
    old = table(rule("old", replace(CARC, effective_to=date(2006, 5, 18))))
    assert old.find_rule(replace(FACTS, service_on=None), rarcs=[])


def test_a_guardrail_counts_where_it_bars_an_appeal_or_replaces_the_action() -> None:
    rail = Guardrail(
        id="bill",
        when=Conditions(group=CodeCell.parse("CO")),
        forbids_appeal=False,
        replaces=frozenset({Action.BILL_PATIENT}),
        action=Action.CALL_PAYER,
        text="never",
        source="test",
    )
    guarded = table(guardrails=(rail,))
    assert guarded.find_guardrails(FACTS, rarcs=[], action=Action.BILL_PATIENT) == (rail,)
    assert guarded.find_guardrails(FACTS, rarcs=[], action=Action.APPEAL) == ()
    strict = table(guardrails=(replace(rail, forbids_appeal=True),))
    assert strict.find_guardrails(FACTS, rarcs=[], action=Action.APPEAL)
