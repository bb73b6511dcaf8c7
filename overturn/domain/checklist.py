"""What an appeal still lacks: the documents its payer asks for, the letter's blanks, citations to look up."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum


class Supplier(StrEnum):
    """Who has to bring a document."""

    SYSTEM = "system"
    SPECIALIST = "specialist"
    THERAPIST = "therapist"
    FRONT_DESK = "front_desk"
    CREDENTIALING = "credentialing"


@dataclass(frozen=True, slots=True)
class RequiredDocument:
    """One row of `rules/required_documents.csv`; None matches any payer, letter or category. `test` is what
    the payer's reviewer will hold the document against."""

    document: str
    title: str
    supplied_by: Supplier
    test: str
    source: str
    payer_key: str | None = None
    letter: str | None = None
    category: str | None = None

    def matches(self, *, payer_key: str | None, letter: str, category: str) -> bool:
        return (
            self.payer_key in (None, payer_key)
            and self.letter in (None, letter)
            and self.category in (None, category)
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """A required document, and whether it is there."""

    document: RequiredDocument
    present: bool


def checklist(
    documents: Iterable[RequiredDocument],
    *,
    payer_key: str | None,
    letter: str,
    category: str,
    present: Collection[str],
) -> tuple[Asked, ...]:
    """The documents this appeal needs, in the order of the table, each once; a payer's own row counts before
    the one for any payer."""
    asked: dict[str, RequiredDocument] = {}
    for row in documents:
        if row.matches(payer_key=payer_key, letter=letter, category=category) and (
            row.document not in asked or row.payer_key
        ):
            asked[row.document] = row
    return tuple(Asked(row, row.document in present) for row in asked.values())
