"""A generated month as our own reader reads it."""

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from overturn.domain.remittance import Remittance
from overturn.domain.submission import SubmittedClaim
from overturn.synthetic.month import Month
from overturn.x12.file import read_file

T = TypeVar("T")


def remittances(month: Month, directory: Path) -> Iterator[Remittance]:
    for file in month.files:
        if file.kind == "835" and not file.resent_of:
            for transaction in read_file((directory / file.name).read_bytes()).transactions:
                if transaction.remittance:
                    yield transaction.remittance


def submitted_claims(directory: Path) -> dict[str, SubmittedClaim]:
    paths = (directory / "837P").iterdir()
    return {claim.patient_control_number: claim for path in paths for claim in read_all(path, SubmittedClaim)}


def read_all(path: Path, kind: type[T]) -> Iterator[T]:
    """Everything of one kind in an 837P, 277CA or 999."""
    for transaction in read_file(path.read_bytes()).transactions:
        content = transaction.content if isinstance(transaction.content, list) else []
        yield from (item for item in content if isinstance(item, kind))
