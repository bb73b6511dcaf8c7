import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from overturn.bench import staedi, x12
from overturn.bench.figure import compare
from overturn.bench.outcome import Outcome
from overturn.bench.remittance_file import write_remittance_file
from overturn.bench.x12_readers import READERS, Reading, measured
from overturn.cli import app

SHAPE = [
    *("name", "ratio", "unit", "ours", "baseline", "baseline_name", "runs", "spread", "machine", "versions"),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "some.835"
    path.write_bytes(b"".join(write_remittance_file(25, 2)))
    return path


@pytest.mark.parametrize("name", [name for name in READERS if name != "pyx12, validation"])
def test_every_reader_finds_the_same_claims_and_dollars(name: str, path: Path) -> None:
    ours, theirs = measured("overturn", path), measured(name, path)

    assert (theirs.claims, theirs.paid) == (ours.claims, ours.paid)
    assert ours.claims == 25


def test_a_figure_is_the_median_of_paired_ratios() -> None:
    figure = compare("x", "claims", [10, 20, 60], [20, 20, 20], baseline_name="least", versions={})

    assert (figure.ratio, figure.ours, figure.baseline, figure.spread) == (1.0, 20, 20, (0.5, 3.0))


def test_the_command_answers_in_the_contract_shape_and_says_what_was_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing() -> str:
        raise staedi.StaediMissingError("StAEDI left out: no Java.")

    monkeypatch.setattr(staedi, "class_path", missing)
    monkeypatch.setattr(x12, "FAST", x12.FAST[:2])
    result = CliRunner().invoke(app, ["bench", "x12", "--json", "--claims", "100", "--runs", "1"])

    assert result.exit_code == 0
    assert result.stderr == "StAEDI left out: no Java.\n"
    figures = json.loads(result.stdout)
    assert [list(figure) for figure in figures] == [SHAPE] * len(figures)
    assert {figure["baseline_name"] for figure in figures} == {
        "str.split, sums only (float)",
        "str.split, sums only (Decimal)",
        "pyx12, validation",
    }


def test_a_reader_that_adds_up_something_else_ends_the_run(
    monkeypatch: pytest.MonkeyPatch, path: Path
) -> None:
    paid = iter(["1.00", "2.00"])
    monkeypatch.setattr(x12, "read_apart", lambda *_: Reading(25, next(paid), 1.0, 1.0))
    monkeypatch.setattr(x12, "_staedi_class_path", lambda _: None)

    with pytest.raises(RuntimeError, match="adds up"):
        x12._compare_all(Outcome(), "x", path, path, 1)
