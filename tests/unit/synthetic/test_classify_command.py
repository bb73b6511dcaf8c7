"""`overturn classify --json` on the labelled set: every category, cause, action, amount and guardrail."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from overturn.cli import classify
from overturn.synthetic.month import make_month, write_month

APP = typer.Typer()
classify.register(APP)

Label = tuple[Any, ...]
Place = tuple[str, int | None]


def answer(*files: Path) -> str:
    result = CliRunner().invoke(APP, [*map(str, files), "--json"])
    assert result.exit_code == 0, result.output
    return result.stdout


def guardrail(denial: dict[str, Any]) -> str | None:
    if denial["guardrail"] is None:
        return None
    return "no_appeal" if denial["appealable"] == "no" else "no_statement"


def found(text: str) -> dict[Place, Label]:
    """Each line's first denial."""
    labels: dict[Place, Label] = {}
    for d in json.loads(text):
        place = (d["patient_control_number"], d["line"])
        labels.setdefault(
            place,
            (d["category"], d["cause"], d["action"], d["denied_amount"], guardrail(d)),
        )
        assert d["proof"] is None or d["proof"]["cause"] == d["cause"]
    return labels


def meant(truth: Any) -> dict[Place, Label]:
    columns = ("category", "cause", "action", "denied_amount", "guardrail")
    return {
        (claim["patient_control_number"], d["line"]): tuple(d[c] for c in columns)
        for claim in truth["claims"]
        for d in claim["denials"]
    }


@pytest.mark.parametrize(("seed", "adversarial"), [(1, False), (2, False), (3, True), (4, True)])
def test_the_command_agrees_with_the_truth_with_our_claims_and_without(
    tmp_path: Path, seed: int, adversarial: bool
) -> None:
    month = make_month(claims=200, seed=seed, adversarial=adversarial)
    list(write_month(month, tmp_path))
    truth = json.loads((tmp_path / "truth.json").read_text())
    remittances = sorted((tmp_path / "835").iterdir())
    ours = sorted([*(tmp_path / "837P").iterdir(), *(tmp_path / "277CA").iterdir()])
    alone, together = answer(*remittances), answer(*ours, *remittances)
    assert found(alone) == meant(truth)
    assert found(together) == meant(truth)
    barred = {d["guardrail"] for claim in truth["claims"] for d in claim["denials"]}
    assert barred == {None, "no_appeal", "no_statement"}
    # Byte-identical: the same files again, and ours after theirs.
    assert answer(*ours, *remittances) == together == answer(*remittances, *ours)
