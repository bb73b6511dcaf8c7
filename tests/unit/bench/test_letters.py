"""The letters benchmark compares like with like: the same words, bare and ours."""

import json
from io import BytesIO

from pypdf import PdfReader
from typer.testing import CliRunner

from overturn.bench import letters
from overturn.cli import app
from overturn.letters import draft_letter
from overturn.paths import RULES
from overturn.rulebook.citations import load_citations

CITATIONS = load_citations(RULES)


def words(pdf: bytes) -> str:
    return "".join("".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf)).pages)


def test_the_bare_page_says_what_our_letter_says() -> None:
    facts = letters._facts(7)
    bare = words(letters._typeset(letters._bare(_markdown(7))))
    ours = words(letters._letter(facts, CITATIONS))
    for part in ("SpecimenPatient7", "97110GP", "$240.00", "Gaitwasunsafeonstairs", "Springfield,OH45501"):
        assert part in bare
        assert part in ours


def _markdown(number: int) -> str:
    return draft_letter("medical_necessity", letters._facts(number), citations=CITATIONS).markdown


def test_the_sample_package_has_220_pages_of_exhibits() -> None:
    package = letters._sample_package(1, CITATIONS)
    assert sum(getattr(exhibit, "pages", 0) for exhibit in package.exhibits) == 220


def test_the_command_prints_both_figures() -> None:
    answer = CliRunner().invoke(app, ["bench", "letters", "--runs", "1", "--json"])
    assert answer.exit_code == 0
    found = json.loads(answer.stdout)
    assert [figure["unit"] for figure in found] == ["CPU milliseconds"] * 2
    assert all(figure["ours"] > 0 and figure["baseline"] > 0 for figure in found)
