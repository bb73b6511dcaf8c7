"""The grammar of cells: what people write, what fits, and what is refused with a way out."""

from decimal import Decimal

import pytest

from overturn.domain.rule_cells import NAMES, AnyOf, CodeCell, FigureCell, NoneOf


@pytest.mark.parametrize(
    ("cell", "fits", "fits_not"),
    [
        ("", ["16", "", None], []),
        ("16", ["16"], ["1", "160", None]),
        ("16 96", ["16", "96"], ["97"]),
        ("16, 96,A1", ["16", "96", "A1"], ["97"]),
        ("97*", ["97161", "97"], ["9716", "99213"][1:]),
        ("*", ["16", "anything"], ["", None]),
        ("97161..97168", ["97161", "97165", "97168"], ["97169", "9716", None]),
        ("250..252 A1 N2*", ["251", "A1", "N290"], ["253", "A2", "25"]),
        ("not PR", ["CO", "OA"], ["PR", None, ""]),
        ("not 97* 99213", ["99214"], ["97110", "99213"]),
    ],
)
def test_a_code_cell_holds_what_it_says(
    cell: str, fits: list[str | None], fits_not: list[str | None]
) -> None:
    parsed = CodeCell.parse(cell)
    assert [code for code in fits if not parsed.holds(code)] == []
    assert [code for code in fits_not if parsed.holds(code)] == []


def test_names_that_hold_spaces_are_parted_by_bars() -> None:
    cell = CodeCell.parse("Medicare FFS | Workers compensation", parted_by=NAMES)
    assert cell.codes == {"Medicare FFS", "Workers compensation"}
    assert CodeCell.parse("not Medicare FFS", parted_by=NAMES).holds("Commercial")


@pytest.mark.parametrize(
    "text", ["97168..97161", "97161..9716", "a..b..c", "..97168", "not", "16 not 17", "9*7", "97..99*"]
)
def test_a_code_cell_that_cannot_be_meant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a range|cannot be read|not what"):
        CodeCell.parse(text)


@pytest.mark.parametrize(
    ("cell", "fits", "fits_not"),
    [
        ("", ["0", "-1"], []),
        (">=100.00", ["100", "100.01"], ["99.99"]),
        ("> 100", ["100.01"], ["100.00"]),
        ("<=30", ["30", "-5"], ["31"]),
        ("<30", ["29"], ["30"]),
        ("0..30", ["0", "30"], ["-1", "31"]),
        ("45", ["45.00"], ["45.01"]),
    ],
)
def test_a_figure_cell_holds_what_it_says(cell: str, fits: list[str], fits_not: list[str]) -> None:
    parsed = FigureCell.parse(cell)
    assert [figure for figure in fits if not parsed.holds(Decimal(figure))] == []
    assert [figure for figure in fits_not if parsed.holds(Decimal(figure))] == []
    assert parsed.holds(None) is (cell == "")


@pytest.mark.parametrize("text", ["much", ">=", "30..0", "1..2..3", "=>5", "0..", "10 20"])
def test_a_figure_cell_that_cannot_be_meant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no figure|runs backwards"):
        FigureCell.parse(text)


def test_modifiers_are_asked_for_or_asked_away() -> None:
    cell = CodeCell.parse("GP GO")
    assert AnyOf(cell).holds(frozenset({"GP", "KX"}))
    assert not AnyOf(cell).holds(frozenset())
    assert NoneOf(cell).holds(frozenset({"KX"}))
    assert not NoneOf(cell).holds(frozenset({"GO"}))


def test_cells_that_mean_the_same_are_equal_however_they_are_written() -> None:
    assert CodeCell.parse("16 96") == CodeCell.parse("96,16")
    assert FigureCell.parse(">=5") == FigureCell.parse(">= 5")
