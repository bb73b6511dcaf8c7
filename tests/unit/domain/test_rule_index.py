"""The compiled index against a plain scan of the same rows: the same winner, always."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from overturn.bench.linear_scan import scan_rules
from overturn.domain.codes import Action, Answer, Category, Drives, ReasonCode, RemarkCode, RemarkKind
from overturn.domain.rule_cells import CodeCell, FigureCell
from overturn.domain.rule_row import UMBRELLA, AdjustmentFacts, Conditions, DenialRule
from overturn.domain.rule_table import DenialTable

CARCS = ["16", "96", "50", "250", "251", "999"]
RARCS = ["N290", "N822", "M51", "N1"]
PAYERS = ["aetna", "cigna", None]
REASONS = {code: ReasonCode(code, code, umbrella=code in {"16", "96"}) for code in CARCS[:-1]}
REMARKS = {code: RemarkCode(code, RemarkKind.SUPPLEMENTAL, Drives.YES, code) for code in RARCS[:-1]}
DAYS = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 6, 30)]


def cells(*texts: str) -> st.SearchStrategy[CodeCell]:
    return st.sampled_from([CodeCell.parse(text) for text in texts])


def figures(*texts: str) -> st.SearchStrategy[FigureCell]:
    return st.sampled_from([FigureCell.parse(text) for text in texts])


CONDITIONS = st.builds(
    Conditions,
    carc=cells("16", "16 96", "96", "50", "250..252", "25*", "*", "not 16", UMBRELLA, f"{UMBRELLA} 50"),
    group=cells("", "CO", "CO OA", "not PR"),
    rarc=cells("", "", "N290", "N290 M51", "N*", "M51"),
    payer=cells("", "", "aetna", "aetna cigna", "not aetna"),
    line_of_business=cells("", "Commercial", "not Commercial"),
    procedures=cells("", "97110", "97161..97168", "97*"),
    modifiers=cells("", "GP", "GP GO"),
    modifiers_absent=cells("", "KX"),
    amount=figures("", ">=100.00", "0..50"),
    days_since_service=figures("", ">90"),
    effective_from=st.sampled_from([None, *DAYS]),
    effective_to=st.sampled_from([None, *DAYS]),
)
FACTS = st.builds(
    AdjustmentFacts,
    carc=st.sampled_from(CARCS),
    group=st.sampled_from(["CO", "OA", "PR", "ZZ"]),
    payer=st.sampled_from(PAYERS),
    line_of_business=st.sampled_from(["Commercial", "Medicare FFS", None]),
    procedure=st.sampled_from(["97110", "97162", "99213", None]),
    modifiers=st.frozensets(st.sampled_from(["GP", "GO", "KX"])),
    amount=st.sampled_from([None, Decimal("50.00"), Decimal("100.00")]),
    days_since_service=st.sampled_from([None, 10, 91]),
    service_on=st.sampled_from([None, *DAYS]),
)


def rules_of(conditions: Sequence[Conditions]) -> tuple[DenialRule, ...]:
    """One row for each; the last third of them in a later pack."""
    return tuple(
        DenialRule(
            id=f"row-{number}",
            when=when,
            category=Category.CODING,
            cause="units_invalid",
            action=Action.CORRECTED_CLAIM,
            is_denial=True,
            appealable=Answer.NO,
            preventable=Answer.YES,
            guardrail=None,
            note="n",
            therapy_note="",
            source="s",
            source_level="found",
            pack_order=int(number >= 2 * len(conditions) / 3),
        )
        for number, when in enumerate(conditions)
    )


def table_of(rules: Sequence[DenialRule]) -> DenialTable:
    labels = {"reasons": REASONS, "remarks": REMARKS}
    return DenialTable("v", tuple(rules), (), **labels, groups={}, causes={}, steps={})  # type: ignore[arg-type]


@settings(max_examples=600, deadline=None)
@given(
    conditions=st.lists(CONDITIONS, max_size=25),
    facts=st.lists(FACTS, min_size=1, max_size=8),
    rarcs=st.lists(st.sampled_from(RARCS), unique=True, max_size=3),
)
def test_the_index_and_a_plain_scan_name_the_same_winner(
    conditions: list[Conditions], facts: list[AdjustmentFacts], rarcs: list[str]
) -> None:
    table = table_of(rules_of(conditions))
    for one in facts:
        found, expected = table.find_rule(one, rarcs=rarcs), scan_rules(table, one, rarcs)
        assert (found and found.id) == (expected and expected.id)


@given(conditions=st.lists(CONDITIONS, max_size=12), facts=FACTS)
def test_a_row_of_a_later_pack_wins_over_an_equal_one(
    conditions: list[Conditions], facts: AdjustmentFacts
) -> None:
    base = rules_of(conditions)
    later = [replace(rule, id=f"later-{rule.id}", pack_order=9) for rule in base]
    found = table_of([*base, *later]).find_rule(facts, rarcs=RARCS)
    assert found is None or found.id.startswith("later-")


def test_an_unknown_reason_meets_the_rows_with_patterns_only() -> None:
    rules = rules_of([Conditions(carc=CodeCell.parse(text)) for text in ("16", "not 16", "9*")])
    table = table_of(rules)
    for carc, winner in (("998", "row-2"), ("777", "row-1"), ("16", "row-0")):
        found = table.find_rule(AdjustmentFacts(carc=carc, group="CO"), rarcs=["N77777"])
        assert found
        assert found.id == winner


def test_a_reason_never_denies_when_a_plain_row_says_so_and_none_says_otherwise() -> None:
    plain, special = rules_of([Conditions(carc=CodeCell.parse("50"), group=CodeCell.parse("CO"))] * 2)
    plain = replace(plain, is_denial=False)
    assert table_of([plain]).index.never_denies("50", "CO")
    assert not table_of([plain]).index.never_denies("50", "PR")
    assert not table_of([plain]).index.never_denies("96", "CO")
    narrow = replace(special, when=replace(special.when, payer=CodeCell.parse("aetna")), pack_order=1)
    assert not table_of([plain, narrow]).index.never_denies("50", "CO")
    dated = replace(plain, when=replace(plain.when, effective_to=DAYS[0]))
    assert not table_of([dated]).index.never_denies("50", "CO")
