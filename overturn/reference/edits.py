"""Every edit table at hand as one value: bundled ones, and what the practice imported."""

from overturn.domain.edit_pairs import EditTables
from overturn.reference.bundled import bundled_limits, bundled_pairs


def load_edit_tables() -> EditTables:
    """All PTP edits and unit limits."""
    return EditTables(pairs=(bundled_pairs(),), limits=(bundled_limits(),))
