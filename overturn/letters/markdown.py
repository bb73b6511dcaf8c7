"""The Markdown of a letter as a small tree of blocks: what every renderer reads, and all that it can say.

The dialect: headings, paragraphs, **bold**, *italic*, lists, tables and `---`. A newline in the text is a
newline in the letter. `[like this]` is a blank to fill in, `[signature]` alone on its line is the line to
sign on. What stands above the first `---`, if it starts with a `# heading`, is the letterhead. A table with
an empty header row lists labels and values. There are no links, images, code or HTML: such text stays text.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final, Literal, TypeAlias

from markdown_it import MarkdownIt
from markdown_it.token import Token

# Ten times the longest letter. Word documents set the pace: python-docx slows with the square of the parts.
MAX_MARKDOWN_CHARACTERS: Final = 60_000
MAX_PARTS: Final = 2_000
MAX_OUTPUT_BYTES: Final = 1_000_000

TOKENS_PER_PART: Final = 3  # markdown-it opens, fills and closes each

SIGNATURE: Final = "[signature]"

Align: TypeAlias = Literal["left", "right"]


class LetterError(ValueError):
    """A letter that cannot be drafted or rendered, told to the person who writes it."""


@dataclass(frozen=True, slots=True)
class Run:
    """Text of one look. A newline within the paragraph is a run of its own, with the text "\\n"."""

    text: str
    bold: bool = False
    italic: bool = False
    blank: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    runs: tuple[Run, ...]
    kind: Literal["heading"] = "heading"


@dataclass(frozen=True, slots=True)
class Paragraph:
    runs: tuple[Run, ...]
    kind: Literal["paragraph"] = "paragraph"


@dataclass(frozen=True, slots=True)
class Rule:
    kind: Literal["rule"] = "rule"


@dataclass(frozen=True, slots=True)
class Signature:
    kind: Literal["signature"] = "signature"


Cell: TypeAlias = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """`header` is () for a table of labels and values."""

    header: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    aligns: tuple[Align, ...]
    kind: Literal["table"] = "table"


@dataclass(frozen=True, slots=True)
class ListBlock:
    ordered: bool
    start: int
    items: tuple[tuple["Block", ...], ...]
    kind: Literal["list"] = "list"


Block: TypeAlias = Heading | Paragraph | Rule | Signature | Table | ListBlock


@dataclass(frozen=True, slots=True)
class Letter:
    letterhead: tuple[Block, ...] = ()
    body: tuple[Block, ...] = ()


# XML (so DOCX) cannot hold these, and bidi controls would let an amount read backwards.
_UNPRINTABLE = re.compile(
    "[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]"
)
_BLANK = re.compile(r"\[([^\[\]]+)\]")


@lru_cache(maxsize=16)  # drafting, PDF and DOCX read the same text one after the other
def parse(markdown: str) -> Letter:
    """Read a letter; raises LetterError when it is too long to render."""
    if len(markdown) > MAX_MARKDOWN_CHARACTERS:
        raise LetterError(
            f"The letter has {len(markdown):,} characters and at most {MAX_MARKDOWN_CHARACTERS:,} "
            "can be rendered. Shorten it, and send long records as enclosures."
        )
    tokens = _parser().parse(_UNPRINTABLE.sub("\ufffd", markdown))
    if len(tokens) > MAX_PARTS * TOKENS_PER_PART:
        raise LetterError(
            f"The letter has more than {MAX_PARTS:,} paragraphs, list items and table cells. "
            "Shorten it, and send long lists as enclosures."
        )
    return _split_letterhead(_blocks(_Tokens(tokens)))


def blanks(markdown: str) -> tuple[str, ...]:
    """The facts still to be filled in, in the order of the text and each once; () means ready to send."""
    letter = parse(markdown)
    labels = (run.text.strip("[]") for run in _runs((*letter.letterhead, *letter.body)) if run.blank)
    return tuple(dict.fromkeys(labels))


def check_size(rendered: bytes) -> bytes:
    """Refuse what is too large to keep with the case or to send."""
    if len(rendered) > MAX_OUTPUT_BYTES:
        raise LetterError(
            f"The finished letter is {len(rendered):,} bytes and at most {MAX_OUTPUT_BYTES:,} are allowed. "
            "Shorten it."
        )
    return rendered


@cache
def _parser() -> MarkdownIt:
    # "zero" knows nothing but paragraphs: what is not named here cannot be written.
    rules = ["heading", "list", "hr", "table", "emphasis", "newline", "escape"]
    parser = MarkdownIt("zero").enable(rules)
    # Escaped characters must stay apart: `[x]` is a blank, the escaped `\[x\]` is text in brackets.
    return parser.disable("text_join")


class _Tokens:
    """The flat token list of markdown-it, read from front to back."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = iter(tokens)

    def __iter__(self) -> Iterator[Token]:
        return self._tokens

    def until(self, closing: str) -> Iterator[Token]:
        for token in self._tokens:
            if token.type == closing:
                return
            yield token

    def inline(self) -> Cell:
        """The runs of the next inline token, with the closing token after it taken too."""
        content = next(self._tokens)
        next(self._tokens)
        return _inline(content.children or [])


def _blocks(tokens: _Tokens, closing: str = "") -> tuple[Block, ...]:
    return tuple(_block(token, tokens) for token in tokens.until(closing))


def _block(token: Token, tokens: _Tokens) -> Block:
    match token.type:
        case "heading_open":
            runs = tokens.inline()
            # A PDF may not have an empty heading; a "#" alone is one while it is being typed.
            return Heading(int(token.tag[1:]), runs) if runs else Paragraph(())
        case "hr":
            return Rule()
        case "table_open":
            return _table(tokens)
        case "bullet_list_open" | "ordered_list_open":
            return _list(token, tokens)
    runs = tokens.inline()
    return Signature() if runs == (Run(SIGNATURE, blank=True),) else Paragraph(runs)


def _list(token: Token, tokens: _Tokens) -> ListBlock:
    closing = token.type.replace("_open", "_close")
    items = tuple(_blocks(tokens, "list_item_close") for _ in tokens.until(closing))
    return ListBlock(token.type.startswith("ordered"), int(token.attrs.get("start", 1)), items)


def _table(tokens: _Tokens) -> Table:
    rows: list[list[Cell]] = []
    aligns: list[Align] = []
    for token in tokens.until("table_close"):
        if token.type == "tr_open":
            rows.append([])
        elif token.type in {"th_open", "td_open"}:
            rows[-1].append(tokens.inline())
            if len(rows) == 1:
                aligns.append("right" if "right" in str(token.attrs.get("style")) else "left")
    header, *body = map(tuple, rows)
    return Table(header if any(header) else (), tuple(body), tuple(aligns))


def _inline(tokens: Iterable[Token]) -> Cell:
    runs: list[Run] = []
    look = {"strong": False, "em": False}
    for token in tokens:
        if token.type in {"softbreak", "hardbreak"}:
            runs.append(Run("\n"))
        elif token.nesting:
            look[token.tag] = token.nesting > 0
        else:
            runs.extend(_text(token, bold=look["strong"], italic=look["em"]))
    return tuple(_joined(runs))


def _text(token: Token, *, bold: bool, italic: bool) -> Iterator[Run]:
    pieces = [token.content] if token.type == "text_special" else _BLANK.split(token.content)
    for number, piece in enumerate(pieces):
        if number % 2:
            yield Run(f"[{piece}]", bold, italic, blank=True)
        elif piece:
            yield Run(piece, bold, italic)


def _joined(runs: Iterable[Run]) -> Iterator[Run]:
    """Neighbours of one look as one run; blanks and newlines stay alone."""
    waiting: Run | None = None
    for run in runs:
        if waiting and _alike(waiting, run):
            waiting = Run(waiting.text + run.text, run.bold, run.italic)
            continue
        if waiting:
            yield waiting
        waiting = run
    if waiting:
        yield waiting


def _alike(one: Run, other: Run) -> bool:
    apart = one.blank or other.blank or "\n" in (one.text, other.text)
    return not apart and (one.bold, one.italic) == (other.bold, other.italic)


def _split_letterhead(blocks: tuple[Block, ...]) -> Letter:
    if Rule() not in blocks or not isinstance(blocks[0], Heading):
        return Letter(body=blocks)
    end = blocks.index(Rule())
    return Letter(blocks[:end], blocks[end + 1 :])


def _runs(blocks: Iterable[Block]) -> Iterator[Run]:
    for block in blocks:
        match block:
            case Heading() | Paragraph():
                yield from block.runs
            case Table():
                yield from (run for row in (block.header, *block.rows) for cell in row for run in cell)
            case ListBlock():
                yield from (run for item in block.items for run in _runs(item))
            case Rule() | Signature():
                pass
