"""The files before independent judges: pyx12, oxedi, and our own reader."""

import io
import logging
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import oxedi
import oxedi.pyx12
import pytest
from pyx12.params import params
from pyx12.x12n_document import x12n_document

from overturn.domain.remittance import Remittance
from overturn.synthetic.month import Month
from overturn.x12.file import read_file

PYX12_SAMPLE = 6  # files of each kind; pyx12 needs a third of a second for each


@pytest.fixture(autouse=True)
def _quiet_pyx12() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def pyx12_accepts(path: Path) -> bool:
    source = io.StringIO(path.read_text(encoding="utf-8"))
    return bool(x12n_document(params(), source, io.StringIO(), None))


@pytest.mark.parametrize("kind", ["837P", "277CA"])
def test_pyx12_accepts_what_is_sent_and_acknowledged(month: Month, folder: Path, kind: str) -> None:
    names = [file.name for file in month.files if file.kind == kind]
    assert len(names) > PYX12_SAMPLE
    for name in names[:: len(names) // PYX12_SAMPLE]:
        assert pyx12_accepts(folder / name), name


def test_pyx12_would_refuse_a_broken_claim(month: Month, folder: Path, tmp_path: Path) -> None:
    first = next(file.name for file in month.files if file.kind == "837P")
    broken = (folder / first).read_text(encoding="utf-8").replace("~NM1*82*1*", "~NM1*82**")
    (tmp_path / "broken.837").write_text(broken, encoding="utf-8")
    assert not pyx12_accepts(tmp_path / "broken.837")


def test_oxedi_and_pyx12_find_nothing_wrong_with_the_remittances(month: Month, folder: Path) -> None:
    for name in (file.name for file in month.files if file.kind == "835"):
        data = (folder / name).read_bytes()
        findings = [*oxedi.parse(data).diagnostics, *oxedi.pyx12.validate(data)]
        assert [str(f) for f in findings if "byte order mark" not in f.rule] == [], name


def test_oxedi_counts_the_same_payments_claims_lines_and_dollars(month: Month, folder: Path) -> None:
    names = [file.name for file in month.files if file.kind == "835" and not file.resent_of]
    results = [oxedi.parse_file(str(folder / name)) for name in names]
    answers = [answer for payment in month.payments for _, answer in payment.answers]
    assert sum((r.sum_payments() for r in results), Decimal(0)) == sum(p.amount for p in month.payments)
    assert sum(len(r.tables["payments"]) for r in results) == len(month.payments)
    assert sum(r.count_claims() for r in results) == len(answers)
    assert sum(len(r.tables["services"]) for r in results) == sum(len(a.lines) for a in answers)
    assert sum(len(r.tables["adjustments"]) for r in results) == sum(len([*a.adjustments()]) for a in answers)


def test_our_reader_reads_every_file_without_a_finding(folder: Path) -> None:
    paths = [path for path in folder.rglob("*.*") if path.suffix in {".837", ".277", ".835"}]
    for path in paths:
        assert [str(f) for f in read_file(path.read_bytes()).all_findings] == [], path.name


def test_our_reader_finds_the_amounts_the_generator_meant(month: Month, folder: Path) -> None:
    remittances: list[Remittance] = []
    for file in month.files:
        if file.kind == "835" and not file.resent_of:
            transactions = read_file((folder / file.name).read_bytes()).transactions
            remittances.extend(t.remittance for t in transactions if t.remittance)
    meant = [(p.trace_number, p.amount, p.claims_paid, p.adjusted) for p in month.payments]
    found = [
        (r.trace_number, r.payment_amount, r.balance.claims_paid, r.balance.provider_adjustments)
        for r in remittances
    ]
    assert sorted(found, key=str) == sorted(meant, key=str)
