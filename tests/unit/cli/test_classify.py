"""`overturn classify` by its contract: every denial of the files, with evidence that can be found again."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from overturn.cli import classify
from overturn.paths import ROOT
from tests.x12_files import adjudicated_claim, reversal
from tests.x12_files import remittance as remittance_of

APP = typer.Typer()
classify.register(APP)
RUNNER = CliRunner()

REMITTANCE = """\
ISA*00*          *00*          *ZZ*SPECIMENPAYER  *ZZ*SPECIMENPAYEE  *260131*1200*^*00501*000000001*0*P*:~
GS*HP*SPECIMENPAYER*SPECIMENPAYEE*20260131*1200*1*X*005010X221A1~
ST*835*0001~
BPR*I*60*C*ACH*CCP*01*999999999*DA*1*1999999999**01*999999998*DA*2*20260131~
TRN*1*SPECIMEN1*1999999999~
N1*PR*NOVITAS SOLUTIONS~
N1*PE*SPECIMEN THERAPY*XX*1999999984~
LX*1~
CLP*CLAIM1*1*200*60**MB*PCN1*11*1~
MOA***MA01*MA130~
SVC*HC:97110:GP*100*60**1~
DTM*472*20260105~
CAS*CO*45*20~
CAS*PR*2*20~
SVC*HC:97530:GP*100*0**1~
DTM*472*20260105~
CAS*CO*16*100~
LQ*HE*N290~
SE*17*0001~
GE*1*1~
IEA*1*000000001~
""".replace("\n", "")


@pytest.fixture
def remittance(tmp_path: Path) -> Path:
    path = tmp_path / "remittance.835"
    path.write_text(REMITTANCE)
    return path


def denials_in(*arguments: str, exit_code: int = 0) -> list[dict[str, Any]]:
    result = RUNNER.invoke(APP, [*arguments, "--json"])
    assert result.exit_code == exit_code, result.output
    denials: list[dict[str, Any]] = json.loads(result.stdout)
    return denials


def test_each_denial_has_the_contract_s_shape(remittance: Path) -> None:
    (denial,) = denials_in(str(remittance))
    assert denial.keys() == {
        *("file", "patient_control_number", "line", "category", "cause", "action", "appealable"),
        *(
            "preventable",
            "denied_amount",
            "unpriced_amount",
            "expected_recovery_amount",
            "rule",
            "evidence",
            "explanation",
        ),
        *("guardrail", "confidence", "confidence_reason", "queue", "playbook", "reasoning", "proof"),
    }
    assert (denial["patient_control_number"], denial["line"]) == ("CLAIM1", 2)
    assert (denial["category"], denial["action"], denial["appealable"]) == (
        "credentialing_npi",
        "new_claim",
        "no",
    )
    assert (denial["denied_amount"], denial["expected_recovery_amount"]) == ("100.00", "80.00")
    assert denial["rule"].keys() == {"id", "version", "source"}


def test_evidence_is_found_again_in_the_file(remittance: Path) -> None:
    segments = [segment.split("*") for segment in REMITTANCE.split("~")]
    (denial,) = denials_in(str(remittance))
    assert len(denial["evidence"]) == 5
    for evidence in denial["evidence"]:
        segment = segments[evidence["segment_index"] - 1]
        assert segment[0] == evidence["segment"]
        if evidence["value"] != "100.00":
            assert segment[evidence["element"]] == evidence["value"]


def test_several_files_are_answered_in_one_list(remittance: Path, tmp_path: Path) -> None:
    second = tmp_path / "second.835"
    second.write_text(REMITTANCE)
    files = [denial["file"] for denial in denials_in(str(remittance), str(second))]
    assert files == [str(remittance), str(second)]


def test_people_read_one_denial_after_the_other(remittance: Path) -> None:
    shown = RUNNER.invoke(APP, [str(remittance)]).stdout
    assert "Line 2 (97530), $100.00" in shown
    assert "Mind: unprocessable claim" in shown
    assert "1 denial." in shown


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("no X12 at all", "there is nothing to classify"),
        (REMITTANCE[: REMITTANCE.index("SE*")], "was not classified"),
    ],
)
def test_what_could_not_be_read_is_said_and_ends_with_1(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "broken.835"
    path.write_text(content)
    result = RUNNER.invoke(APP, [str(path), "--json"])
    assert (result.exit_code, json.loads(result.stdout)) == (1, [])
    assert says in result.stderr


def test_a_missing_file_is_wrong_usage(tmp_path: Path) -> None:
    assert RUNNER.invoke(APP, [str(tmp_path / "none.835")]).exit_code == 2


def test_other_rules_give_other_answers(remittance: Path, tmp_path: Path) -> None:
    from shutil import copytree

    from overturn.paths import RULES

    folder = Path(copytree(RULES, tmp_path / "rules"))
    for table in (folder / "denials.csv", folder / "denial_tests.csv"):
        rows = table.read_text().splitlines()
        of_row = [row.startswith("co-16-n290,") for row in rows]
        changed = [
            r.replace(",credentialing_npi,", ",coding,") if it else r
            for r, it in zip(rows, of_row, strict=True)
        ]
        table.write_text("\n".join(changed))
    (mine,), (theirs,) = denials_in(str(remittance)), denials_in(str(remittance), "--rules", str(folder))
    assert (mine["category"], theirs["category"]) == ("credentialing_npi", "coding")
    assert mine["rule"]["version"] != theirs["rule"]["version"]


def test_the_reasoning_names_row_cells_places_and_the_runner_up(remittance: Path) -> None:
    (denial,) = denials_in(str(remittance))
    reasoning = denial["reasoning"]
    assert reasoning["matched"] == [
        {"column": "carc", "cell": "16", "fact": "16", "segment_index": 17, "segment": "CAS", "element": 2},
        {
            "column": "rarc",
            "cell": "N290",
            "fact": "N290",
            "segment_index": 18,
            "segment": "LQ",
            "element": 2,
        },
    ]
    assert reasoning["runner_up"]["id"] != denial["rule"]["id"]
    assert reasoning["sentence"].startswith("Row co-16-n290 decided: reason 16, remark N290. Row ")
    assert (denial["confidence"], denial["queue"]) == ("high", "credentialing")
    assert denial["playbook"][0] == "Correct what the remark names."


def test_an_unknown_code_goes_to_a_person_and_is_no_guess(tmp_path: Path) -> None:
    path = tmp_path / "unknown.835"
    path.write_text(
        REMITTANCE.replace("CAS*CO*16*100", "CAS*CO*999*100")
        .replace("LQ*HE*N290~", "")
        .replace("SE*17", "SE*16")
    )
    (denial,) = denials_in(str(path))
    assert (denial["confidence"], denial["queue"], denial["cause"]) == (
        "low",
        "needs_a_person",
        "unknown_code",
    )
    assert denial["reasoning"] == {
        "matched": [],
        "runner_up": None,
        "sentence": "No row of the table knows this code (unknown-carc).",
    }


def test_the_same_files_give_the_same_bytes_in_every_process(remittance: Path) -> None:
    def answer(seed: str) -> bytes:
        command = "from overturn.cli import main; main()"
        done = subprocess.run(
            [sys.executable, "-c", command, "classify", str(remittance), "--json"],
            capture_output=True,
            check=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
        )
        return done.stdout

    assert answer("1") == answer("2") != b""


CLAIM = """\
ISA*00*          *00*          *ZZ*SPECIMENPAYEE  *ZZ*SPECIMENPAYER  *260106*1200*^*00501*000000002*0*P*:~
GS*HC*SPECIMENPAYEE*SPECIMENPAYER*20260106*1200*2*X*005010X222A1~
ST*837*0001*005010X222A1~
BHT*0019*00*1*20260106*1200*CH~
NM1*41*2*SPECIMEN THERAPY*****46*SENDER~
NM1*40*2*CLEARINGHOUSE*****46*RECEIVER~
HL*1**20*1~
NM1*85*2*SPECIMEN THERAPY*****XX*1999999984~
HL*2*1*22*0~
SBR*P*18*******MB~
NM1*IL*1*SPECIMEN*ANN****MI*M0001~
NM1*PR*2*NOVITAS SOLUTIONS*****PI*12345~
CLM*CLAIM1*200***11:B:1*Y*A*Y*Y~
HI*ABK:M545~
NM1*82*1*SPECIMEN*TOVE****XX*1999999984~
PRV*PE*PXC*225200000X~
LX*1~
SV1*HC:97110:GP*100*UN*1***1~
DTP*472*D8*20260105~
LX*2~
SV1*HC:97530:GP*100*UN*1***1~
DTP*472*D8*20260105~
SE*21*0001~
GE*1*2~
IEA*1*000000002~
""".replace("\n", "")


def test_our_own_claims_among_the_files_prove_more(remittance: Path, tmp_path: Path) -> None:
    ours = tmp_path / "batch.837"
    ours.write_text(CLAIM)
    (alone,) = denials_in(str(remittance))
    assert (alone["cause"], alone["proof"]) == ("rendering_npi_invalid", None)
    (proved,) = denials_in(str(remittance), str(ours))
    assert (proved["cause"], proved["action"]) == ("assistant_rendering", "new_claim")
    assert proved["proof"]["stand"] == "confirmed"
    (place,) = proved["proof"]["places"]
    assert (place["document"], place["segment_index"], place["value"]) == ("837P", 16, "225200000X")


def test_claims_alone_hold_nothing_to_classify(tmp_path: Path) -> None:
    ours = tmp_path / "batch.837"
    ours.write_text(CLAIM)
    result = RUNNER.invoke(APP, [str(ours), "--json"])
    assert (result.exit_code, "nothing to classify" in result.output) == (1, True)


def test_the_partner_of_a_pair_on_another_claim_of_the_files_is_found_in_any_order(tmp_path: Path) -> None:
    paid = adjudicated_claim("P1", ("80.00", ["CO*45*20.00"]), icn="ICN7")
    group = [segment.replace("97110", "97150") for segment in paid]
    files = {
        "a.835": remittance_of(group, trace="T1"),
        "b.835": remittance_of(adjudicated_claim("P2", ("0.00", ["CO*236*100.00"])), trace="T2"),
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    names = [str(tmp_path / name) for name in files]
    (denial,) = denials_in(*names)
    assert (denial["patient_control_number"], denial["cause"]) == ("P2", "ncci_modifier_missing")
    assert [place["claim"] for place in denial["proof"]["places"]] == [None, "P1"]
    assert denials_in(*reversed(names)) == [denial]
    assert denials_in(names[1])[0]["cause"] == "ncci_pair"


def test_the_threshold_is_counted_from_the_answers_among_the_files_in_any_order(tmp_path: Path) -> None:
    """Medicare's answers of the year before the claim; what was taken back does not count."""

    def answer(number: str, day: str, *segments: str, paid: str = "0.00", status: str = "1") -> list[str]:
        claim = adjudicated_claim(number, (paid, segments), icn=f"ICN{number}", status=status)
        return [segment.replace("20260901", day) for segment in claim]

    def allowed(number: str, day: str, amount: str) -> list[str]:
        return [*answer(number, day, "CO*45*30.00", paid="70.00"), f"AMT*B6*{amount}"]

    def cause(*claims: list[str]) -> str:
        denied = [*answer("LAST", "20261105", "CO*16*100.00"), "LQ*HE*N823"]
        paths = []
        for place, claim in enumerate((*claims, denied)):
            paths.append(tmp_path / f"{place}.835")
            paths[-1].write_bytes(remittance_of(claim, trace=f"T{place}", paid_on=f"2026121{place}"))
        (denial,) = denials_in(*map(str, paths))
        assert denials_in(*map(str, reversed(paths))) == [denial]
        return str(denial["cause"])

    first, second = allowed("ONE", "20260301", "2000.00"), allowed("TWO", "20260601", "500.00")
    assert cause(first, second) == "missing_kx"
    assert cause(first) == "wrong_therapy_modifier"
    assert cause(first, allowed("OLD", "20251201", "500.00")) == "wrong_therapy_modifier"
    assert cause(first, allowed("LATE", "20261201", "500.00")) == "wrong_therapy_modifier"
    assert cause(first, second, reversal(second)) == "wrong_therapy_modifier"


def test_of_two_claims_sent_on_one_day_the_replacement_counts_in_any_order(
    remittance: Path, tmp_path: Path
) -> None:
    sent, replaced = tmp_path / "sent.837", tmp_path / "replaced.837"
    sent.write_text(CLAIM)
    replaced.write_text(CLAIM.replace("11:B:1", "11:B:7").replace("225200000X", "225100000X"))
    for files in ((sent, replaced), (replaced, sent)):
        (denial,) = denials_in(str(remittance), *map(str, files))
        assert denial["cause"] == "rendering_npi_invalid"
