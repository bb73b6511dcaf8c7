"""What a screen reader finds in a letter: its title, language, reading order, headings, tables and lists."""

from collections import Counter
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, BooleanObject, DictionaryObject, NameObject

from overturn.letters import letters_on_disk, render_pdf
from tests.unit.letters.facts import CASES, LETTER_ON, draft, full_facts


def tagged(node: Any) -> Iterator[DictionaryObject]:
    """Every element of the structure tree below a node, in reading order."""
    node = node.get_object()
    kids = node.get("/K", []) if isinstance(node, DictionaryObject) else node
    for kid in kids if isinstance(kids, ArrayObject) else [kids]:
        found = kid.get_object()
        if isinstance(found, DictionaryObject) and "/S" in found:
            yield found
            yield from tagged(found)


def faults(pdf: PdfReader) -> list[str]:
    """What keeps a reader of the structure from following the file (after PDF/UA-1, ISO 14289-1)."""
    root: Any = pdf.root_object
    marks = root.get("/MarkInfo", DictionaryObject()).get_object()
    preferences = root.get("/ViewerPreferences", DictionaryObject()).get_object()
    metadata = root["/Metadata"].get_object().get_data() if "/Metadata" in root else b""
    checks = {
        "not marked as tagged": is_true(marks.get("/Marked")),
        "no language": bool(root.get("/Lang")),
        "no title": bool(pdf.metadata and pdf.metadata.title),
        "the window shows the file's name": is_true(preferences.get("/DisplayDocTitle")),
        "does not claim PDF/UA": b"<pdfuaid:part>1</pdfuaid:part>" in metadata,
        "no structure": "/StructTreeRoot" in root,
        "a page outside the structure": all("/StructParents" in page for page in pdf.pages),
        "a page whose tabs do not follow the structure": all(page.get("/Tabs") == "/S" for page in pdf.pages),
        "a font without its text": all(map(readable, fonts(pdf))),
    }
    return [fault for fault, fine in checks.items() if not fine] + structure_faults(root)


def is_true(value: object) -> bool:
    return isinstance(value, BooleanObject) and value.value


def structure_faults(root: DictionaryObject) -> list[str]:
    elements = list(tagged(root["/StructTreeRoot"])) if "/StructTreeRoot" in root else []
    kinds = Counter(str(one["/S"]) for one in elements)
    wanted = ("/H1", "/P", "/Table", "/TR", "/TH", "/TD", "/L", "/LI")
    missing = [f"no {kind} in the structure" for kind in wanted if not kinds[kind]]
    pictures = (one for one in elements if str(one["/S"]) == "/Figure")
    return missing + ["a picture without a text" for one in pictures if not one.get("/Alt")]


def fonts(pdf: PdfReader) -> Iterator[DictionaryObject]:
    for page in pdf.pages:
        resources: Any = page["/Resources"].get_object()
        for font in resources.get("/Font", DictionaryObject()).get_object().values():
            yield font.get_object()


def readable(font: DictionaryObject) -> bool:
    return "/ToUnicode" in font


def letter_pdf(letter: str, case: str) -> PdfReader:
    made = draft(letter, full_facts(letter, case))
    return PdfReader(BytesIO(render_pdf(made.markdown, title=made.title, dated_on=LETTER_ON)))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("letter", letters_on_disk())
def test_every_letter_can_be_read_by_its_structure(letter: str, case: str) -> None:
    assert faults(letter_pdf(letter, case)) == []


def test_the_headings_come_in_the_order_of_the_letter() -> None:
    made = draft("bundling", full_facts("bundling"))
    pdf = render_pdf(made.markdown, title=made.title, dated_on=LETTER_ON)
    kinds = [str(one["/S"]) for one in tagged(PdfReader(BytesIO(pdf)).root_object["/StructTreeRoot"])]
    headings = [line for line in made.markdown.splitlines() if line.startswith("#")]
    assert kinds.count("/H1") == len(headings)


def without(name: str) -> Callable[[DictionaryObject], None]:
    def spoil(root: DictionaryObject) -> None:
        del root[NameObject(name)]

    return spoil


def unmarked(root: DictionaryObject) -> None:
    root[NameObject("/MarkInfo")] = DictionaryObject({NameObject("/Marked"): BooleanObject(False)})


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (without("/Lang"), "no language"),
        (without("/StructTreeRoot"), "no structure"),
        (without("/ViewerPreferences"), "the window shows the file's name"),
        (without("/Metadata"), "does not claim PDF/UA"),
        (unmarked, "not marked as tagged"),
    ],
)
def test_a_file_that_lacks_something_is_noticed(
    spoil: Callable[[DictionaryObject], None], fault: str
) -> None:
    writer = PdfWriter(clone_from=letter_pdf("general", "medicare"))
    spoil(writer.root_object)
    file = BytesIO()
    writer.write(file)
    assert fault in faults(PdfReader(file))
