"""The table of codes that refuse a claim or a batch, in our words."""

from pathlib import Path

from overturn.domain.rejections import CodeKind, RejectionLabels
from overturn.rulebook.cells import check_unique, convert, read_rows


def load_rejection_labels(directory: Path) -> RejectionLabels:
    """Labels by kind and code."""
    rows = read_rows(directory / "rejection_codes.csv", ("kind", "code", "label", "source"))
    check_unique(rows, "kind", "code")
    return dict(convert(rows, lambda r: ((r.choice("kind", CodeKind), r.text("code")), r.text("label"))))
