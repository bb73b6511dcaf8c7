"""The tables of who pays and by when: payers, filing indicators, filing windows, safe margins."""

from pathlib import Path
from typing import Final

from overturn.domain.deadlines import (
    LEVELLED,
    NO_LEVEL,
    CountedFrom,
    DeadlineKind,
    FilingWindow,
    FilingWindows,
    Roll,
    SafeMargin,
    WindowUnit,
)
from overturn.domain.payers import FilingIndicator, Payer, PayerDirectory
from overturn.rulebook.cells import Row, check_unique, convert, read_rows

WINDOW_COLUMNS: Final = (
    *("id", "payer_key", "line_of_business", "state", "kind", "level", "level_name", "amount", "unit"),
    *("counted_from", "presumed_receipt_days", "roll", "note", "source", "confidence"),
    *("effective_from", "effective_to"),
)
KEY_OF_WINDOW: Final = ("payer_key", "line_of_business", "state", "kind", "level", "effective_from")
UNMEASURED: Final = frozenset({WindowUnit.ANY_TIME, WindowUnit.UNKNOWN})


def load_payers(directory: Path) -> PayerDirectory:
    """Payers in order of recognition, and what each filing indicator stands for."""
    columns = ("key", "name", "line_of_business", "state", "aliases", "identifiers")
    rows = read_rows(directory / "payers.csv", columns)
    check_unique(rows, "key")
    payers = convert(rows, _payer)
    keys = {payer.key for payer in payers}
    signs = read_rows(directory / "filing_indicators.csv", ("code", "line_of_business", "payer_key"))
    check_unique(signs, "code")
    indicators = convert(
        signs,
        lambda r: FilingIndicator(r.text("code"), r.text("line_of_business"), _payer_key(r, keys)),
    )
    return PayerDirectory(payers=payers, indicators={sign.code: sign for sign in indicators})


def load_filing_windows(directory: Path, version: str, payers: PayerDirectory) -> FilingWindows:
    """Filing windows and safe margins, each of a payer in the directory or of any."""
    keys = {payer.key for payer in payers.payers}
    rows = read_rows(directory / "filing_windows.csv", WINDOW_COLUMNS)
    check_unique(rows, "id")
    check_unique(rows, *KEY_OF_WINDOW)
    margins = read_rows(directory / "safe_margins.csv", ("kind", "payer_key", "business_days", "source"))
    check_unique(margins, "kind", "payer_key")
    return FilingWindows(
        version=version,
        windows=convert(rows, lambda row: _window(row, keys)),
        margins=convert(
            margins,
            lambda r: SafeMargin(
                r.choice("kind", DeadlineKind), _payer_key(r, keys), r.whole("business_days")
            ),
        ),
    )


def _payer(row: Row) -> Payer:
    return Payer(
        key=row.text("key"),
        name=row.text("name"),
        line_of_business=row.text("line_of_business"),
        state=row.optional("state"),
        aliases=_split(row.text("aliases")),
        identifiers=_split(row.optional("identifiers") or ""),
    )


def _split(cell: str) -> tuple[str, ...]:
    return tuple(filter(None, (part.strip() for part in cell.split("|"))))


def _payer_key(row: Row, keys: set[str]) -> str | None:
    return row.known("payer_key", keys, table="payers.csv") if row.optional("payer_key") else None


def _window(row: Row, keys: set[str]) -> FilingWindow:
    unit, kind = row.choice("unit", WindowUnit), row.choice("kind", DeadlineKind)
    start, end = row.period("effective_from", "effective_to")
    window = FilingWindow(
        id=row.text("id"),
        payer_key=_payer_key(row, keys),
        line_of_business=row.optional("line_of_business"),
        state=row.optional("state"),
        kind=kind,
        level=row.whole("level"),
        level_name=row.text("level_name"),
        amount=None if unit in UNMEASURED else row.whole("amount"),
        unit=unit,
        counted_from=row.choice("counted_from", CountedFrom),
        presumed_receipt_days=row.whole("presumed_receipt_days"),
        roll=row.choice("roll", Roll),
        note=row.text("note") if unit in UNMEASURED else row.optional("note") or "",
        source=row.text("source"),
        confidence=row.text("confidence"),
        effective_from=start,
        effective_to=end,
    )
    _check_window(row, window)
    return window


def _check_window(row: Row, window: FilingWindow) -> None:
    if (window.kind in LEVELLED) == (window.level == NO_LEVEL):
        raise row.fail("level", "appeals count from 1, everything else has level 0: correct the cell")
    if window.unit in UNMEASURED and row.optional("amount"):
        raise row.fail("amount", f"must be empty where the unit is {window.unit}")
    if window.payer_key is None and window.line_of_business is None:
        raise row.fail("payer_key", "a window for any payer must name its line of business: fill one in")
    if window.presumed_receipt_days and window.counted_from is not CountedFrom.RECEIPT:
        raise row.fail("presumed_receipt_days", "only counts where counted_from is received_on: write 0")
