"""Generated parts of a package: pages to enclose, a sheet, a cover."""

import struct
import zlib
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import typst
from pypdf import PdfReader

from overturn.domain.appeal_package import AppealPackage, Cover, Document, SegmentLine, Sheet
from tests.unit.letters.facts import FULL, draft

SHEET = Sheet(
    title="Remittance advice of August 1, 2024",
    facts=(("Payer", "Example Medicare Contractor"), ("Trace number", "EFT0004417")),
    header=("Line", "Service", "Charge", "Paid", "Adjustments"),
    rows=(
        ("1", "97110 GP", "$120.00", "$0.00", "CO-50 120.00"),
        ("2", "97140 GP", "$65.00", "$20.50", "CO-45 44.50"),
    ),
    marked=(0,),
    note="Shaded: the denied lines.",
    segments=(SegmentLine(15, "SVC*HC:97110:GP*120*0**2"), SegmentLine(16, "CAS*CO*50*120", marked=True)),
)
COVER = Cover(
    sender=("Harbor Lane Physical Therapy", "12 Harbor Lane"),
    recipient=("Appeals Department", "P.O. Box 1000"),
    subject=(("Patient", "Avery Quill"), ("Claim", "2024199000417")),
)


@cache
def pdf(name: str, pages: int) -> bytes:
    """A document whose every page says its name and number."""
    text = "\n#pagebreak()\n".join(f"{name} sheet {number}" for number in range(1, pages + 1))
    return typst.compile(text.encode(), format="pdf")


def document(name: str = "Notes", pages: int = 1) -> Document:
    return Document(name, pdf(name, pages), pages)


def package(*exhibits: Sheet | Document) -> AppealPackage:
    return AppealPackage(
        claim="2024199000417",
        title="Appeal of a medical necessity denial",
        dated_on=date(2024, 9, 3),
        cover=COVER,
        letter=draft("medical_necessity", FULL).markdown,
        exhibits=exhibits,
    )


def texts(file: bytes) -> list[str]:
    """The text of each page."""
    return [page.extract_text() for page in PdfReader(BytesIO(file)).pages]


def picture(width: int, height: int, *, seed: int = 1) -> bytes:
    """A PNG of grey noise, which no compression makes smaller."""
    pixels = Random(seed).randbytes(width * height)  # noqa: S311 - noise, not a secret
    rows = b"".join(b"\0" + pixels[row * width : (row + 1) * width] for row in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def scan(size: int) -> Document:
    """One page of about so many bytes."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "noise.png").write_bytes(picture(1_000, size // 1_000))
        (Path(folder) / "main.typ").write_text('#image("noise.png")', encoding="utf-8")
        content = typst.compile(Path(folder) / "main.typ", root=Path(folder), format="pdf")
    return Document("Scan", content, 1)
