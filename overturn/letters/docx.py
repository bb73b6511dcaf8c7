"""A letter as a Word document, from the same blocks as the preview and the PDF."""

import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime
from io import BytesIO
from typing import Final

import docx
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_COLOR_INDEX, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Inches, Pt, RGBColor
from docx.table import _Cell
from docx.text.paragraph import Paragraph as DocxParagraph

from overturn.letters.markdown import (
    Block,
    Cell,
    Heading,
    ListBlock,
    Paragraph,
    Rule,
    Run,
    Signature,
    Table,
    check_size,
    parse,
)

FONT: Final = "Times New Roman"
BLACK: Final = RGBColor(0, 0, 0)
HEADING_POINTS: Final = {1: 16, 2: 12}
LINE_TO_SIGN: Final = "_" * 40
# The letter carries its own date; a clock here would make every rendering a different file.
FIXED_AT: Final = datetime(2000, 1, 1, tzinfo=UTC)


def render_docx(markdown: str, *, title: str) -> bytes:
    """The letter as an editable document, the same to the byte for the same text and title."""
    letter = parse(markdown)
    document = docx.Document()
    _set_up(document, title)
    for block in letter.letterhead:
        _add(document, block)
    if letter.letterhead:
        _add(document, Rule())
    for block in letter.body:
        _add(document, block)
    file = BytesIO()
    document.save(file)
    return check_size(_with_fixed_times(file))


def _set_up(document: Document, title: str) -> None:
    properties = document.core_properties
    properties.title, properties.author, properties.comments = title[:255], "", ""  # 255: its own limit
    properties.language = "en-US"
    properties.created = properties.modified = FIXED_AT
    section = document.sections[0]
    section.page_width, section.page_height = Inches(8.5), Inches(11)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Inches(1)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = FONT, Pt(11)
    normal.paragraph_format.space_after = Pt(6)
    _footer(section.footer.paragraphs[0], title)


def _footer(paragraph: DocxParagraph, title: str) -> None:
    paragraph.paragraph_format.tab_stops.add_tab_stop(Inches(6.5), WD_TAB_ALIGNMENT.RIGHT)
    paragraph.add_run(f"{title}\tPage ").font.size = Pt(9)
    _field(paragraph, "PAGE")
    paragraph.add_run(" of ").font.size = Pt(9)
    _field(paragraph, "NUMPAGES")


def _field(paragraph: DocxParagraph, name: str) -> None:
    """A number that Word fills in: python-docx has no call for it."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), name)
    run = paragraph.add_run("1")
    run.font.size = Pt(9)
    field.append(run._r)  # noqa: SLF001 - moves the run into the field
    paragraph._p.append(field)  # noqa: SLF001


def _add(document: Document, block: Block) -> None:
    match block:
        case Heading():
            _heading(document, block)
        case Paragraph():
            _write(document.add_paragraph(), block.runs)
        case Rule():
            _line_below(document.add_paragraph())
        case Signature():
            signature = document.add_paragraph(LINE_TO_SIGN)
            signature.paragraph_format.space_before = Pt(30)
            signature.paragraph_format.keep_with_next = True
        case Table():
            _table(document, block)
        case ListBlock():
            _list(document, block, depth=1)


def _heading(document: Document, heading: Heading) -> None:
    paragraph = document.add_heading(level=heading.level)
    _write(paragraph, heading.runs)
    paragraph.paragraph_format.space_before = Pt(10)
    for run in paragraph.runs:
        run.font.name, run.font.color.rgb = FONT, BLACK
        run.font.size = Pt(HEADING_POINTS.get(heading.level, 11))


def _list(document: Document, block: ListBlock, *, depth: int) -> None:
    """Items carry their number or dash as text: Word would go on counting from the list before."""
    for number, item in enumerate(block.items, start=block.start):
        mark = f"{number}." if block.ordered else "\u2022"
        for position, part in enumerate(item):
            _list_part(document, part, mark=mark if position == 0 else "", depth=depth)


def _list_part(document: Document, part: Block, *, mark: str, depth: int) -> None:
    if isinstance(part, ListBlock):
        _list(document, part, depth=depth + 1)
        return
    if not isinstance(part, Paragraph):
        _add(document, part)
        return
    paragraph = document.add_paragraph()
    layout = paragraph.paragraph_format
    layout.left_indent, layout.first_line_indent = Inches(0.3 * depth), Inches(-0.3)
    layout.space_after = Pt(3)
    _write(paragraph, (Run(f"{mark}\t"), *part.runs))


def _table(document: Document, block: Table) -> None:
    rows = (block.header, *block.rows) if block.header else block.rows
    if not rows:
        return
    table = document.add_table(rows=len(rows), cols=len(block.aligns))
    if block.header:
        table.style = "Table Grid"
        _repeat_header(table.rows[0]._tr)  # noqa: SLF001
    for row, cells in zip(table.rows, rows, strict=True):
        for position, (cell, runs) in enumerate(zip(row.cells, cells, strict=True)):
            bold = bool(block.header) and cells is block.header
            _fill(cell, runs, right=block.aligns[position] == "right", bold=bold)
    if not block.header:
        _narrow_first_column(table.columns[0].cells)
    document.add_paragraph().paragraph_format.space_after = Pt(0)


def _fill(cell: _Cell, runs: Cell, *, right: bool, bold: bool) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(1)
    if right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    _write(paragraph, runs, bold=bold, points=10)


def _narrow_first_column(cells: Iterable[_Cell]) -> None:
    for cell in cells:
        cell.width = Inches(1.9)


def _repeat_header(row: object) -> None:
    row.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # type: ignore[attr-defined]


def _line_below(paragraph: DocxParagraph) -> None:
    line = OxmlElement("w:bottom")
    for name, value in {"val": "single", "sz": "6", "space": "1", "color": "444444"}.items():
        line.set(qn(f"w:{name}"), value)
    borders = OxmlElement("w:pBdr")
    borders.append(line)
    paragraph._p.get_or_add_pPr().append(borders)  # noqa: SLF001
    paragraph.paragraph_format.space_after = Pt(10)


def _write(
    paragraph: DocxParagraph, runs: Iterable[Run], *, bold: bool = False, points: int | None = None
) -> None:
    for run in runs:
        written = paragraph.add_run(run.text)
        written.bold, written.italic = run.bold or bold, run.italic
        if points:
            written.font.size = Pt(points)
        if run.blank:
            written.font.highlight_color = WD_COLOR_INDEX.YELLOW


def _with_fixed_times(file: BytesIO) -> bytes:
    """The same archive without the time of day that zip writes beside each part."""
    fixed = BytesIO()
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            part = zipfile.ZipInfo(name, date_time=FIXED_AT.timetuple()[:6])
            part.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(part, source.read(name))
    return fixed.getvalue()
