"""Packs are tried as they are loaded: a failing test, a shadowed row or a conflict keeps a pack out."""

import csv
import re
import shutil
from pathlib import Path

import pytest

from overturn.paths import RULES
from overturn.rulebook import RulebookError, load_rulebook
from overturn.rulebook.denials import RULE_COLUMNS, list_packs
from overturn.rulebook.table_tests import TEST_COLUMNS, load_table_tests

ROW = {
    "carc": "50",
    "category": "medical_necessity",
    "cause": "not_medically_necessary",
    "action": "appeal",
    "is_denial": "yes",
    "appealable": "yes",
    "preventable": "yes",
    "note": "appeal",
    "source": "own contract",
    "source_level": "found",
}
TEST = {"carc": "50", "group": "CO", "category": "medical_necessity", "action": "appeal"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The committed rules with an empty pack `own` behind them."""
    rules = Path(shutil.copytree(RULES, tmp_path / "rules"))
    with (rules / "packs.csv").open("a") as lines:
        lines.write("own,the practice's own rows\n")
    write(rules, rows=[], tests=[])
    return rules


def write(rules: Path, rows: list[dict[str, str]], tests: list[dict[str, str]]) -> None:
    pack = rules / "packs" / "own"
    pack.mkdir(exist_ok=True)
    for file, columns, filled in (
        ("denials.csv", RULE_COLUMNS, rows),
        ("denial_tests.csv", TEST_COLUMNS, tests),
    ):
        with (pack / file).open("w", newline="") as lines:
            writer = csv.DictWriter(lines, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(filled)


def problems_of(rules: Path) -> str:
    with pytest.raises(RulebookError) as caught:
        load_rulebook(rules)
    return str(caught.value)


def test_every_committed_row_has_a_test_of_its_own() -> None:
    tested = {
        t.rule for f in list_packs(RULES) for t in load_table_tests(f.path, name=f.table("denial_tests.csv"))
    }
    assert {rule.id for rule in load_rulebook().denials.rules} == tested


def test_a_later_pack_outranks_the_base_and_keeps_the_base_s_own_tests(folder: Path) -> None:
    row = ROW | {"id": "own-50", "group": "CO OA PI", "action": "call_payer", "appealable": "maybe"}
    write(folder, [row], [TEST | {"rule": "own-50", "action": "call_payer"}])
    rules = {rule.id: rule for rule in load_rulebook(folder).denials.rules}
    assert (rules["own-50"].pack, rules["own-50"].place) == ("own", "packs/own/denials.csv, row 2")


def test_a_test_that_fails_keeps_the_pack_out_and_names_both_rows(folder: Path) -> None:
    row = ROW | {"id": "own-50", "payer": "aetna"}
    write(folder, [row], [TEST | {"rule": "own-50", "payer": "cigna"}])
    said = problems_of(folder)
    assert (
        "packs/own/denial_tests.csv, row 2: expected own-50 / medical_necessity / appeal, got co-50" in said
    )
    assert "(denials.csv, row" in said


def test_a_test_that_nothing_fits_says_so(folder: Path) -> None:
    row = ROW | {"id": "own-50", "payer": "aetna"}
    tests = [TEST | {"rule": "own-50", "payer": "aetna"}, TEST | {"rule": "own-50", "carc": "9999"}]
    write(folder, [row], tests)
    assert "packs/own/denial_tests.csv, row 3: no row fits, own-50 was expected" in problems_of(folder)


def test_a_row_without_a_test_is_named(folder: Path) -> None:
    write(folder, [ROW | {"id": "own-50", "payer": "aetna"}], [])
    assert "packs/own/denials.csv, row 2: own-50 has no test in denial_tests.csv: add one" in problems_of(
        folder
    )


@pytest.mark.parametrize(
    ("action", "says"), [("call_payer", "decides something else"), ("appeal", "decides the same")]
)
def test_two_rows_with_one_condition_conflict(folder: Path, action: str, says: str) -> None:
    first, second = ROW | {"id": "a", "payer": "aetna"}, ROW | {"id": "b", "payer": "aetna", "action": action}
    write(folder, [first, second], [TEST | {"rule": "a", "payer": "aetna"}])
    assert (
        f"row 3: b has the conditions of a (packs/own/denials.csv, row 2) and {says}: remove"
        in problems_of(folder)
    )


def test_rows_alike_on_different_days_do_not_conflict(folder: Path) -> None:
    old = ROW | {"id": "old", "payer": "aetna", "effective_to": "2025-12-31"}
    new = ROW | {"id": "new", "payer": "aetna", "effective_from": "2026-01-01", "action": "call_payer"}
    tests = [
        TEST | {"rule": "old", "payer": "aetna", "service_on": "2025-12-31"},
        TEST | {"rule": "new", "payer": "aetna", "service_on": "2026-01-01", "action": "call_payer"},
    ]
    write(folder, [old, new], tests)
    assert load_rulebook(folder)


def test_a_row_that_others_cover_together_is_shadowed_and_they_are_named(folder: Path) -> None:
    rows = [
        ROW | {"id": "co", "payer": "aetna", "group": "CO"},
        ROW | {"id": "rest", "payer": "aetna", "group": "OA PI"},
        ROW | {"id": "never", "payer": "aetna", "group": "CO OA", "action": "call_payer"},
    ]
    aetna = TEST | {"payer": "aetna"}
    tests = [aetna | {"rule": "co"}, aetna | {"rule": "rest", "group": "PI"}, aetna | {"rule": "never"}]
    write(folder, rows, tests)
    said = problems_of(folder)
    assert "row 4: never can never win, before it stands co (packs/own/denials.csv, row 2), rest (" in said


@pytest.mark.parametrize(
    "narrower",
    [
        {"amount": ">=500.00"},
        {"days_since_service": "0..30"},
        {"modifiers": "GP"},
        {"place_of_service": "11"},
        {"provider_type": "2251*"},
        {"frequency_code": "7"},
        {"procedures": "97161..97163"},
        {"line_of_business": "not Medicare FFS"},
    ],
)
def test_every_condition_can_be_tried_by_a_test(folder: Path, narrower: dict[str, str]) -> None:
    facts = {
        "amount": "500.00",
        "days_since_service": "30",
        "modifiers": "GP KX",
        "place_of_service": "11",
        "provider_type": "225100000X",
        "frequency_code": "7",
        "procedure": "97162",
        "line_of_business": "Commercial",
    }
    row = ROW | {"id": "narrow", "group": "CO", "payer": "aetna"} | narrower
    broad = ROW | {"id": "broad", "group": "CO", "payer": "aetna", "action": "call_payer"}
    tests = [
        TEST | facts | {"rule": "narrow", "payer": "aetna"},
        TEST | {"rule": "broad", "payer": "aetna", "action": "call_payer"},
    ]
    write(folder, [broad, row], tests)
    assert load_rulebook(folder)


def test_one_id_may_not_stand_in_two_packs(folder: Path) -> None:
    write(folder, [ROW | {"id": "co-50", "payer": "aetna"}], [])
    assert "column id: co-50 stands in denials.csv, row" in problems_of(folder)


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ({"place_of_service": "2"}, "column place_of_service: 2: a place of service has two digits, as 02"),
        ({"procedures": "97161-97168"}, "column procedures: 97161-97168: a procedure has five characters"),
        ({"modifiers": "gp"}, "column modifiers: gp: a modifier has two characters, in capitals"),
        ({"modifiers_absent": "KX59"}, "column modifiers_absent: KX59: a modifier has two characters"),
        ({"provider_type": "2251"}, "column provider_type: 2251: a taxonomy code has ten characters"),
        ({"frequency_code": "07"}, "column frequency_code: 07: a frequency code is one character"),
        ({"effective_from": "46024"}, "'46024' cannot be read: write YYYY-MM-DD; .* may be 2026-01-02"),
        ({"effective_from": "1/2/2026"}, "'1/2/2026' cannot be read: write YYYY-MM-DD$"),
    ],
)
def test_what_a_spreadsheet_made_of_a_code_or_date_is_refused(
    folder: Path, cells: dict[str, str], says: str
) -> None:
    write(folder, [ROW | {"id": "own-50", "payer": "aetna"} | cells], [TEST | {"rule": "own-50"}])
    assert re.search(f"packs/own/denials.csv, row 2, .*{says}", problems_of(folder), re.MULTILINE)


def test_a_code_in_a_test_has_its_shape_too(folder: Path) -> None:
    tests = [TEST | {"rule": "own-50", "payer": "aetna", "place_of_service": "2"}]
    write(folder, [ROW | {"id": "own-50", "payer": "aetna"}], tests)
    assert "denial_tests.csv, row 2, column place_of_service: 2: a place of service" in problems_of(folder)


def test_codes_of_a_cell_may_be_parted_by_semicolons(folder: Path) -> None:
    row = ROW | {"id": "own-50", "payer": "aetna", "group": "CO; OA"}
    write(folder, [row], [TEST | {"rule": "own-50", "payer": "aetna", "group": "OA"}])
    assert load_rulebook(folder)
