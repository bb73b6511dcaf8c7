"""The claims folder: whole files only, and none twice."""

from pathlib import Path

import pytest

from services.appeals.outgoing import ClaimsFolder

NAME = "corrected-700000001.837"


@pytest.fixture
def folder(tmp_path: Path) -> ClaimsFolder:
    return ClaimsFolder(tmp_path / "claims")


def test_what_lies_aside_is_not_there_to_be_fetched(folder: ClaimsFolder, tmp_path: Path) -> None:
    folder.lay_aside(NAME, b"ISA")
    assert not list((tmp_path / "claims").glob("corrected-*"))
    folder.let_go(NAME)
    assert (tmp_path / "claims" / NAME).read_bytes() == b"ISA"
    assert len(list((tmp_path / "claims").iterdir())) == 1


def test_what_was_half_written_is_written_anew(folder: ClaimsFolder, tmp_path: Path) -> None:
    folder.lay_aside(NAME, b"IS")
    folder.lay_aside(NAME, b"ISA*00")
    folder.let_go(NAME)
    assert (tmp_path / "claims" / NAME).read_bytes() == b"ISA*00"


def test_what_was_fetched_does_not_come_back(folder: ClaimsFolder, tmp_path: Path) -> None:
    folder.lay_aside(NAME, b"ISA")
    folder.let_go(NAME)
    (tmp_path / "claims" / NAME).unlink()
    folder.let_go(NAME)
    assert not list((tmp_path / "claims").iterdir())
