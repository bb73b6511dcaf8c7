"""`overturn scrub` by its contract, and over a generated month whose faults are known."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from overturn.cli import scrub
from overturn.synthetic.month import make_month, write_month
from tests.unit.x12.interchanges import encoded, interchange, transaction

APP = typer.Typer()
scrub.register(APP)
RUNNER = CliRunner()
TODAY = ("--today", "2026-10-01")

FAULTS = {
    "ncci-modifier-needed": {"ncci_modifier_missing"},
    "therapy-modifier-missing": {"missing_therapy_modifier"},
    "therapy-modifier-wrong": {"wrong_therapy_modifier"},
    "filing-window": {"filing_limit_missed"},
}
"""What scrubbing can see of a generated month, and the denials that come of it."""

ABOVE = (
    "BHT*0019*00*BATCH1*20260110*0900*CH",
    "NM1*41*2*HILLSIDE*****46*TIN1",
    "NM1*40*2*HOUSE*****46*CH1",
    "HL*1**20*1",
    "NM1*85*2*HILLSIDE PHYSICAL THERAPY*****XX*1999999984",
    "HL*2*1*22*0",
    "SBR*P*18*******MB",
    "NM1*IL*1*SAMPLE*ANN****MI*M0001",
    "NM1*PR*2*MEDICARE PART B*****PI*12345",
)


@pytest.fixture(autouse=True)
def _no_imported_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OVERTURN_REFERENCE_DIR", str(tmp_path / "none"))


def claim(number: str, *lines: tuple[str, str], charge: str) -> list[str]:
    """Lines are the procedure with modifiers, and units."""
    each = int(charge) // len(lines)
    segments = [
        f"CLM*{number}*{charge}***11:B:1*Y*A*Y*Y",
        "HI*ABK:M25561",
        "NM1*82*1*THERAPIST*PAT****XX*1999999984",
    ]
    for place, (procedure, units) in enumerate(lines, start=1):
        segments += [f"LX*{place}", f"SV1*HC:{procedure}*{each}*UN*{units}***1", "DTP*472*D8*20260901"]
    return segments


def file_of(tmp_path: Path, *segments: str) -> Path:
    path = tmp_path / "claims.837"
    path.write_bytes(encoded(interchange(transaction("837", *ABOVE, *segments), version="005010X222A1")))
    return path


def run(path: Path, *options: str, exit_code: int) -> dict[str, Any]:
    result = RUNNER.invoke(APP, [str(path), "--json", *TODAY, *options])
    assert result.exit_code == exit_code, result.output
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def rules_of(answer: dict[str, Any]) -> dict[str, list[str]]:
    return {c["patient_control_number"]: [f["rule"] for f in c["findings"]] for c in answer["claims"]}


def test_a_claim_with_faults_is_answered_with_rule_line_fix_and_source(tmp_path: Path) -> None:
    path = file_of(tmp_path, *claim("PCN1", ("97150:GP", "1"), ("97110:GP", "1"), charge="150"))
    answer = run(path, exit_code=1)
    assert answer["file"] == str(path)
    (document,) = answer["claims"]
    (finding,) = document["findings"]
    assert finding.keys() == {"rule", "severity", "line", "message", "fix", "source"}
    assert (finding["rule"], finding["severity"], finding["line"]) == ("ncci-modifier-needed", "error", 2)


def test_tables_that_are_over_are_named_once_for_the_file(tmp_path: Path) -> None:
    answer = run(file_of(tmp_path, *claim("PCN1", ("97110:GP", "2"), charge="150")), exit_code=0)
    assert rules_of(answer) == {"PCN1": []}
    (note,) = answer["notes"]
    assert "end on 2024-09-30" in note


def test_what_was_used_before_counts_towards_kx(tmp_path: Path) -> None:
    path = file_of(tmp_path, *claim("PCN1", ("97110:GP", "2"), charge="150"))
    used = tmp_path / "used.csv"
    used.write_text("member_id,bucket,used_amount\nM0001,pt_slp,2479.00\n", encoding="utf-8")
    answer = run(path, "--used", str(used), exit_code=0)
    assert rules_of(answer) == {"PCN1": ["kx-missing"]}
    assert answer["claims"][0]["findings"][0]["severity"] == "warning"


def test_a_table_of_used_amounts_with_a_fault_is_refused_by_row(tmp_path: Path) -> None:
    path = file_of(tmp_path, *claim("PCN1", ("97110:GP", "2"), charge="150"))
    used = tmp_path / "used.csv"
    used.write_text("member_id,bucket,used_amount\nM0001,PT,2479.00\n", encoding="utf-8")
    result = RUNNER.invoke(APP, [str(path), "--used", str(used)])
    assert result.exit_code == 2
    assert "row 2" in result.stderr


def test_people_read_the_finding_and_the_fix(tmp_path: Path) -> None:
    path = file_of(tmp_path, *claim("PCN1", ("97162:GP", "1"), ("97161:GP", "1"), charge="150"))
    result = RUNNER.invoke(APP, [str(path), *TODAY])
    assert result.exit_code == 1
    assert "error: PCN1, line 2: 97162 and 97161 on 2026-09-01 are never paid together" in result.stdout
    assert "no modifier helps" in result.stdout
    assert "1 claims, 0 without a finding." in result.stdout


@pytest.mark.parametrize("content", [b"", b"no X12 at all", b"ISA*00*"])
def test_a_file_without_claims_says_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "rubbish.837"
    path.write_bytes(content)
    answer = run(path, exit_code=1)
    assert answer["claims"] == []
    assert "holds no claims" in answer["errors"][-1]


def test_a_generated_month_shows_the_faults_it_was_made_with_and_no_others(tmp_path: Path) -> None:
    for _ in write_month(make_month(claims=150, seed=5), tmp_path):
        pass
    truth = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))["claims"]
    causes = {c["patient_control_number"]: {d["cause"] for d in c["denials"]} for c in truth}
    seen = set()
    for path in sorted((tmp_path / "837P").iterdir()):
        answer = json.loads(RUNNER.invoke(APP, [str(path), "--json", *TODAY]).stdout)
        for number, rules in rules_of(answer).items():
            for rule in set(rules) - {"filing-window-unknown"}:
                assert causes[number] & FAULTS[rule], f"{number} is right, and has {rule}"
                seen.add(rule)
    assert seen >= {"ncci-modifier-needed", "filing-window"}
