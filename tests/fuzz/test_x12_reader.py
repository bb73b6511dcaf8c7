"""A short run of `make fuzz`, the same every time, and proof that it notices faults."""

import pytest

from overturn.x12 import X12File, read_file
from tests.fuzz import x12_reader
from tests.fuzz.mutations import MUTATIONS, Mutation, mutated, repeatable
from tests.fuzz.x12_reader import FaultError, Run, check, fuzz, main, seed_files


def test_four_thousand_mutated_files_are_read_without_a_fault() -> None:
    *_, run = fuzz(repeatable(835), files=4_000)

    assert run.files == 4_000
    assert run.unbalanced_claims > 100


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.__name__)
def test_each_mutation_changes_files(mutation: Mutation) -> None:
    chance = repeatable(1)
    seed = seed_files()[0]
    copies = [bytearray(seed) for _ in range(20)]
    for copy in copies:
        mutation(copy, chance)

    assert any(copy != seed for copy in copies)


def test_the_same_seed_gives_the_same_files() -> None:
    seed = seed_files()[0]

    assert mutated(seed, repeatable(3)) == mutated(seed, repeatable(3))


def test_a_crash_and_an_unreported_imbalance_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    data = next(seed for seed in seed_files() if b"CLP*" in seed)

    def forgetful(data: bytes) -> X12File:
        file = read_file(data.replace(b"CLP*", b"CLP*X", 1))
        for transaction in file.transactions:
            if transaction.remittance:
                transaction.remittance.claims[0].paid_amount += 1
        return file

    monkeypatch.setattr(x12_reader, "read_file", forgetful)
    with pytest.raises(FaultError, match="findings"):
        check(data, Run())

    monkeypatch.setattr(x12_reader, "read_file", lambda _data: 1 // 0)
    with pytest.raises(FaultError, match="ZeroDivisionError"):
        list(fuzz(repeatable(1), files=1))


def test_a_slow_file_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(x12_reader, "ALLOWED_SECONDS", 1e-7)

    with pytest.raises(FaultError, match=r"bytes|still reading"):
        check(seed_files()[0], Run())


def test_the_command_prints_seed_rate_and_slowest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--files", "20", "--seed", "5"]) == 0

    printed = capsys.readouterr().out
    assert printed.startswith("seed 5\n20 files")
    assert "slowest" in printed
