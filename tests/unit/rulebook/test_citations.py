"""The table of authorities, and what is wrong with a broken one."""

import shutil
from pathlib import Path

import pytest

from overturn.domain.citations import Confidence
from overturn.domain.codes import PayerScope
from overturn.paths import RULES
from overturn.rulebook import RulebookError, load_rulebook
from overturn.rulebook.citations import load_citations


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(RULES, tmp_path / "rules")


def append(folder: Path, row: str) -> None:
    with (folder / "citations.csv").open("a", encoding="utf-8") as table:
        table.write(row + "\n")


def test_the_rulebook_holds_the_citations() -> None:
    found = load_rulebook().citations["clerical_error"]
    assert (found.scope, found.confidence) == (PayerScope.MEDICARE, Confidence.HIGH)
    assert "405.980(a)(3)" in found.text


def test_every_citation_says_where_it_was_read() -> None:
    assert all(citation.source and citation.text for citation in load_citations(RULES).values())


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("pt_conditions,text,MEDICARE,source,high,,", "pt_conditions stands in row"),
        ("new,text,MEDICARE,source,certain,,", "'certain' is none of high, medium, unverified"),
        ("new,text,MEDICARE,,high,,", "column source: is empty"),
        ("new,text,MEDICARE,source,high,2024-02-01,2024-01-01", "lies before"),
    ],
)
def test_a_broken_row_is_named(folder: Path, row: str, problem: str) -> None:
    append(folder, row)
    with pytest.raises(RulebookError, match=problem):
        load_citations(folder)
