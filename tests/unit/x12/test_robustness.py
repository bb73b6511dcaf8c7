"""Whatever arrives: findings, never an exception, and never more than a second."""

import time
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from overturn.x12 import Severity, X12File, read_file
from overturn.x12.shape import file_shape
from tests.unit.x12.interchanges import encoded, interchange, remittance, transaction
from tests.unit.x12.test_acknowledgement import ACCEPTED, PROVIDER, RECEIVER, REJECTED
from tests.unit.x12.test_acknowledgement import HEADER as STATUS_HEADER
from tests.unit.x12.test_claim import BILLING, CLAIM, HEADER, SUBSCRIBER

DATA = Path(__file__).parents[2] / "data/835"
OTHERS = encoded(
    interchange(
        transaction("837", *HEADER, *BILLING, *SUBSCRIBER, *CLAIM),
        transaction("277", *STATUS_HEADER, *RECEIVER, *PROVIDER, *ACCEPTED, *REJECTED, control="2"),
        transaction("999", "AK1*HC*7", "AK2*837*1", "IK3*CLM*22**8", "IK4*1**1", "IK5*R", control="3"),
    )
)
SEEDS = [*(path.read_bytes() for path in sorted(DATA.glob("*.edi"))), OTHERS]
CENTS = st.integers(-(10**15), 10**15)
QUICKLY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def read_quickly(data: bytes) -> X12File:
    """Read and describe the bytes; neither may hang. A busy machine makes even CPU time longer, so the bound
    is three seconds here; `make fuzz` holds one a megabyte."""
    started = time.process_time()
    file = read_file(data)
    assert file_shape(file, name="", sha256="")["interchanges"] == file.interchanges
    assert time.process_time() - started < 3
    return file


@given(st.binary(max_size=2_000))
@QUICKLY
def test_random_bytes_are_reported(data: bytes) -> None:
    file = read_quickly(data)

    assert file.all_findings
    assert not file.postable


@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=12),
)
@QUICKLY
def test_flipped_bytes_never_raise(data: bytes, flips: list[tuple[float, int]]) -> None:
    damaged = bytearray(data)
    for where, value in flips:
        damaged[int(where * len(damaged))] = value

    read_quickly(bytes(damaged))


@given(
    st.sampled_from(SEEDS), st.floats(0, 1), st.floats(0, 1), st.sampled_from([b"", b"*", b"~", b"~ISA*00*"])
)
@QUICKLY
def test_a_piece_cut_out_of_a_file_never_raises(data: bytes, first: float, last: float, patch: bytes) -> None:
    begin, end = sorted((int(first * len(data)), int(last * len(data))))

    read_quickly(data[:begin] + patch + data[end:])


@given(st.floats(0, 1, exclude_max=True))
@QUICKLY
def test_a_remittance_cut_before_its_se_is_never_postable(part: float) -> None:
    data = SEEDS[3]
    file = read_quickly(data[: int(part * data.index(b"SE*"))])

    assert not file.postable
    assert any(finding.severity is Severity.FATAL for finding in file.all_findings)


@given(charge=CENTS, contractual=CENTS, marks=st.sampled_from(["*:^~", "|>!\n", "+|^'", "\x1d\x1f\x1c\x1e"]))
@QUICKLY
def test_what_is_written_is_read_back(charge: int, contractual: int, marks: str) -> None:
    amounts = {name: f"{Decimal(cents) / 100:.2f}" for name, cents in
               {"charge": charge, "co": contractual, "paid": charge - contractual}.items()}  # fmt: skip
    body = [
        segment.format(**amounts)
        for segment in ("CLP*PCN1*1*{charge}*{paid}", "SVC*HC:97110*{charge}*{paid}", "CAS*CO*45*{co}")
    ]
    file = read_quickly(encoded(interchange(remittance(*body, payment=amounts["paid"])), marks, "\n"))

    assert file.all_findings == []
    found = file.transactions[0].remittance
    assert found is not None
    assert found.claims[0].charge_amount == Decimal(charge) / 100
    assert found.claims[0].service_lines[0].adjusted_amount == Decimal(contractual) / 100
    assert found.balance.balanced


@pytest.mark.parametrize(
    "body",
    [
        ["CAS*CO" + "*45*1" * 100] * 1_000,
        ["CLP*A*1*x*y" + "*" * 5_000] * 300,
        ["~" * 200_000],
        ["N1*PR*" + " " * 200_000 + "*XV"],
        ["DTM*472*20260230"] * 20_000,
        ["\n" * 300_000],
        ["ISA" * 60_000],
        ["ST*835*1"] * 5_000,
        ["CLP*A*1*1*1", *["QTY*CA*1", "PER*CX*A*TE*1", "MOA*1*2"] * 20_000],
        ["CLP*A*1*1*1", "SVC*HC:1*1*1", *["AMT*T*1", "QTY*ZL*1", "LQ*RX*1"] * 20_000],
        ["N1*PR*A", *["N2*B", "N3*C", "N4*D*OH*43017", "PER*CX*A*TE*1", "REF*2U*1"] * 10_000],
        ["LX*1", *["TS3*1*11*20261231*1*1", "TS2*1"] * 20_000],
    ],
    ids=[
        *("many CAS", "long CLP", "empty segments", "padding", "bad dates", "newlines", "ISA", "only STs"),
        *("a claim's details", "a line's details", "names", "summaries"),
    ],
)
def test_monstrous_input_is_answered_in_time(body: list[str]) -> None:
    read_quickly(encoded(interchange(remittance(*body))))


@pytest.mark.parametrize(
    "body",
    [
        [*CLAIM, *["NTE*ADD*X", "HI*ABK:M25561"] * 30_000],
        [*CLAIM[:8], *["NTE*ADD*X", "HI*ABK:M25561", "REF*EA*1", "DTP*431*D8*20260101"] * 15_000],
        [*CLAIM[:8], "SBR*P", *["CAS*CO*45*1", "AMT*D*1", "NM1*PR*2*A", "N3*B", "N4*C"] * 12_000],
        [*CLAIM, *["SVD*77*1*HC:1**1", "CAS*CO*45*1", "REF*X4*1"] * 20_000],
    ],
    ids=["after a line", "in a claim", "another payer", "in a line"],
)
def test_a_monstrous_claim_is_answered_in_time(body: list[str]) -> None:
    read_quickly(encoded(interchange(transaction("837", *HEADER, *BILLING, *SUBSCRIBER, *body))))
