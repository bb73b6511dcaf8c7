"""Letters to payers: facts and a committed template in; edited Markdown, HTML preview, PDF and DOCX out."""

from overturn.letters.docx import render_docx
from overturn.letters.html import render_html
from overturn.letters.markdown import LetterError, blanks
from overturn.letters.pdf import render_pdf, render_pictures
from overturn.letters.templates import Draft, Ground, draft_letter, letters_on_disk

__all__ = [
    "Draft",
    "Ground",
    "LetterError",
    "blanks",
    "draft_letter",
    "letters_on_disk",
    "render_docx",
    "render_html",
    "render_pdf",
    "render_pictures",
]
