"""What people upload, checked by its content and made into a PDF that can stand in a package."""

import io
import shlex
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import docx
import typst
from docx.table import Table
from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import DictionaryObject

from overturn.letters.pdf import embedded_fonts

MAX_BYTES: Final = 25_000_000
MAX_PAGES: Final = 500
MAX_PIXELS: Final = 60_000_000
MAX_UNPACKED_BYTES: Final = 100_000_000
SCAN_SECONDS: Final = 60

PNG, JPEG, ZIP, PDF = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"PK\x03\x04", b"%PDF-"
PDF_BEGINS_WITHIN: Final = 1024  # readers allow some bytes before it
LINK: Final = "/Link"
SETUP: Final = (
    '#set document(title: "Exhibit")\n#set text(lang: "en", size: 10.5pt)\n'
    '#set page(paper: "us-letter", margin: 0.5in)\n'
)


class UploadRefusedError(ValueError):
    """The file cannot stand in a package; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class NormalPdf:
    """A PDF without passwords, scripts, forms, comments or attachments."""

    content: bytes
    pages: int


def normalised(content: bytes) -> NormalPdf:
    """A PDF, picture or Word document as a plain PDF; told by its content, whatever its name says.

    Raises:
        UploadRefusedError: too large, of no such kind, locked, broken, or with parts that would be lost.
    """
    if not content:
        raise UploadRefusedError("The file is empty. Choose it again.")
    if len(content) > MAX_BYTES:
        raise UploadRefusedError(
            f"The file has {len(content) / 1e6:.0f} MB and at most {MAX_BYTES / 1e6:.0f} MB are taken. "
            "Scan it in black and white, or upload it in parts."
        )
    if PDF in content[:PDF_BEGINS_WITHIN]:
        return _from_pdf(content)
    if content.startswith((PNG, JPEG)):
        return _from_picture(content)
    if content.startswith(ZIP):
        return _from_word(content)
    raise UploadRefusedError(
        "This is neither a PDF nor a picture (PNG, JPEG) nor a Word document (.docx), whatever its name "
        "says. Save or print it as a PDF."
    )


def scan(content: bytes, command: str) -> None:
    """Hand the file to the virus scanner of the house, on its standard input; no command, no scan.

    Raises:
        UploadRefusedError: the scanner found something (it ended with 1) or could not scan.
    """
    if not command:
        return
    try:
        done = subprocess.run(
            shlex.split(command), input=content, capture_output=True, timeout=SCAN_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UploadRefusedError(
            "The virus scanner did not answer, so the file was not taken. Tell whoever runs this system."
        ) from error
    if done.returncode == 1:
        raise UploadRefusedError("The virus scanner found something in this file. It was not taken.")
    if done.returncode:
        raise UploadRefusedError(
            f"The virus scanner ended with {done.returncode}, so the file was not taken. "
            "Tell whoever runs this system."
        )


def _from_pdf(content: bytes) -> NormalPdf:
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise UploadRefusedError(
                "The PDF is locked with a password. Open it, print it to a new PDF, and upload that."
            )
        return _plain(reader)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OSError) as error:
        if isinstance(error, UploadRefusedError):
            raise
        raise UploadRefusedError(
            "The PDF is broken. Print it to a new PDF, or scan the paper again."
        ) from error


def _plain(reader: PdfReader) -> NormalPdf:
    pages = len(reader.pages)
    if not pages:
        raise UploadRefusedError("The PDF has no pages. Choose another file.")
    if pages > MAX_PAGES:
        raise UploadRefusedError(
            f"The PDF has {pages} pages and at most {MAX_PAGES} are taken. Upload it in parts."
        )
    writer = PdfWriter()
    for number, page in enumerate(reader.pages, start=1):
        if _has_layers(page):
            raise UploadRefusedError(
                f"Page {number} has form fields, stamps or comments, which would be lost. "
                "Print it to a new PDF, and upload that."
            )
        page.pop("/Annots", None)
        page.pop("/AA", None)
        writer.add_page(page)
    file = io.BytesIO()
    writer.write(file)
    return NormalPdf(file.getvalue(), pages)


def _has_layers(page: DictionaryObject) -> bool:
    """Whether something lies over the page that typst would leave out; links may go."""
    return any(entry.get_object().get("/Subtype") != LINK for entry in page.get("/Annots") or ())


def _from_picture(content: bytes) -> NormalPdf:
    name = "picture.png" if content.startswith(PNG) else "picture.jpg"
    if name.endswith("png") and _png_pixels(content) > MAX_PIXELS:
        raise UploadRefusedError("The picture has too many pixels. Scan it at 300 dots per inch.")
    source = SETUP + f'#align(center + horizon, image("{name}", width: 100%, height: 100%, fit: "contain"))'
    return NormalPdf(_typeset(source, {name: content}, "The picture is broken. Save or scan it again."), 1)


def _png_pixels(content: bytes) -> int:
    return int.from_bytes(content[16:20], "big") * int.from_bytes(content[20:24], "big")


def _from_word(content: bytes) -> NormalPdf:
    """Text and tables of a Word document; one with pictures is refused rather than sent without them."""
    broken = "The file is no Word document that can be read. Open it in Word and save it as a PDF."
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            if sum(part.file_size for part in parts.infolist()) > MAX_UNPACKED_BYTES:
                raise UploadRefusedError(broken)
            names = parts.namelist()
        document = docx.Document(io.BytesIO(content))
        blocks = [_word_block(block) for block in document.iter_inner_content()]
    except (zipfile.BadZipFile, ValueError, KeyError, OSError) as error:
        raise UploadRefusedError(broken) from error
    if any(name.startswith(("word/media/", "word/embeddings/")) for name in names):
        raise UploadRefusedError(
            "The Word document has pictures or embedded files, which would be lost. Save it as a PDF."
        )
    words = "\n\n".join(blocks)
    pdf = _typeset(SETUP + words, {}, "The Word document cannot be set as pages. Save it as a PDF.")
    return NormalPdf(pdf, len(PdfReader(io.BytesIO(pdf)).pages))


def _word_block(block: object) -> str:
    if isinstance(block, Table):
        cells = [f"[{_quoted(cell.text)}]" for row in block.rows for cell in row.cells]
        return f"#table(columns: {len(block.columns)}, {', '.join(cells)})"
    return _quoted(getattr(block, "text", ""))


def _quoted(text: str) -> str:
    """Text as a typst string, so that nothing in it acts as markup."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'#text("{escaped}")'


def _typeset(source: str, files: dict[str, bytes], problem: str) -> bytes:
    with TemporaryDirectory(prefix="upload-") as folder:
        for name, content in {**files, "main.typ": source.encode()}.items():
            (Path(folder) / name).write_bytes(content)
        try:
            return typst.compile(
                Path(folder) / "main.typ",
                root=Path(folder),
                format="pdf",
                font_paths=embedded_fonts(),
                timestamp=0,
            )
        except typst.TypstError as error:
            raise UploadRefusedError(problem) from error
