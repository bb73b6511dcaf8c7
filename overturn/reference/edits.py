"""Every edit table at hand as one value: what the practice imported, then what came with Overturn."""

from pathlib import Path

from overturn.domain.edit_pairs import EditTables, ReferenceTable
from overturn.reference.bundled import bundled_add_ons, bundled_limits, bundled_pairs
from overturn.reference.imported import imported_add_ons, imported_limits, imported_pairs
from overturn.reference.store import ReferenceFolder


def load_edit_tables(folder: Path | None = None) -> EditTables:
    """All PTP edits and unit limits: those of the reference folder, if one is named, and the bundled ones."""
    if folder is None:
        return EditTables(pairs=(bundled_pairs(),), limits=(bundled_limits(),))
    imported = ReferenceFolder(folder)
    return EditTables(
        pairs=(*imported_pairs(imported), bundled_pairs()),
        limits=(*imported_limits(imported), bundled_limits()),
    )


def load_add_ons(folder: Path) -> tuple[ReferenceTable[str], ...]:
    """All tables of add-on codes, imported ones first."""
    return (*imported_add_ons(ReferenceFolder(folder)), bundled_add_ons())
