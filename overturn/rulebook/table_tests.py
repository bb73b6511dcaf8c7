"""The test cases of a pack: facts, and the row with category and action they must lead to."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

from overturn.domain.adjudication import speaking_rule
from overturn.domain.codes import Action, Category
from overturn.domain.rule_row import AdjustmentFacts, DenialRule
from overturn.domain.rule_table import DenialTable
from overturn.rulebook.cells import Row, check_no_formula, convert, read_rows
from overturn.rulebook.code_shapes import check_shape

TESTS_FILE: Final = "denial_tests.csv"
TEST_COLUMNS: Final = (
    *("rule", "carc", "group", "rarcs", "payer", "line_of_business", "procedure", "modifiers"),
    *("place_of_service", "provider_type", "amount", "days_since_service", "frequency_code", "service_on"),
    *("category", "action"),
)


@dataclass(frozen=True, slots=True)
class TableTest:
    """One row of denial_tests.csv; `rarcs` in the order in which the payer sends them."""

    place: str
    rule: str
    facts: AdjustmentFacts
    rarcs: tuple[str, ...]
    category: Category
    action: Action


def load_table_tests(directory: Path, *, name: str) -> tuple[TableTest, ...]:
    """The test cases beside a pack's rules."""
    rows = read_rows(directory / TESTS_FILE, TEST_COLUMNS, name=name)
    check_no_formula(rows)
    return convert(rows, _test)


def run_table_tests(tests: Sequence[TableTest], rules: Sequence[DenialRule], table: DenialTable) -> list[str]:
    """What fails, and each row without a test, a sentence each; empty when all is well."""
    tested = {test.rule for test in tests}
    return [
        *(problem for test in tests for problem in _run(test, table)),
        *(f"{r.place}: {r.id} has no test in {TESTS_FILE}: add one" for r in rules if r.id not in tested),
    ]


def _run(test: TableTest, table: DenialTable) -> list[str]:
    found = speaking_rule(test.facts, table, own=test.rarcs)
    if found is None:
        return [f"{test.place}: no row fits, {test.rule} was expected: correct the test or the row"]
    got, wanted = (found.id, found.category, found.action), (test.rule, test.category, test.action)
    if got == wanted:
        return []
    where = "" if found.id == test.rule else f" ({found.place})"
    said = f"expected {' / '.join(wanted)}, got {' / '.join(got)}{where}"
    return [f"{test.place}: {said}: correct the test, or the row that is wrong"]


def _test(row: Row) -> TableTest:
    return TableTest(
        place=row.place,
        rule=row.text("rule"),
        facts=_facts(row),
        rarcs=tuple(row.cells["rarcs"].split()),
        category=row.choice("category", Category),
        action=row.choice("action", Action),
    )


def _facts(row: Row) -> AdjustmentFacts:
    check_shape(row, "procedures", row.cells["procedure"].split(), named="procedure")
    for column in ("modifiers", "place_of_service", "provider_type", "frequency_code"):
        check_shape(row, column, row.cells[column].split())
    return AdjustmentFacts(
        carc=row.text("carc"),
        group=row.text("group"),
        payer=row.optional("payer"),
        line_of_business=row.optional("line_of_business"),
        procedure=row.optional("procedure"),
        modifiers=frozenset(row.cells["modifiers"].split()),
        place_of_service=row.optional("place_of_service"),
        provider_type=row.optional("provider_type"),
        amount=_amount(row),
        days_since_service=row.whole("days_since_service") if row.optional("days_since_service") else None,
        frequency_code=row.optional("frequency_code"),
        service_on=row.day("service_on"),
    )


def _amount(row: Row) -> Decimal | None:
    return row.decimal("amount") if row.optional("amount") else None
