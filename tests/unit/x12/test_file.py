import gc
from pathlib import Path

import pytest

from overturn.x12 import Severity, read_file, read_transactions
from overturn.x12 import file as file_module
from tests.unit.x12.interchanges import PAID_CLAIM, encoded, interchange, remittance

DATA = Path(__file__).parents[2] / "data/835"
GOOD = encoded(interchange(remittance(*PAID_CLAIM)))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b" \r\n\t", "empty"),
        (b"%", "not-x12"),
        (b"%PDF-1.7 \xff\xfe binary", "not-x12"),
        (b"PK\x03\x04 zipped", "not-x12"),
        ((DATA / "without_isa.edi").read_bytes(), "no-isa"),
        (b"ISA", "no-isa"),
        (b"ISA*00*", "unreadable-isa"),
    ],
)
def test_what_is_not_x12_is_one_fatal_finding_and_no_exception(data: bytes, code: str) -> None:
    file = read_file(data)

    (finding,) = file.all_findings
    assert (finding.code, finding.severity) == (code, Severity.FATAL)
    assert file.transactions == []
    assert not file.postable


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + GOOD,
        GOOD.decode().encode("utf-16"),
        b"\r\n  " + GOOD + b"\x1a",
        GOOD + b"\n\n\n",
        GOOD[:-1],
        GOOD.replace(b"NORTH PLAN", "PLÄN NÔRD".encode("latin-1")),
        GOOD.replace(b"NORTH PLAN", "PLÄN NÔRD".encode()),
    ],
    ids=["byte order mark", "utf-16", "leading blanks", "blank lines", "no last end", "latin-1", "utf-8"],
)
def test_odd_encodings_and_ends_are_read_without_a_finding(data: bytes) -> None:
    file = read_file(data)

    assert file.all_findings == []
    found = file.transactions[0].remittance
    assert found is not None
    assert found.payer.name in {"NORTH PLAN", "PLÄN NÔRD"}


@pytest.mark.parametrize(
    ("before", "code", "postable"),
    [
        (b"From: payer@example.com\r\n\r\n", "text-before-isa", True),
        (b"ST*835*9~BPR*I*5~SE*3*9~", "no-isa", False),
    ],
)
def test_text_before_the_first_isa_is_not_dropped_silently(before: bytes, code: str, postable: bool) -> None:
    file = read_file(before + GOOD)

    assert [finding.code for finding in file.all_findings] == [code]
    assert [t.postable for t in file.transactions] == [True]
    assert file.postable is postable


def test_nul_bytes_are_taken_out_and_flagged() -> None:
    file = read_file(GOOD.replace(b"PCN1", b"PC\0N1"))

    assert [finding.code for finding in file.all_findings] == ["nul-bytes"]
    assert file.transactions[0].remittance is not None
    assert file.transactions[0].remittance.claims[0].patient_control_number == "PCN1"
    assert file.postable


def test_a_file_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_module, "MAX_BYTES", len(GOOD) - 1)

    assert [finding.code for finding in read_file(GOOD).all_findings] == ["too-large"]


def test_a_cut_off_file_loses_only_its_last_transaction() -> None:
    file = read_file((DATA / "cut_off_in_second_transaction.edi").read_bytes())

    assert [t.postable for t in file.transactions] == [True, False]
    fatal = [finding.code for finding in file.all_findings if finding.severity is Severity.FATAL]
    assert fatal == ["missing-se"]


@pytest.mark.parametrize(
    "name",
    ["paid_with_contractual_and_coinsurance", "newline_terminated_pipe_separated", "co50_n115_denied_line"],
)
def test_clean_files_are_clean(name: str) -> None:
    file = read_file((DATA / f"{name}.edi").read_bytes())

    assert file.all_findings == []
    assert file.postable


def test_two_interchanges_of_different_layout_are_two_payments() -> None:
    file = read_file((DATA / "two_interchanges_second_indented.edi").read_bytes())

    assert file.interchanges == 2
    assert file.all_findings == []
    found = [t.remittance for t in file.transactions]
    assert [r.interchange_control_number for r in found if r] == ["000000001", "000000002"]
    assert [len(r.claims) for r in found if r] == [1, 1]


def test_transactions_come_one_at_a_time() -> None:
    stream = read_transactions(GOOD + encoded(interchange(remittance(*PAID_CLAIM)))[:60] + b"~" + GOOD)
    transactions = iter(stream)

    assert next(transactions).postable
    assert stream.interchanges == 1
    assert len(list(transactions)) == 1
    assert stream.interchanges == 3


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        assert read_file(GOOD).postable
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_type_without_a_reader_is_passed_on_without_content() -> None:
    file = read_file(GOOD.replace(b"ST*835", b"ST*278"))

    (transaction,) = file.transactions
    assert (transaction.type, transaction.content, transaction.postable) == ("278", None, True)
