"""What leaves the house: preview, PDF and Word document, read back as text."""

import zipfile
from collections.abc import Iterator
from datetime import date
from io import BytesIO

import docx
import pytest
from docx.table import Table
from pypdf import PdfReader

from overturn.domain.appeals import LetterFacts
from overturn.letters import (
    Draft,
    LetterError,
    letters_on_disk,
    markdown,
    render_docx,
    render_html,
    render_pdf,
    render_pictures,
)
from tests.unit.letters.facts import FULL, LETTER_ON, MINIMAL, draft, full_facts

LETTERS = tuple(letters_on_disk())
LABEL_ROW = '<tr><th scope="row">k</th><td class="left">v</td></tr>'
HEADER = '<thead><tr><th class="right">h</th></tr></thead>'
BODY = '<tbody><tr><td class="right">c</td></tr></tbody>'
INJECTIONS = (
    "*x* **y** _z_",
    "#2 #let a = 1",
    "<script>alert(1)</script>",
    "{{7*7}} {% raw %}",
    "## heading",
    "| a | b |",
    "- item",
    "1. item",
    "[blank]",
    "\\ $x$ `y` @z",
    "&amp; <b>",
    "=cmd()",
    "---",
    '"] #panic() "',
)


def pdf_text(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)


def docx_text(file: bytes) -> str:
    return "\n".join(_docx_lines(file))


def _docx_lines(file: bytes) -> Iterator[str]:
    for part in docx.Document(BytesIO(file)).iter_inner_content():
        if isinstance(part, Table):
            yield from (cell.text for row in part.rows for cell in row.cells)
        else:
            yield part.text


def squeezed(text: str) -> str:
    """Without white space: a PDF breaks lines where they end."""
    return "".join(text.split())


def outputs(made: Draft) -> tuple[str, str]:
    pdf = render_pdf(made.markdown, title=made.title, dated_on=LETTER_ON)
    return squeezed(pdf_text(pdf)), squeezed(docx_text(render_docx(made.markdown, title=made.title)))


CLAIM_WORDS = {
    "medicare": (
        *("Harbor Lane Physical Therapy", "September 3, 2024", "P.O. Box 1000", "2024199000417"),
        *("Avery Quill", "97110 GP 59", "$1,164.50", "Sincerely", "Robin Vale"),
        "Remittance advice of August 1, 2024, trace number EFT0004417",
    ),
    "commercial": (
        *("Harbor Lane Physical Therapy", "April 2, 2025", "400 Canal Street", "EA250630012"),
        *("Sam Okonkwo", "97166 GO", "$212.00", "Sincerely", "Robin Vale"),
        "Remittance advice of March 20, 2025",
    ),
}


@pytest.mark.parametrize("case", CLAIM_WORDS)
@pytest.mark.parametrize("letter", LETTERS)
def test_pdf_and_docx_of_each_letter_hold_the_claim(letter: str, case: str) -> None:
    for text in outputs(draft(letter, full_facts(letter, case))):
        for words in CLAIM_WORDS[case]:
            assert squeezed(words) in text


@pytest.mark.parametrize("letter", LETTERS)
def test_pdf_and_docx_of_each_letter_show_what_is_missing(letter: str) -> None:
    made = draft(letter, MINIMAL)
    for text in outputs(made):
        assert all(squeezed(f"[{label}]") in text for label in made.missing_facts)


def injected(value: str) -> LetterFacts:
    return FULL.model_copy(
        update={"patient_name": value, "explanation": value, "payer_address": (value,), "evidence": (value,)}
    )


@pytest.mark.parametrize("value", INJECTIONS)
def test_a_value_that_looks_like_markup_comes_out_literally_in_pdf_and_docx(value: str) -> None:
    for text in outputs(draft("general", injected(value))):
        assert text.count(squeezed(value)) == 4


@pytest.mark.parametrize("value", INJECTIONS)
def test_a_value_that_looks_like_markup_comes_out_literally_in_the_preview(value: str) -> None:
    made = draft("general", injected(value))
    html = render_html(made.markdown)
    shown = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    assert html.count(shown) == 4
    assert html.count("<h2>") == render_html(draft("general", FULL).markdown).count("<h2>")
    assert made.missing_facts == ()


def test_a_newline_in_a_value_makes_no_new_line() -> None:
    made = draft("general", FULL.model_copy(update={"explanation": "one\n\n## two\r\nthree\u2028four"}))
    assert "one ## two three four" in made.markdown


def test_html_typed_by_a_user_is_shown_and_not_run() -> None:
    html = render_html('<img src="x" onerror="f()"> [x](javascript:f())\n\n<svg onload=f()>')
    assert html == (
        '<article class="letter"><p>&lt;img src=&quot;x&quot; onerror=&quot;f()&quot;&gt; '
        '<mark class="blank">[x]</mark>(javascript:f())</p>\n<p>&lt;svg onload=f()&gt;</p></article>\n'
    )


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**b** *i*\nl", "<p><strong>b</strong> <em>i</em><br>l</p>"),
        ("# P\n\n---\n", '<header class="letterhead"><h1>P</h1></header>'),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("- a\n  - b", "<ul><li><p>a</p>\n<ul><li>b</li></ul></li></ul>"),
        ("2. c", '<ol start="2"><li>c</li></ol>'),
        ("| | |\n|-|-|\n| k | v |", f'<table class="labels"><tbody>{LABEL_ROW}</tbody></table>'),
        ("| h |\n|--:|\n| c |", f"<table>{HEADER}{BODY}</table>"),
        ("[signature]", '<p class="signature">Signature</p>'),
        ("---", "<hr>"),
    ],
)
def test_the_preview_shows_each_kind_of_block(text: str, html: str) -> None:
    assert render_html(text) == f'<article class="letter">{html}</article>\n'


def test_the_same_letter_is_the_same_file_to_the_byte() -> None:
    text = draft("documentation", FULL).markdown
    assert render_pdf(text, title="T", dated_on=LETTER_ON) == render_pdf(text, title="T", dated_on=LETTER_ON)
    assert render_docx(text, title="T") == render_docx(text, title="T")


def test_the_pdf_carries_its_date_its_title_its_language_and_its_tags() -> None:
    file = render_pdf("text", title="Appeal", dated_on=date(2022, 5, 15))
    pdf = PdfReader(BytesIO(file))
    assert pdf.metadata is not None
    assert pdf.metadata.title == "Appeal"
    assert pdf.metadata.creation_date is not None
    assert pdf.metadata.creation_date.date() == date(2022, 5, 15)
    assert str(pdf.root_object["/Lang"]) == "en-US"
    assert "/StructTreeRoot" in pdf.root_object
    assert b"pdfuaid:part" in file
    assert b"pdfaid:conformance" in file


def test_the_pictures_are_the_pages_of_the_pdf() -> None:
    text = "a\n\n" * 120
    pictures = render_pictures(text, title="Appeal")
    assert len(pictures) == len(
        PdfReader(BytesIO(render_pdf(text, title="Appeal", dated_on=LETTER_ON))).pages
    )
    assert all(picture.startswith(b"\x89PNG") for picture in pictures)


def test_every_page_of_the_pdf_has_its_number() -> None:
    pages = PdfReader(BytesIO(render_pdf("a\n\n" * 120, title="Appeal", dated_on=LETTER_ON))).pages
    assert len(pages) > 2
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in page.extract_text()


@pytest.mark.parametrize("text", ["## first\n\n#### skipped", "#\n\n-\n\n*", "- # h\n\n- [signature]", ""])
def test_an_odd_shape_still_makes_a_pdf_and_a_docx(text: str) -> None:
    assert render_pdf(text, title="T", dated_on=LETTER_ON).startswith(b"%PDF")
    assert zipfile.is_zipfile(BytesIO(render_docx(text, title="T")))


def test_a_character_without_a_glyph_is_refused_by_name_instead_of_printed_as_a_box() -> None:
    with pytest.raises(LetterError, match=r"The PDF cannot be made: .*漢.*Change the text or use the DOCX"):
        render_pdf("Patient 漢", title="T", dated_on=LETTER_ON)
    assert "漢" in docx_text(render_docx("Patient 漢", title="T"))


def test_names_of_many_languages_can_be_printed() -> None:
    names = "Nguyễn Łukasz Ñandú Søren Жук Ελένη"
    assert squeezed(names) in squeezed(pdf_text(render_pdf(names, title="T", dated_on=LETTER_ON)))


def test_the_docx_carries_its_title_and_no_clock() -> None:
    properties = docx.Document(BytesIO(render_docx("text", title="Appeal"))).core_properties
    assert (properties.title, properties.author, properties.comments) == ("Appeal", "", "")
    assert properties.created == properties.modified
    assert properties.created is not None
    assert properties.created.year == 2000


def test_the_docx_footer_counts_pages_and_its_blanks_are_marked() -> None:
    document = docx.Document(BytesIO(render_docx("[member ID]", title="Appeal")))
    footer = document.sections[0].footer.paragraphs[0]._p.xml
    assert 'w:instr="PAGE"' in footer
    assert 'w:instr="NUMPAGES"' in footer
    assert document.paragraphs[0].runs[0].font.highlight_color is not None


def test_a_finished_letter_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markdown, "MAX_OUTPUT_BYTES", 1_000)
    with pytest.raises(LetterError, match=r"is [\d,]+ bytes and at most 1,000 are allowed"):
        render_pdf("text", title="T", dated_on=LETTER_ON)
    with pytest.raises(LetterError, match="at most 1,000 are allowed"):
        render_docx("text", title="T")
    with pytest.raises(LetterError, match="at most 1,000 are allowed"):
        render_html("text " * 300)
