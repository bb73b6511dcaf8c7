"""The committed rules load and check out; a broken table is refused with file, row, column and a way out."""

import csv
import re
import shutil
from pathlib import Path

import pytest

from overturn.domain.codes import RemarkKind
from overturn.paths import RULES
from overturn.rulebook import RulebookError, load_rulebook
from overturn.rulebook.check import check_rulebook


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(RULES, tmp_path / "rules"))


def edit(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text()
    assert text.count(old) >= 1, f"{old!r} is not in {file}"
    path.write_text(text.replace(old, new, 1))


def test_the_committed_rules_have_no_contradiction_and_no_idle_row() -> None:
    assert check_rulebook(load_rulebook()) == []


def test_every_table_of_the_folder_is_explained_in_its_readme() -> None:
    readme = (RULES / "README.md").read_text()
    tables = {path.name for path in RULES.rglob("*.csv")}
    assert tables == set(re.findall(r"^\| `(\w+\.csv)`", readme, re.MULTILINE))


def test_no_alert_remark_may_decide_a_category() -> None:
    remarks = load_rulebook().denials.remarks.values()
    assert {remark.drives.value for remark in remarks if remark.kind is RemarkKind.ALERT} == {"no"}


def test_the_version_is_the_content_s(folder: Path) -> None:
    committed, copied = load_rulebook(), load_rulebook(folder)
    assert (copied.version, len(copied.version)) == (committed.version, 12)
    assert copied.content_hash.startswith(copied.version)
    edit(folder, "urgency.csv", "2.0", "2.5")
    assert load_rulebook(folder).version != committed.version


def test_the_readme_is_no_part_of_the_version(folder: Path) -> None:
    (folder / "README.md").write_text("other words")
    assert load_rulebook(folder).version == load_rulebook().version


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        (
            "denials.csv",
            ",send_records,",
            ",send_recrds,",
            r"denials.csv, row \d+, column action: 'send_recrds'",
        ),
        ("denials.csv", "co-50,50,", "co-50,5000,", r"column carc: 5000 is not in carc_labels.csv: add it"),
        ("denials.csv", ",N822,", ",N8222,", r"column rarc: N8222 is not in rarc_labels.csv"),
        ("denials.csv", ",N822,", ",MA01,", r"column rarc: MA01 may not decide a category .* use guardrails"),
        (
            "packs/therapy/denials.csv",
            ",missing_kx,",
            ",missing_kxx,",
            r"column cause: 'missing_kxx' is not in causes.csv",
        ),
        ("denials.csv", "co-50,50,", "co-51,50,", r"column id: co-51 stands in row \d+ too"),
        ("denials.csv", "co-29,29,,,,", "co-29,29,,,,Nobody", r"Nobody is not in payers.csv or filing_ind"),
        ("denials.csv", "co-29,29,,,", "co-29,29,,,nobody", r"column payer: nobody is not in payers.csv"),
        ("denials.csv", "co-29,29,,", "co-29,29,,not N115", r"column rarc: not cannot stand here: leave it"),
        ("denials.csv", "co-29,29,,,,,,", "co-29,29,,,,,,not GP", r"column modifiers: not cannot stand here"),
        (
            "denials.csv",
            "co-29,29,,,,,,,,,,",
            "co-29,29,,,,,,,,,,much",
            r"column amount: 'much' is no figure",
        ),
        ("denials.csv", "co-50,50,", "co-50,5 not 6,", r"column carc: 'not' cannot be read: write 97"),
        (
            "denials.csv",
            ",send_records,yes,maybe,yes,,",
            ",send_records,yes,maybe,yes,nowhere,",
            r"column route: 'nowhere'",
        ),
        ("denials.csv", ",send-records,", ",send-recrds,", r"column playbook: 'send-recrds' is not in playb"),
        ("denials.csv", "co-50,50,", "=co-50,50,", r"column id: '=co-50' would be computed by a spread"),
        ("packs.csv", "therapy,", "therapie,", r"packs.csv: therapy has a folder and no row: add one"),
        ("denials.csv", "co-50,50,", "co-50,,", r"row \d+, column carc: is empty: name the CARC"),
        ("denials.csv", "id,carc,", "id,reason,", r"row 1: .*missing: carc; unknown: reason\): correct"),
        (
            "packs/therapy/denials.csv",
            "97161..97168",
            "97168..97161",
            r"packs/therapy/denials.csv, row \d+, column procedures: 97168..97161 is not a range",
        ),
        ("denials.csv", ",modifier_kx,", ",contractual,", r"column category: contractual is no denial"),
        (
            "denials.csv",
            ",2006-05-18",
            ",18.5.2006",
            r"column effective_to: '18.5.2006' cannot be read: write",
        ),
        (
            "denials.csv",
            ",,2006-05-18",
            ",2007-01-01,2006-05-18",
            r"column effective_to: 2006-05-18 lies before",
        ),
        ("guardrails.csv", "bill_patient", "bill_pateint", r"guardrails.csv, row \d+, column replaces"),
        ("guardrails.csv", ",yes,", ",ja,", r"column forbids_appeal: 'ja' is neither yes nor no"),
        (
            "rarc_labels.csv",
            "MA01,alert,no",
            "MA01,alert,yes",
            r"column drives_category: an alert remark may",
        ),
        (
            "group_codes.csv",
            ",contractual,",
            ",coding,",
            r"group_codes.csv, row 2, column bucket: must be one of",
        ),
        (
            "carc_labels.csv",
            "16,Claim",
            "16,,Claim",
            r"carc_labels.csv, row \d+: 5 cells instead of 4: quote",
        ),
        (
            "filing_windows.csv",
            ",120,days",
            ",a while,days",
            r"column amount: 'a while' cannot be read: write a",
        ),
        ("filing_windows.csv", ",120,days", ",120,weeks", r"column unit: 'weeks' is none of days, months"),
        (
            "filing_windows.csv",
            "1,medicare,",
            "1,medicaid,",
            r"column payer_key: 'medicaid' is not in payers.csv",
        ),
        ("filing_windows.csv", ",appeal,1,", ",appeal,0,", r"column level: appeals count from 1"),
        ("filing_windows.csv", ",,any_time", ",9,any_time", r"column amount: must be empty"),
        ("filing_windows.csv", ",Medicare Advantage,,claim", ",,,claim", r"must name its line of business"),
        (
            "filing_windows.csv",
            ",service_on,0",
            ",service_on,5",
            r"column presumed_receipt_days: only counts",
        ),
        (
            "queues.csv",
            ",,,,,,,payer_calls",
            "other,,,,,,,payer_calls",
            r"queues.csv: the last row must have",
        ),
        ("queues.csv", ",,,,,,,payer_calls", ",,,,,,<9,payer_calls", r"queues.csv: the last row must have"),
        ("queues.csv", "coding,,,,,,,coding", "coding,,,nobody,,,,coding", r"'nobody' is not in payers.csv"),
        ("queues.csv", "coding,,,,,,,coding", "coding,,,,much,,,coding", r"column amount: .* is no figure"),
        (
            "queues.csv",
            "coding,,,,,,,coding",
            "contractual,,,,,,,coding",
            r"column category: contractual is no denial",
        ),
        ("work_items.csv", "reopening,", "appeal,", r"work_items.csv, row \d+, column action: appeal stands"),
        ("recovery_priors.csv", ",0.52,", ",52,", r"column probability: 52 is not between 0 and 1"),
    ],
)
def test_a_broken_cell_is_named_with_file_row_column_and_remedy(
    folder: Path, file: str, old: str, new: str, says: str
) -> None:
    edit(folder, file, old, new)
    with pytest.raises(RulebookError, match=says):
        load_rulebook(folder)


def test_all_broken_rows_of_a_table_are_named_together(folder: Path) -> None:
    edit(folder, "denials.csv", ",send_records,", ",first_typo,")
    edit(folder, "denials.csv", ",send_records,", ",second_typo,")
    with pytest.raises(RulebookError) as caught:
        load_rulebook(folder)
    assert [typo in str(caught.value) for typo in ("first_typo", "second_typo")] == [True, True]


def rewritten(folder: Path, file: str, **how: str) -> None:
    """The table as another program saves it."""
    with (folder / file).open(newline="") as lines:
        rows = [[*row, *how.get("after", "")] for row in csv.reader(lines)]
    with (folder / file).open("w", newline="", encoding=how.get("encoding", "utf-8")) as lines:
        writer = csv.writer(lines, delimiter=how.get("delimiter", ","), lineterminator="\r\n")
        writer.writerows([*rows, *([[""] * len(rows[0])] * 3)])


@pytest.mark.parametrize(
    "how",
    [{"encoding": "utf-8-sig"}, {"delimiter": ";"}, {"delimiter": "\t"}, {"after": "  "}],
    ids=["byte order mark", "semicolons", "tabs", "blank columns"],
)
@pytest.mark.parametrize("file", ["denials.csv", "denial_tests.csv", "packs/therapy/denials.csv"])
def test_a_table_that_a_spreadsheet_saved_is_read_alike(folder: Path, file: str, how: dict[str, str]) -> None:
    rewritten(folder, file, **how)
    assert load_rulebook(folder).denials.rules == load_rulebook().denials.rules


def test_a_table_in_another_encoding_says_how_to_save_it(folder: Path) -> None:
    edit(folder, "denials.csv", "appeal with", "appeal \u2013 with")
    path = folder / "denials.csv"
    path.write_bytes(path.read_text().encode("cp1252"))
    with pytest.raises(RulebookError, match=r'denials.csv .*: line \d+ has a character .* "CSV UTF-8"'):
        load_rulebook(folder)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b'id,"carc\n'])
def test_a_file_that_is_no_table_is_refused(folder: Path, content: bytes) -> None:
    (folder / "denials.csv").write_bytes(content)
    with pytest.raises(RulebookError, match=r"denials.csv is no readable CSV in UTF-8"):
        load_rulebook(folder)


def test_a_missing_table_is_refused(folder: Path) -> None:
    (folder / "urgency.csv").unlink()
    with pytest.raises(RulebookError, match=r"urgency.csv is missing"):
        load_rulebook(folder)


@pytest.mark.parametrize(
    ("file", "says"),
    [
        ("recovery_priors.csv", "no row with"),
        ("urgency.csv", "no step"),
        ("answer_times.csv", "no row of kind claim and appeal"),
    ],
)
def test_a_table_without_its_last_resort_is_refused(folder: Path, file: str, says: str) -> None:
    path = folder / file
    path.write_text(path.read_text().splitlines()[0] + "\n")
    with pytest.raises(RulebookError, match=says):
        load_rulebook(folder)


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("denials.csv", "appeal,yes,yes,maybe", "appeal,yes,no,maybe", "says appeal and not appealable"),
        (
            "causes.csv",
            "missing_kx,",
            "spare_cause,never\nmissing_kx,",
            "causes.csv: spare_cause is used by no",
        ),
        ("carc_labels.csv", "42,,no,", "42,Charges cut,no,", "carc_labels.csv: 42 has a label and no row"),
        ("safe_margins.csv", "records,,5", "records,medicare,5", "safe_margins.csv: records has no margin"),
        ("rarc_labels.csv", "N837,alert,no", "N837,supplemental,yes", "rarc_labels.csv: N837 may decide"),
        (
            "payers.csv",
            "erisa,",
            "erisa2,ERISA two,Dental,,ERISA TWO,\nerisa,",
            "erisa2 of payers.csv has no",
        ),
        (
            "playbooks.csv",
            "downcoded,1",
            "spare,1,Never\ndowncoded,1",
            "playbooks.csv: spare is used by no row",
        ),
    ],
)
def test_the_check_finds_what_is_well_formed_and_wrong(
    folder: Path, file: str, old: str, new: str, *, says: str
) -> None:
    edit(folder, file, old, new)
    assert any(says in problem for problem in check_rulebook(load_rulebook(folder)))


def test_a_row_that_bills_the_patient_what_is_not_the_patient_s_is_found(folder: Path) -> None:
    for table in (folder / "denials.csv", folder / "denial_tests.csv"):
        rows = table.read_text().splitlines()
        new = [r.replace(",call_payer", ",bill_patient") if r.startswith("co-27,") else r for r in rows]
        table.write_text("\n".join(new))
    (problem,) = check_rulebook(load_rulebook(folder))
    assert re.match(r"denials.csv, row \d+: co-27 bills the patient for an amount", problem)
