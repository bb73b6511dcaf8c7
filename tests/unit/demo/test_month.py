"""The demo's month is made once, two months back, and read in the order it happened."""

from datetime import date
from pathlib import Path

import pytest

from overturn.demo import month
from overturn.demo.month import month_files, prepare_month, read_truth


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(month, "CLAIMS", 40)


def test_a_second_run_finds_the_first_ones_files(tmp_path: Path) -> None:
    folder = prepare_month(tmp_path, today=date(2026, 11, 22))
    before = {p: p.stat().st_mtime_ns for p in month_files(folder)}
    assert prepare_month(tmp_path, today=date(2027, 3, 1)) == folder
    assert {p: p.stat().st_mtime_ns for p in month_files(folder)} == before
    assert len(read_truth(folder)["claims"]) == 41


def test_a_run_that_broke_off_is_made_whole(tmp_path: Path) -> None:
    folder = prepare_month(tmp_path, today=date(2026, 11, 22))
    contents = {p: p.read_bytes() for p in month_files(folder)}
    (folder / month.TRUTH_FILE).unlink()
    month_files(folder)[0].write_bytes(b"half a file")
    prepare_month(tmp_path, today=date(2026, 11, 22))
    assert {p: p.read_bytes() for p in month_files(folder)} == contents


@pytest.mark.parametrize(
    ("today", "served_from"),
    [(date(2026, 11, 22), "BGT2609-"), (date(2026, 1, 31), "BGT2511-"), (date(2026, 3, 1), "BGT2601-")],
)
def test_the_services_lie_two_months_back(tmp_path: Path, today: date, served_from: str) -> None:
    truth = read_truth(prepare_month(tmp_path, today=today))
    assert any(c["patient_control_number"].startswith(served_from) for c in truth["claims"])


def test_claims_come_before_their_answers(tmp_path: Path) -> None:
    files = month_files(prepare_month(tmp_path, today=date(2026, 11, 22)))
    kinds = [path.parent.name for path in files]
    assert kinds == sorted(kinds, key=["837P", "277CA", "835"].index)
    assert set(kinds) == {"837P", "277CA", "835"}
