import gc
import tracemalloc
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from overturn.bench.remittance_file import write_remittance_file
from overturn.domain.remittance import ClaimPayment
from overturn.x12 import Part, RemittanceEnd, RemittanceStart, Transaction, read_file, read_remittances
from overturn.x12 import remittance as remittance_module
from overturn.x12 import text as text_module
from overturn.x12.text import decode
from tests.unit.x12.interchanges import PAID_CLAIM, encoded, interchange, remittance, transaction

DATA = sorted((Path(__file__).parents[2] / "data/835").glob("*.edi"))
TWO_PAYMENTS = encoded(
    interchange(
        remittance(*PAID_CLAIM, *PAID_CLAIM, "PLB*1*20261231*WO:X*10", payment="150"),
        remittance(*PAID_CLAIM, control="0002"),
        transaction("278", control="3"),
    )
)


def parts_of(data: bytes) -> list[Part]:
    return list(read_remittances(BytesIO(data)))


def test_a_remittance_comes_as_start_claims_and_end_and_other_sets_whole() -> None:
    kinds = [type(part) for part in parts_of(TWO_PAYMENTS)]

    first = [RemittanceStart, ClaimPayment, ClaimPayment, RemittanceEnd]
    assert kinds == [*first, RemittanceStart, ClaimPayment, RemittanceEnd, Transaction]


def test_the_start_has_the_header_and_the_end_has_the_balance() -> None:
    start, _, _, end, *_ = parts_of(TWO_PAYMENTS)

    assert isinstance(start, RemittanceStart)
    assert isinstance(end, RemittanceEnd)
    assert (start.remittance.payer.name, start.remittance.payer_identifier) == ("NORTH PLAN", "1512345678")
    assert (end.claims, end.segments, end.balance.balanced, end.postable) == (2, 33, True, True)
    assert [adjustment.reason for adjustment in end.remittance.provider_adjustments] == ["WO"]
    assert end.remittance.claims == []


def test_a_remittance_that_breaks_off_ends_unpostable_after_its_claims() -> None:
    *_, claim, end = parts_of(TWO_PAYMENTS[: TWO_PAYMENTS.index(b"PLB")])

    assert isinstance(claim, ClaimPayment)
    assert isinstance(end, RemittanceEnd)
    assert not end.postable


@pytest.mark.parametrize("path", DATA, ids=lambda path: path.stem)
@pytest.mark.parametrize("size", [1, 7, 64, 1_000])
def test_how_the_blocks_fall_changes_nothing(path: Path, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    data = path.read_bytes()
    whole = read_file(data)
    monkeypatch.setattr(text_module, "BLOCK_BYTES", size)

    assert read_file(data) == whole


def test_claims_and_findings_are_the_same_over_many_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    data = b"".join(write_remittance_file(60, 4)).replace(b"*CO*45*", b"*CO*45*1", 3)
    whole = read_file(data)
    monkeypatch.setattr(text_module, "BLOCK_BYTES", 300)

    assert len(whole.all_findings) > 3
    assert read_file(data) == whole


def test_a_clp_without_any_element_is_a_claim_wherever_the_block_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = encoded(interchange(remittance("CLP", *PAID_CLAIM[1:])))
    whole = read_file(data)
    monkeypatch.setattr(text_module, "BLOCK_BYTES", 40)

    assert read_file(data) == whole
    assert "misplaced-segment" not in {finding.code for finding in whole.all_findings}


def test_memory_does_not_grow_with_the_number_of_claims_in_one_remittance() -> None:
    def peak(claims: int) -> int:
        source = tuple(write_remittance_file(claims, 1))
        tracemalloc.start()
        try:
            counted = sum(isinstance(part, ClaimPayment) for part in read_remittances(_Pieces(iter(source))))
            assert counted == claims
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(4_000) < 1.6 * peak(1_000) + 500_000


class _Pieces(BytesIO):
    """A source that never has more than one piece of the file."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__()
        self._pieces = pieces

    def read(self, _size: int | None = -1, /) -> bytes:
        return next(self._pieces, b"")


def test_a_claim_too_long_to_be_held_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_module, "BLOCK_BYTES", 500)
    monkeypatch.setattr(remittance_module, "MAX_SEGMENTS", 50)
    data = encoded(interchange(remittance(*PAID_CLAIM, *["CAS*CO*45*0"] * 200)))

    (transaction_read,) = read_file(data).transactions

    assert transaction_read.findings[0].code == "too-large"
    assert transaction_read.content is None


def test_the_collector_rests_while_claims_are_taken_and_works_between_remittances() -> None:
    enabled = [(type(part), gc.isenabled()) for part in read_remittances(BytesIO(TWO_PAYMENTS))]

    assert {on for kind, on in enabled if kind is ClaimPayment} == {False}
    assert {on for kind, on in enabled if kind in {RemittanceEnd, Transaction}} == {True}
    assert gc.isenabled()


def test_whoever_stops_in_the_middle_gets_the_collector_back() -> None:
    parts = iter(read_remittances(BytesIO(TWO_PAYMENTS)))
    next(parts), next(parts)
    del parts

    assert gc.isenabled()


def test_utf_8_comes_before_latin_1_and_a_block_may_end_within_a_character(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(text_module, "BLOCK_BYTES", 1)

    assert decode("Zoë Müller".encode()) == decode("Zoë Müller".encode("latin-1")) == "Zoë Müller"
    assert decode("Zoë Müller".encode("utf-16")) == "Zoë Müller"
