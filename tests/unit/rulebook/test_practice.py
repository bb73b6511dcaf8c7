"""The practice's own tables: authorizations from a file, and what is wrong in one."""

from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from shutil import copytree

import pytest

from overturn.domain.authorizations import Authorization, Discipline
from overturn.paths import RULES
from overturn.rulebook import RulebookError, load_rulebook
from overturn.rulebook.practice import AUTHORIZATION_COLUMNS, read_authorizations

HEADER = ",".join(AUTHORIZATION_COLUMNS)
GOOD = "aetna,MEMBER1,A1,yes,2026-01-01,2026-03-31,10,,97110 97140,PT,letter of 2025-12-20"
PAYERS = load_rulebook().payers


def read(*rows: str, mark: str = "") -> tuple[Authorization, ...]:
    content = mark + "\n".join((HEADER, *rows)) + "\n"
    return read_authorizations(BytesIO(content.encode()), PAYERS, name="auths.csv")


def problems(*rows: str) -> tuple[str, ...]:
    with pytest.raises(RulebookError) as refused:
        read(*rows)
    return refused.value.problems


def test_a_row_becomes_an_authorization_with_or_without_excels_mark() -> None:
    wanted = Authorization(
        "aetna",
        "MEMBER1",
        "A1",
        date(2026, 1, 1),
        date(2026, 3, 31),
        10,
        None,
        ("97110", "97140"),
        Discipline.PT,
        "letter of 2025-12-20",
    )
    assert read(GOOD) == read(GOOD, mark="\ufeff") == (wanted,)


def test_none_required_has_no_number_and_units_may_be_parts() -> None:
    (free,) = read("aetna,MEMBER1,,no,2026-01-01,,,,,,call 4711")
    assert (free.required, free.effective_to) == (False, None)
    (limited,) = read("aetna,MEMBER1,A1,yes,2026-01-01,,,12.5,,,portal")
    assert limited.units == Decimal("12.5")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("aetnaa,M,A1,yes,2026-01-01,,,,,,x", "row 2, column payer_key: 'aetnaa' is not in payers.csv"),
        ("aetna,,A1,yes,2026-01-01,,,,,,x", "row 2, column account: is empty"),
        ("aetna,M,,yes,2026-01-01,,,,,,x", "row 2, column number: is empty: write the payer's number"),
        ("aetna,M,A1,no,2026-01-01,,,,,,x", "row 2, column number: a number where none is required"),
        ("aetna,M,A1,yes,,,,,,,x", "row 2, column effective_from: is blank"),
        (
            "aetna,M,A1,yes,01/02/2026,,,,,,x",
            "column effective_from: '01/02/2026' cannot be read: write YYYY",
        ),
        ("aetna,M,A1,yes,2026-02-01,2026-01-01,,,,,x", "column effective_to: 2026-01-01 lies before"),
        ("aetna,M,A1,yes,2026-01-01,,0,,,,x", "column visits: 0 cannot be"),
        ("aetna,M,A1,yes,2026-01-01,,ten,,,,x", "column visits: 'ten' cannot be read: write a whole number"),
        ("aetna,M,A1,yes,2026-01-01,,,99999,,,x", "column units: 99999 cannot be"),
        ("aetna,M,A1,yes,2026-01-01,,,NaN,,,x", "column units: NaN cannot be"),
        ("aetna,M,A1,yes,2026-01-01,,,,,DC,x", "column discipline: 'DC' is none of PT, OT, SLP"),
        ("aetna,M,A1,yes,2026-01-01,,,,,,", "column reference: is empty"),
        ("aetna,M,A1,yes,2026-01-01,,,,,,=HYPERLINK(1)", "would be computed by a spreadsheet"),
        ("aetna,M,A1", "3 cells instead of 11"),
    ],
)
def test_what_is_wrong_is_said_by_row_and_column(row: str, said: str) -> None:
    (problem,) = problems(row)
    assert problem.startswith("auths.csv, row 2")
    assert said in problem


def test_all_wrong_rows_are_told_at_once_and_a_row_twice_is_refused() -> None:
    assert len(problems("aetna,,A1,yes,2026-01-01,,,,,,x", "aetna,M,A2,perhaps,2026-01-01,,,,,,x")) == 2
    assert "stands in row 2 too" in problems(GOOD, GOOD)[0]


def test_what_is_no_csv_is_said() -> None:
    with pytest.raises(RulebookError, match=r"auths.csv is no readable CSV"):
        read_authorizations(BytesIO(b"\xff\xfe\x00rubbish"), PAYERS, name="auths.csv")
    with pytest.raises(RulebookError, match=r"auths.csv, row 1: the columns must be payer_key"):
        read_authorizations(BytesIO(b""), PAYERS, name="auths.csv")


def test_a_payers_time_for_retroactive_authorizations_is_read(tmp_path: Path) -> None:
    rules = copytree(RULES, tmp_path / "rules")
    table = rules / "retroactive_authorizations.csv"
    table.write_text(f"{table.read_text()}aetna,14,,,manual\n")
    (row,) = load_rulebook(rules).retroactive_authorizations
    assert row.last_day(date(2026, 1, 1)) == date(2026, 1, 15)
    table.write_text(f"{RULES.joinpath(table.name).read_text()}aetna,0,,,manual\n")
    with pytest.raises(RulebookError, match="write how many days after the service"):
        load_rulebook(rules)
