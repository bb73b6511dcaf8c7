"""The table of authorities: what a letter may cite, by key."""

from pathlib import Path
from typing import Final

from overturn.domain.citations import Citation, Confidence
from overturn.domain.codes import PayerScope
from overturn.rulebook.cells import Row, check_unique, convert, read_rows

COLUMNS: Final = ("key", "text", "payer_scope", "source", "confidence", "effective_from", "effective_to")


def load_citations(directory: Path) -> dict[str, Citation]:
    """Citations by key."""
    rows = read_rows(directory / "citations.csv", COLUMNS)
    check_unique(rows, "key")
    return {citation.key: citation for citation in convert(rows, _citation)}


def _citation(row: Row) -> Citation:
    effective_from, effective_to = row.period("effective_from", "effective_to")
    return Citation(
        key=row.text("key"),
        text=row.text("text"),
        scope=row.optional_choice("payer_scope", PayerScope) or PayerScope.ANY,
        source=row.text("source"),
        confidence=row.choice("confidence", Confidence),
        effective_from=effective_from,
        effective_to=effective_to,
    )
