from io import BytesIO

import oxedi
import pytest

from overturn.bench.remittance_file import write_remittance_file
from overturn.x12 import read_file


@pytest.mark.parametrize(("claims", "transactions"), [(30, 1), (30, 4), (5, 5)])
def test_the_generated_file_is_clean_and_has_the_claims_asked_for(claims: int, transactions: int) -> None:
    data = b"".join(write_remittance_file(claims, transactions))
    file = read_file(data)

    assert file.all_findings == []
    assert len(file.transactions) == transactions
    assert sum(len(t.remittance.claims) for t in file.transactions if t.remittance) == claims


def test_an_independent_reader_finds_nothing_wrong_with_it() -> None:
    data = b"".join(write_remittance_file(50, 2))

    assert oxedi.parse(data).diagnostics == []


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not() -> None:
    first, again, other = (BytesIO(b"".join(write_remittance_file(20, 2, seed=s))) for s in (1, 1, 2))

    assert first.getvalue() == again.getvalue() != other.getvalue()
