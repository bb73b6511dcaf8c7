"""What tables are at hand, bundled and imported, each with its time and whether that is over."""

from datetime import date
from pathlib import Path
from typing import Any

from overturn.domain.edit_pairs import TableSource
from overturn.reference.bundled import bundled_row_counts
from overturn.reference.bundled_fees import bundled_localities, bundled_releases
from overturn.reference.store import ReferenceFolder, StoredTable


def all_tables(folder: Path, today: date) -> list[dict[str, Any]]:
    """Bundled tables, then imported ones, as plain JSON values."""
    bundled = [
        *(_entry(kind, source, rows, today) for kind, source, rows in bundled_row_counts()),
        *_bundled_fees(today),
    ]
    imported = [_imported(table, today) for table in ReferenceFolder(folder).tables()]
    return bundled + imported


def stale_tables(folder: Path, today: date) -> list[dict[str, Any]]:
    """Of each kind and owner the newest table, where its time is over."""
    newest = {
        (table["kind"], table["owner"]): table for table in sorted(all_tables(folder, today), key=_ends)
    }
    return [table for table in newest.values() if table["stale"]]


def _ends(table: dict[str, Any]) -> str:
    return str(table["effective_to"])


def _bundled_fees(today: date) -> list[dict[str, Any]]:
    releases = [
        _entry(
            "pprrvu", TableSource(r.name, "medicare", r.effective_from, r.effective_to), len(r.find), today
        )
        for r in bundled_releases()
    ]
    years: dict[tuple[date, date, str], int] = {}
    for row in bundled_localities():
        key = (row.effective_from, row.effective_to, row.source)
        years[key] = years.get(key, 0) + 1
    localities = [
        _entry("gpci", TableSource(name, "medicare", first, last), rows, today)
        for (first, last, name), rows in years.items()
    ]
    return [*releases, *localities]


def _entry(kind: str, source: TableSource, rows: int, today: date) -> dict[str, Any]:
    return {
        "kind": kind,
        "owner": source.owner,
        "quarter": source.quarter,
        "effective_from": source.effective_from.isoformat(),
        "effective_to": source.effective_to.isoformat(),
        "rows": rows,
        "file": source.name,
        "stale": source.stale_on(today),
        "caveat": source.caveat or None,
        "bundled": True,
    }


def _imported(table: StoredTable, today: date) -> dict[str, Any]:
    about = table.about
    return {
        **_entry(about.kind, table.source, about.rows, today),
        "file": about.file,
        "sha256": about.sha256,
        "imported_on": about.imported_on,
        "dated_by": about.dated_by,
        "notice": about.notice,
        "path": str(table.path),
        "bundled": False,
    }
