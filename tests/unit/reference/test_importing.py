"""Official files into the reference folder: by header, once, by quarter, or refused with every reason."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from overturn.domain.edit_pairs import Verdict
from overturn.reference import load_edit_tables
from overturn.reference.edits import load_add_ons
from overturn.reference.importing import MOST_PROBLEMS, Imported, import_file
from overturn.reference.layouts import Kind
from overturn.reference.pricing import load_fee_tables
from overturn.reference.published import UnreadableFileError
from overturn.reference.store import ReferenceFolder, ReferenceFolderError
from tests.unit.reference.official_files import (
    ADD_ON_FILE,
    GPCI_FILE,
    MUE_HEADER,
    MUE_NOTICE,
    MUE_ROWS,
    PPRRVU_PREAMBLE,
    PPRRVU_ROWS,
    PPRRVU_STACK,
    PTP_HEADER,
    PTP_ROWS,
    TITLE,
    ptp_text,
    write,
    write_workbook,
)

TODAY = date(2026, 11, 22)
IN_Q3 = date(2026, 8, 1)
SHARED = Path(__file__).parents[4] / "shared" / "reference"


@pytest.fixture
def folder(tmp_path: Path) -> ReferenceFolder:
    return ReferenceFolder(tmp_path / "reference")


def imported(
    kind: Kind, path: Path, folder: ReferenceFolder, *, owner: str = "medicare", quarter: str | None = None
) -> Imported:
    return import_file(kind, path, folder, today=TODAY, owner=owner, quarter=quarter)


def problems(kind: Kind, path: Path, folder: ReferenceFolder) -> str:
    with pytest.raises(UnreadableFileError) as refused:
        imported(kind, path, folder)
    assert folder.tables() == []
    assert not list(folder.path.glob("*"))
    return "\n".join(refused.value.problems)


# --- what is read -----------------------------------------------------------------------------------------


def test_a_ptp_file_is_read_with_its_dates_and_indicators(tmp_path: Path, folder: ReferenceFolder) -> None:
    done = imported(Kind.NCCI_PTP, write(tmp_path / "ccipra-v322r0-f1.txt", ptp_text()), folder)
    assert (done.added, done.about.rows, done.about.part) == (True, 4, "1")
    assert (done.about.effective_from, done.about.effective_to) == ("2026-07-01", "2026-09-30")
    tables = load_edit_tables(folder.path)
    answer = tables.verdict("97012", "97010", IN_Q3)
    assert answer.verdict is Verdict.NEVER_TOGETHER
    assert answer.edit is not None
    assert answer.edit.effective_on == date(2020, 1, 1)
    assert answer.source is not None
    assert "ccipra-v322r0-f1.txt (imported 2026-11-22, sha256" in answer.source.name
    assert tables.verdict("97010", "97014", date(2026, 6, 30)).verdict is Verdict.MODIFIER_NEEDED
    assert tables.verdict("97010", "97014", IN_Q3).verdict is Verdict.BILLABLE_TOGETHER
    assert tables.verdict("97010", "97016", date(2020, 10, 1)).verdict is Verdict.BILLABLE_TOGETHER


def test_the_notice_before_the_header_is_kept(tmp_path: Path, folder: ReferenceFolder) -> None:
    done = imported(Kind.NCCI_PTP, write(tmp_path / "ccipra-v322r0-f1.txt", ptp_text()), folder)
    assert TITLE.replace("  ", " ") in done.about.notice
    assert "prior to 1996" not in done.about.notice


@pytest.mark.parametrize("notes", [False, True])
def test_a_workbook_says_the_same_as_the_text(tmp_path: Path, folder: ReferenceFolder, notes: bool) -> None:
    numbers = [[int(cell) if cell.isdigit() else cell or None for cell in row] for row in PTP_ROWS]
    path = write_workbook(tmp_path / "ccipra-v322r0-f1.xlsx", [*PTP_HEADER, *numbers], notes=notes)
    text = write(tmp_path / "ccipra-v322r0-f1.txt", ptp_text())
    both = [imported(Kind.NCCI_PTP, each, folder).path for each in (path, text)]
    rows = [table.select("SELECT * FROM entry") for table in folder.tables() if table.path in both]
    assert len(rows) == 2
    assert rows[0] == rows[1]


def test_columns_are_found_by_name_wherever_they_stand(tmp_path: Path, folder: ReferenceFolder) -> None:
    order = (6, 5, 1, 4, 0, 3, 2)
    moved = [[row[place] for place in order] for row in (*PTP_HEADER[2:], *PTP_ROWS)]
    text = "".join("\t".join(row) + "\n" for row in moved)
    imported(Kind.NCCI_PTP, write(tmp_path / "ccipra-v322r0-f1.txt", text), folder)
    assert load_edit_tables(folder.path).verdict("97010", "97012", IN_Q3).verdict is Verdict.NEVER_TOGETHER


def test_an_mue_file_is_read_through_its_broken_header_cell(tmp_path: Path, folder: ReferenceFolder) -> None:
    path = write(
        tmp_path / "MCR_MUE_PractitionerServices_Eff_07-01-2026.csv", MUE_NOTICE + MUE_HEADER + MUE_ROWS
    )
    assert imported(Kind.MUE, path, folder).about.effective_from == "2026-07-01"
    answer = load_edit_tables(folder.path).limit("97162", IN_Q3)
    assert answer.limit is not None
    assert (answer.limit.units, answer.limit.adjudication_indicator, answer.stale) == (3, "2", False)
    assert load_edit_tables(folder.path).limit("00100", IN_Q3).limit is not None


def test_the_hospitals_mue_file_is_not_taken_for_the_practitioners(
    tmp_path: Path, folder: ReferenceFolder
) -> None:
    text = (MUE_HEADER + MUE_ROWS).replace("Practitioner Services", "Outpatient Hospital Services")
    said = problems(Kind.MUE, write(tmp_path / "mue.csv", text), folder)
    assert "no column 'practitioner services mue value" in said
    assert "Outpatient Hospital Services MUE Values" in said


def test_a_pprrvu_file_is_read_under_its_stacked_header(tmp_path: Path, folder: ReferenceFolder) -> None:
    path = write(tmp_path / "PPRRVU2026_Jul_nonQPP.csv", PPRRVU_PREAMBLE + PPRRVU_STACK + PPRRVU_ROWS)
    assert imported(Kind.PPRRVU, path, folder).about.effective_from == "2026-07-01"
    tables = load_fee_tables(folder.path)
    found = tables.relative_values("97161", IN_Q3)
    values = found.value
    assert (values.work, values.pe, values.mp) == (Decimal("1.54"), Decimal("1.50"), Decimal("0.04"))
    assert not found.stale
    assert tables.relative_values("97161", date(2026, 11, 1)).stale
    assert tables.multiple_procedure("97161", IN_Q3).value is True


def test_a_pprrvu_file_without_the_new_column_is_read_as_well(
    tmp_path: Path, folder: ReferenceFolder
) -> None:
    def without_eleventh(text: str) -> str:
        return "".join(
            ",".join(c for i, c in enumerate(r.split(",")) if i != 11) + "\n" for r in text.splitlines()
        )

    path = write(tmp_path / "rvu.csv", PPRRVU_PREAMBLE + without_eleventh(PPRRVU_STACK + PPRRVU_ROWS))
    assert imported(Kind.PPRRVU, path, folder).about.dated_by == "header"
    assert load_fee_tables(folder.path).relative_values("97110", IN_Q3).value.pe == Decimal("0.44")


def test_the_descriptors_of_a_pprrvu_file_are_left_out(tmp_path: Path, folder: ReferenceFolder) -> None:
    path = write(tmp_path / "PPRRVU26_JUL.csv", PPRRVU_PREAMBLE + PPRRVU_STACK + PPRRVU_ROWS)
    assert b"Words of the Society" not in imported(Kind.PPRRVU, path, folder).path.read_bytes()


def test_gpcis_take_the_year_from_the_header_and_the_work_index_with_its_floor(
    tmp_path: Path, folder: ReferenceFolder
) -> None:
    done = imported(Kind.GPCI, write(tmp_path / "GPCI.csv", GPCI_FILE), folder)
    assert (done.about.effective_from, done.about.effective_to) == ("2027-01-01", "2027-12-31")
    assert done.about.rows == 2
    tables = load_fee_tables(folder.path)
    assert tables.gpci("AL 10112-00 ALABAMA", date(2027, 3, 1)).value.work == Decimal("1.000")
    assert tables.gpci("AL", date(2026, 3, 1)).value.pe == Decimal("0.875"), "2026 is still the bundled one"


def test_add_on_codes_have_their_dates_by_day_of_the_year(tmp_path: Path, folder: ReferenceFolder) -> None:
    path = write(tmp_path / "AOC_V2026Q3-MCR.txt", ADD_ON_FILE)
    assert imported(Kind.ADD_ON, path, folder).about.effective_from == "2026-07-01"
    table = load_add_ons(folder.path)[0]
    assert list(table.find(("97130",))) == ["97129"]
    assert list(table.find(("97546",))) == [], "that edit ended in 2015"


def test_a_code_list_is_kept_with_the_customer_s_own_texts(tmp_path: Path, folder: ReferenceFolder) -> None:
    text = "Code,Description,Start Date,Stop Date\n45,The customer's text,01/01/1995,\nB7,More,1995-01-01,\n"
    done = imported(Kind.CARC, write(tmp_path / "carc.csv", text, "cp1252"), folder)
    (table,) = folder.tables(Kind.CARC)
    assert (done.about.dated_by, table.source.caveat) == ("import", "")
    assert table.find(("code",), ("45",))[0] == {
        "code": "45",
        "description": "The customer's text",
        "start_date": "1995-01-01",
        "last_modified": "",
        "stop_date": "",
    }


def test_a_file_in_windows_letters_is_read(tmp_path: Path, folder: ReferenceFolder) -> None:
    text = ptp_text().replace("A Society", "CPT\N{REGISTERED SIGN}")
    imported(Kind.NCCI_PTP, write(tmp_path / "ccipra-v322r0-f1.txt", text, "cp1252"), folder)
    assert "\N{REGISTERED SIGN}" in folder.tables()[0].about.notice


def test_a_byte_that_no_encoding_has_does_not_stop_the_import(
    tmp_path: Path, folder: ReferenceFolder
) -> None:
    path = tmp_path / "ccipra-v322r0-f1.txt"
    path.write_bytes(ptp_text().encode().replace(b"A Society", b"\x81\xff"))
    assert imported(Kind.NCCI_PTP, path, folder).about.rows == 4


def test_a_tab_in_a_notice_does_not_make_a_csv_tabbed(tmp_path: Path, folder: ReferenceFolder) -> None:
    path = write(tmp_path / "mue.csv", f'"A\tnotice",,,\n{MUE_HEADER}{MUE_ROWS}')
    assert imported(Kind.MUE, path, folder).about.rows == 2


# --- quarters and owners ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "quarter", "dated"),
    [
        ("ccipra-v302r0-f1.txt", None, ("2024-07-01", "name")),
        ("ccipra-v320r0-f2.txt", None, ("2026-01-01", "name")),
        ("ccipra-v324r0-f1.txt", None, ("2026-10-01", "name")),
        ("ccipra-v322r0-f1.txt", "2025Q2", ("2025-04-01", "given")),
        ("edits.txt", None, ("2026-07-01", "rows")),
    ],
)
def test_the_quarter_is_given_or_found(
    tmp_path: Path, folder: ReferenceFolder, name: str, quarter: str | None, dated: tuple[str, str]
) -> None:
    about = imported(Kind.NCCI_PTP, write(tmp_path / name, ptp_text()), folder, quarter=quarter).about
    assert (about.effective_from, about.dated_by) == dated


def test_a_quarter_nobody_gave_is_that_of_today_and_every_answer_says_so(
    tmp_path: Path, folder: ReferenceFolder
) -> None:
    path = write(tmp_path / "mue.csv", MUE_HEADER + MUE_ROWS)
    assert imported(Kind.MUE, path, folder).about.dated_by == "assumed"
    notes = load_edit_tables(folder.path).limit("97162", TODAY).notes
    assert any("Nobody said for which quarter mue.csv was published" in note for note in notes)


def test_quarters_stand_side_by_side_and_the_date_decides(tmp_path: Path, folder: ReferenceFolder) -> None:
    for day, value in (("04-01", "2"), ("07-01", "4")):
        text = (MUE_HEADER + MUE_ROWS).replace("97162,3", f"97162,{value}")
        imported(Kind.MUE, write(tmp_path / f"MUE_Eff_{day}-2026.csv", text), folder)
    tables = load_edit_tables(folder.path)
    wanted = {date(2026, 5, 1): 2, IN_Q3: 4, date(2024, 8, 1): 1}
    for on, units in wanted.items():
        limit = tables.limit("97162", on).limit
        assert limit is not None
        assert limit.units == units


def test_importing_twice_adds_nothing(tmp_path: Path, folder: ReferenceFolder) -> None:
    first = imported(Kind.NCCI_PTP, write(tmp_path / "ccipra-v322r0-f1.txt", ptp_text()), folder)
    renamed = imported(Kind.NCCI_PTP, write(tmp_path / "again-v322r0-f1.txt", ptp_text()), folder)
    assert (first.added, renamed.added) == (True, False)
    assert [table.path for table in folder.tables()] == [first.path]


def test_of_two_editions_of_a_part_the_later_import_answers(tmp_path: Path, folder: ReferenceFolder) -> None:
    def edition(number: int, indicator: str) -> Verdict | None:
        rows = [("97150", "97110", "", "20200101", "*", indicator, f"edition {number}")]
        imported(Kind.NCCI_PTP, write(tmp_path / f"ccipra-v322r{number}-f3.txt", ptp_text(rows)), folder)
        return load_edit_tables(folder.path).verdict("97150", "97110", IN_Q3).verdict

    verdicts = [edition(number, indicator) for number, indicator in enumerate("1010101")]
    never, needed = Verdict.NEVER_TOGETHER, Verdict.MODIFIER_NEEDED
    assert verdicts == [needed, never, needed, never, needed, never, needed]


def test_files_of_one_quarter_that_contradict_each_other_give_no_answer(
    tmp_path: Path, folder: ReferenceFolder
) -> None:
    for name, indicator in (("pairs.txt", "0"), ("other.txt", "1")):
        rows = [("97150", "97110", "", "20200101", "*", indicator, "")]
        imported(Kind.NCCI_PTP, write(tmp_path / name, ptp_text(rows)), folder, quarter="2026Q3")
    answer = load_edit_tables(folder.path).verdict("97150", "97110", IN_Q3)
    assert answer.verdict is None
    assert "the tables of 2026Q3 contradict themselves on 2026-08-01" in (answer.unknown or "")


def test_four_parts_make_a_whole_quarter(tmp_path: Path, folder: ReferenceFolder) -> None:
    def part(number: int) -> None:
        code = f"{number}0000"
        rows = [(code, "99999", "", "20200101", "*", "0", "")]
        imported(Kind.NCCI_PTP, write(tmp_path / f"ccipra-v322r0-f{number}.txt", ptp_text(rows)), folder)

    for number in (1, 2, 3):
        part(number)
    assert load_edit_tables(folder.path).verdict("35000", "45000", IN_Q3).verdict is None
    assert load_edit_tables(folder.path).verdict("30000", "99999", IN_Q3).verdict is Verdict.NEVER_TOGETHER
    part(4)
    tables = load_edit_tables(folder.path)
    assert tables.verdict("35000", "45000", IN_Q3).verdict is Verdict.BILLABLE_TOGETHER
    assert tables.verdict("40000", "99999", IN_Q3).verdict is Verdict.NEVER_TOGETHER


def test_one_part_does_not_hide_the_bundled_therapy_pairs(tmp_path: Path, folder: ReferenceFolder) -> None:
    rows = [("00100", "99999", "", "20200101", "*", "0", "")]
    imported(Kind.NCCI_PTP, write(tmp_path / "ccipra-v322r0-f1.txt", ptp_text(rows)), folder)
    answer = load_edit_tables(folder.path).verdict("97150", "97110", IN_Q3)
    assert (answer.verdict, answer.stale) == (Verdict.MODIFIER_NEEDED, True)


def test_a_payer_s_table_answers_for_that_payer_only(tmp_path: Path, folder: ReferenceFolder) -> None:
    path = write(tmp_path / "ccipra-v322r0-f1.txt", ptp_text())
    imported(Kind.NCCI_PTP, path, folder, owner="aetna")
    answer = load_edit_tables(folder.path).verdict("97010", "97012", IN_Q3)
    assert answer.source is not None
    assert answer.source.owner == "medicare"
    assert folder.tables()[0].source.owner == "aetna"


# --- what is refused --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        (0, "97-10", "column 'Column 1': '97-10' is no five-character code"),
        (3, "20261301", "column 'Effective Date': '20261301' is no date"),
        (4, "never", "column 'Deletion Date *=no data': 'never' is no date"),
        (5, "2", "'2' is none of 0, 1 and 9"),
    ],
)
def test_a_wrong_cell_is_named_by_row_and_column(
    tmp_path: Path, folder: ReferenceFolder, column: int, value: str, says: str
) -> None:
    wrong = list(PTP_ROWS[1])
    wrong[column] = value
    text = ptp_text([PTP_ROWS[0], wrong, PTP_ROWS[2]])
    said = problems(Kind.NCCI_PTP, write(tmp_path / "ccipra-v322r0-f1.txt", text), folder)
    assert "ccipra-v322r0-f1.txt, row 8, " in said
    assert says in said
    assert "Nothing was imported" in said


def test_a_wrong_cell_of_a_workbook_is_named_with_its_sheet(tmp_path: Path, folder: ReferenceFolder) -> None:
    rows = [*PTP_HEADER, ("97010", "97012", "", "20200101", "*", "x", "")]
    said = problems(Kind.NCCI_PTP, write_workbook(tmp_path / "v322r0.xlsx", rows, notes=True), folder)
    assert "sheet Edits, row 7, column" in said


def test_no_more_than_twenty_problems_are_listed(tmp_path: Path, folder: ReferenceFolder) -> None:
    rows = [("97010", "97012", "", "20200101", "*", "x", "")] * (MOST_PROBLEMS * 3)
    said = problems(Kind.NCCI_PTP, write(tmp_path / "v322r0.txt", ptp_text(rows)), folder)
    assert said.count("'x' is none of") == MOST_PROBLEMS
    assert "perhaps more" in said


@pytest.mark.parametrize(
    ("kind", "text", "says"),
    [
        (Kind.MUE, GPCI_FILE, "no header with the column"),
        (Kind.GPCI, "", "no rows of a gpci file"),
        (Kind.NCCI_PTP, ptp_text(()), "no rows of a ncci-ptp file"),
        (Kind.PPRRVU, PPRRVU_PREAMBLE + PPRRVU_STACK.replace("RVU", "XYZ") + PPRRVU_ROWS, "no column"),
        (Kind.CARC, "\x00\x01\x02", "neither text nor an XLSX workbook"),
    ],
)
def test_a_file_of_another_kind_is_refused(
    tmp_path: Path, folder: ReferenceFolder, kind: Kind, text: str, says: str
) -> None:
    assert says in problems(kind, write(tmp_path / "file.csv", text), folder)


def test_an_archive_is_to_be_unpacked_first(tmp_path: Path, folder: ReferenceFolder) -> None:
    from zipfile import ZipFile

    with ZipFile(tmp_path / "ccipra.zip", "w") as archive:
        archive.writestr("ccipra-v322r0-f1.txt", ptp_text())
    assert "unpack it" in problems(Kind.NCCI_PTP, tmp_path / "ccipra.zip", folder)


def test_a_damaged_workbook_is_refused(tmp_path: Path, folder: ReferenceFolder) -> None:
    whole = write_workbook(tmp_path / "whole.xlsx", PTP_HEADER).read_bytes()
    (tmp_path / "cut.xlsx").write_bytes(whole[: len(whole) // 2])
    assert "damaged workbook" in problems(Kind.NCCI_PTP, tmp_path / "cut.xlsx", folder)


def test_a_damaged_table_of_the_folder_is_named_with_the_way_out(
    tmp_path: Path, folder: ReferenceFolder
) -> None:
    done = imported(Kind.NCCI_PTP, write(tmp_path / "ccipra-v322r0-f1.txt", ptp_text()), folder)
    done.path.write_bytes(b"no database at all, though it is long enough to be read as one" * 50)
    with pytest.raises(ReferenceFolderError, match="remove it and import its file again"):
        load_edit_tables(folder.path)


def test_what_a_killed_import_left_is_no_table_and_goes_with_the_next(
    tmp_path: Path, folder: ReferenceFolder
) -> None:
    path = write(tmp_path / "ccipra-v322r0-f1.txt", ptp_text())
    done = imported(Kind.NCCI_PTP, path, folder)
    done.path.unlink()
    left = folder.path / f"{done.about.sha256[:12]}.partial"
    left.write_bytes(b"half a table")
    assert folder.tables() == []
    assert imported(Kind.NCCI_PTP, path, folder).added
    assert not left.exists()


# --- the files themselves ---------------------------------------------------------------------------------


@pytest.mark.skipif(not SHARED.is_dir(), reason="the real samples are not beside this tree")
@pytest.mark.parametrize(
    ("kind", "name", "rows", "starts"),
    [
        (Kind.NCCI_PTP, "sample_ccipra-v322r0-f1_real_header_and_rows.txt", 9, "2026-07-01"),
        (Kind.MUE, "sample_MCR_MUE_Practitioner_real_header_and_rows.csv", 4, "2026-10-01"),
        (Kind.GPCI, "GPCI2026.csv", 109, "2026-01-01"),
        (Kind.CARC, "carc.csv", 405, "2026-10-01"),
        (Kind.RARC, "rarc.csv", 1171, "2026-10-01"),
        (Kind.PAYER_RULES, "payer_rules.csv", 47, "2026-10-01"),
    ],
)
def test_the_files_as_published_are_read_to_the_last_row(
    folder: ReferenceFolder, kind: Kind, name: str, rows: int, starts: str
) -> None:
    about = imported(kind, SHARED / name, folder).about
    assert (about.rows, about.effective_from) == (rows, starts)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the real file is not beside this tree")
def test_the_bundled_localities_are_those_of_the_published_file(folder: ReferenceFolder) -> None:
    bundled = load_fee_tables()
    imported(Kind.GPCI, SHARED / "GPCI2026.csv", folder)
    for row in load_fee_tables(folder.path).localities:
        if row.effective_from.year == 2026:
            key = f"{row.contractor}-{row.locality}"
            assert bundled.gpci(key, date(2026, 5, 1)).value == row.gpci
