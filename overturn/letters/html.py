"""A letter as a fragment of HTML for the preview; how it looks is the page's stylesheet's matter."""

from collections.abc import Iterable
from html import escape

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


def render_html(markdown: str) -> str:
    """`<article class="letter">` with every text escaped; blanks are `<mark class="blank">`."""
    letter = parse(markdown)
    header = f'<header class="letterhead">{_blocks(letter.letterhead)}</header>' if letter.letterhead else ""
    html = f'<article class="letter">{header}{_blocks(letter.body)}</article>\n'
    check_size(html.encode())
    return html


def _blocks(blocks: Iterable[Block]) -> str:
    return "\n".join(map(_block, blocks))


def _block(block: Block) -> str:
    match block:
        case Heading():
            return f"<h{block.level}>{_runs(block.runs)}</h{block.level}>"
        case Paragraph():
            return f"<p>{_runs(block.runs)}</p>"
        case Rule():
            return "<hr>"
        case Signature():
            return '<p class="signature">Signature</p>'
        case ListBlock():
            return _list(block)
        case Table():
            return _table(block) if block.header else _labels(block)


def _list(block: ListBlock) -> str:
    items = "".join(f"<li>{_item(item)}</li>" for item in block.items)
    return f'<ol start="{block.start}">{items}</ol>' if block.ordered else f"<ul>{items}</ul>"


def _item(blocks: tuple[Block, ...]) -> str:
    """A single paragraph stands in its item without paragraph spacing."""
    match blocks:
        case (Paragraph(runs),):
            return _runs(runs)
    return _blocks(blocks)


def _labels(table: Table) -> str:
    rows = "".join(
        f'<tr><th scope="row">{_runs(row[0])}</th>{_cells("td", row[1:], table.aligns[1:])}</tr>'
        for row in table.rows
    )
    return f'<table class="labels"><tbody>{rows}</tbody></table>'


def _table(table: Table) -> str:
    header = _cells("th", table.header, table.aligns)
    rows = "".join(f"<tr>{_cells('td', row, table.aligns)}</tr>" for row in table.rows)
    return f"<table><thead><tr>{header}</tr></thead><tbody>{rows}</tbody></table>"


def _cells(tag: str, cells: Iterable[Cell], aligns: Iterable[str]) -> str:
    pairs = zip(cells, aligns, strict=True)
    return "".join(f'<{tag} class="{align}">{_runs(cell)}</{tag}>' for cell, align in pairs)


def _runs(runs: Iterable[Run]) -> str:
    return "".join(map(_run, runs))


def _run(run: Run) -> str:
    if run.text == "\n":
        return "<br>"
    text = escape(run.text)
    if run.blank:
        text = f'<mark class="blank">{text}</mark>'
    if run.italic:
        text = f"<em>{text}</em>"
    return f"<strong>{text}</strong>" if run.bold else text
