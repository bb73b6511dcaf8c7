"""`overturn correct`: the file it writes, and what it says when it writes none."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from overturn.cli import app
from overturn.domain.submission import SubmittedClaim
from overturn.x12 import read_file
from tests.x12_files import NPI, submission

ARGUMENTS = ("--claim", "PCN1", "--payer-claim-control-number", "ICN9", "--control-number", "42")


@pytest.fixture
def sent(tmp_path: Path) -> Path:
    path = tmp_path / "sent.837"
    path.write_bytes(submission("PCN1", "PCN2"))
    return path


def correct(sent: Path, *options: str, arguments: tuple[str, ...] = ARGUMENTS) -> Result:
    out = sent.parent / "again.837"
    return CliRunner().invoke(app, ["correct", str(sent), *arguments, "--out", str(out), *options])


def written(sent: Path) -> SubmittedClaim:
    file = read_file((sent.parent / "again.837").read_bytes())
    assert not file.all_findings
    content = file.transactions[0].content
    assert isinstance(content, list)
    (claim,) = content
    assert isinstance(claim, SubmittedClaim)
    return claim


def test_a_replacement_carries_the_payers_number_and_the_corrections(sent: Path) -> None:
    options = (
        "--modifier",
        "1:KX",
        "--modifier",
        "1:59",
        "--remove-modifier",
        "1:GP",
        "--authorization",
        "A1",
    )
    result = correct(sent, *options)

    assert result.exit_code == 0, result.output
    assert "The replacement of claim PCN1 (frequency 7) is written to" in result.stdout
    claim = written(sent)
    assert (claim.frequency_code, claim.payer_claim_control_number) == ("7", "ICN9")
    assert (claim.lines[0].modifiers, claim.prior_authorization) == (("KX", "59"), "A1")
    text = (sent.parent / "again.837").read_text(encoding="utf-8")
    assert text[35:83].split("*")[0].strip() == "SENDER"
    assert "*000000042*0*P*:~" in text


def test_a_void_is_the_claim_as_it_was(sent: Path) -> None:
    result = correct(sent, "--void")
    assert result.exit_code == 0, result.output
    assert "The void of claim PCN1" in result.stdout
    assert (written(sent).frequency_code, written(sent).lines[0].modifiers) == ("8", ("GP",))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--modifier", "7:KX"), "Claim PCN1 has no line 7"),
        (("--void", "--modifier", "1:KX"), "leave the corrections out"),
        (("--rendering-npi", NPI), "give the new one's name"),
    ],
)
def test_what_cannot_be_corrected_is_said_and_nothing_written(
    sent: Path, options: tuple[str, ...], words: str
) -> None:
    result = correct(sent, *options)
    assert result.exit_code == 1
    assert words in result.stderr
    assert not (sent.parent / "again.837").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--claim", "PCN3"), "holds no claim PCN3, of 2 in all"),
        (("--modifier", "KX"), "not a line and a modifier such as 2:KX"),
        (("--control-number", "0"), "--control-number"),
        (("--out", "sent.837"), "already there"),
        (("--out", "none/there.837"), "cannot be written"),
    ],
)
def test_a_usage_error_names_its_option(
    sent: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], words: str
) -> None:
    monkeypatch.chdir(sent.parent)
    result = correct(sent, *options)
    assert result.exit_code == 2
    assert words in " ".join(result.stderr.replace("│", " ").split())


def test_a_claim_that_stands_twice_in_the_file_is_not_guessed(sent: Path) -> None:
    sent.write_bytes(submission("PCN1", "PCN1"))
    assert "holds 2 claims PCN1" in " ".join(correct(sent).stderr.split())
