"""One file of a package by typst: text goes in as JSON data, supplied documents as pictures of pages."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import typst

from overturn.domain.appeal_package import AppealPackage, Document, Form, Sheet
from overturn.letters.markdown import LetterError, parse
from overturn.letters.pdf import embedded_fonts
from overturn.letters.templates import BASE
from overturn.paths import APPEAL_TEMPLATES

CONFIDENTIAL: Final = (
    "These pages hold health information that is protected by law. If you are not the addressee, please call "
    "the sender and destroy them."
)


@dataclass(frozen=True, slots=True)
class Item:
    """A form or an exhibit, or for a document the pages from `start` to `end` of it."""

    heading: str
    number: str
    label: str
    content: Sheet | Document | Form
    start: int = 1
    end: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """One file: its items, the number of its first page, and of all pages (0: as many as it has)."""

    items: tuple[Item, ...]
    first: int
    total: int
    part: int
    parts: int
    with_letter: bool


def typeset(package: AppealPackage, part: Part) -> bytes:
    """The file, tagged, with a text for every picture of a page; PDF/UA-1 where nobody supplied a document.

    typst does not take pages of another PDF under PDF/UA. Raises LetterError for what cannot be typeset, as a
    character without a glyph.
    """
    documents = {
        _file_name(item): item.content.pdf for item in part.items if isinstance(item.content, Document)
    }
    with TemporaryDirectory(prefix="package-") as folder:  # readable by this user only
        for name, pdf in documents.items():
            (Path(folder) / name).write_bytes(pdf)
        try:
            (Path(folder) / "package.typ").write_bytes(_layout())
            return typst.compile(
                Path(folder) / "package.typ",
                root=Path(folder),
                format="pdf",
                font_paths=embedded_fonts(),
                sys_inputs={"package": json.dumps(_data(package, part))},
                pdf_standards=[] if documents else ["ua-1"],
                timestamp=datetime.combine(package.dated_on, time(), UTC),
            )
        except typst.TypstError as error:
            raise LetterError(f"The package cannot be made: {error.message}.") from error


@cache
def _layout() -> bytes:
    return b"".join((APPEAL_TEMPLATES / BASE / name).read_bytes() for name in ("blocks.typ", "package.typ"))


def _file_name(item: Item) -> str:
    return f"exhibit-{item.number}.pdf"


def _data(package: AppealPackage, part: Part) -> dict[str, Any]:
    title = package.title if part.parts == 1 else f"{package.title}, part {part.part} of {part.parts}"
    return {
        "title": title,
        "claim": package.claim,
        "first": part.first,
        "total": part.total,
        "cover": {
            "title": title,
            "sender": package.cover.sender,
            "recipient": package.cover.recipient,
            "subject": package.cover.subject,
            "notice": CONFIDENTIAL,
        },
        "letter": asdict(parse(package.letter)) if part.with_letter else None,
        "contents": list(_contents(part)),
        "items": [_item(item) for item in part.items],
    }


def _contents(part: Part) -> Iterator[dict[str, Any]]:
    if part.with_letter:
        yield {"number": "", "title": "Letter", "pages": "", "label": "letter"}
    for item in part.items:
        title = item.heading.split(": ", 1)[-1]
        pages = ""
        if isinstance(item.content, Document):
            pages = str(item.end - item.start + 1)
            if item.end - item.start + 1 < item.content.pages:
                title = f"{title} (its pages {item.start} to {item.end})"
        yield {"number": item.number, "title": title, "pages": pages, "label": item.label}


def _item(item: Item) -> dict[str, Any]:
    data: dict[str, Any] = {"heading": item.heading, "label": item.label}
    match item.content:
        case Sheet():
            return {**data, "kind": "sheet", "sheet": asdict(item.content)}
        case Form():
            return {**data, "kind": "form", "form": asdict(item.content)}
        case Document():
            return {
                **data,
                "kind": "pages",
                "file": _file_name(item),
                "start": item.start,
                "end": item.end,
                "of": item.content.pages,
            }
