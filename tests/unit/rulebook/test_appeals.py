"""The tables of appeals hold together with the letters on disk, and say what is wrong in them."""

import shutil
from pathlib import Path

import pytest

from overturn.domain.channel_names import APPEAL_CHANNELS
from overturn.letters import letters_on_disk
from overturn.paths import RULES
from overturn.rulebook import RulebookError, load_rulebook

RULEBOOK = load_rulebook()


def test_every_required_document_belongs_to_a_letter_on_disk() -> None:
    named = {row.letter for row in RULEBOOK.required_documents} - {None}
    assert named <= set(letters_on_disk())


def test_every_channel_has_limits() -> None:
    assert {channel for channel, payer in RULEBOOK.channel_limits if payer is None} == set(APPEAL_CHANNELS)


@pytest.mark.parametrize(
    ("table", "row", "problem"),
    [
        ("channel_limits.csv", "fax,nobody,1,1,1,x", "'nobody' is not in payers.csv"),
        ("channel_limits.csv", "fax,aetna,0,1,1,x", "0 lets nothing through"),
        ("channel_limits.csv", "pigeon,,1,1,1,x", "'pigeon' is none of"),
        ("required_documents.csv", "a,A,,,,nobody,t,s", "'nobody' is none of system"),
        ("required_documents.csv", "a,A,,,nothing,system,t,s", "'nothing' is none of"),
    ],
)
def test_a_broken_row_is_named(tmp_path: Path, table: str, row: str, problem: str) -> None:
    folder = shutil.copytree(RULES, tmp_path / "rules")
    with (folder / table).open("a", encoding="utf-8") as file:
        file.write(row + "\n")
    with pytest.raises(RulebookError, match=problem):
        load_rulebook(folder)


def test_a_channel_without_limits_is_named(tmp_path: Path) -> None:
    folder = shutil.copytree(RULES, tmp_path / "rules")
    path = folder / "channel_limits.csv"
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("fax")]
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(RulebookError, match="there is no row for fax"):
        load_rulebook(folder)
