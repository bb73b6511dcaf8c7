"""A letter as a PDF that is accessible (PDF/UA-1), archival (PDF/A-2a) and the same to the byte each time."""

import json
from dataclasses import asdict
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

import typst

from overturn.letters.markdown import LetterError, check_size, parse
from overturn.letters.templates import BASE
from overturn.paths import APPEAL_TEMPLATES


def render_pdf(markdown: str, *, title: str, dated_on: date, templates_dir: Path = APPEAL_TEMPLATES) -> bytes:
    """Typeset the letter with `letter.typ`. The text goes in as JSON data, so typst never reads it as markup.

    `dated_on` is stamped into the file as its creation date (midnight UTC). Raises LetterError for a
    character that the embedded fonts do not have, as a PDF must not show an empty box instead.
    """
    # Midnight of a given date: the clock would make every rendering a different file.
    stamp = datetime.combine(dated_on, time(), UTC)
    options = {"format": "pdf", "pdf_standards": ["ua-1", "a-2a"], "timestamp": stamp}
    return check_size(_compile(markdown, title, templates_dir, options))


def render_pictures(markdown: str, *, title: str, templates_dir: Path = APPEAL_TEMPLATES) -> list[bytes]:
    """The pages as PNG, 100 pixels to the inch, as the PDF shows them. Raises LetterError as `render_pdf`."""
    pages = _compile(markdown, title, templates_dir, {"format": "png", "ppi": 100})
    return pages if isinstance(pages, list) else [pages]


def _compile(markdown: str, title: str, templates_dir: Path, options: dict[str, Any]) -> Any:
    letter = {"title": title, **asdict(parse(markdown))}
    try:
        return typst.compile(
            _layout(templates_dir),
            font_paths=embedded_fonts(),
            sys_inputs={"letter": json.dumps(letter)},
            **options,
        )
    except typst.TypstError as error:
        raise LetterError(
            f"The PDF cannot be made: {error.message}. Change the text or use the DOCX."
        ) from error


@cache
def _layout(templates_dir: Path) -> bytes:
    return b"".join((templates_dir / BASE / name).read_bytes() for name in ("blocks.typ", "letter.typ"))


@cache
def embedded_fonts() -> typst.Fonts:
    """The fonts inside typst only: the machine's own would make the file depend on the machine."""
    return typst.Fonts(include_system_fonts=False)
