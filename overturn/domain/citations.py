"""The authorities a letter may lean on: each in a table with where it was read and how sure we are of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from overturn.domain.codes import PayerScope


class Confidence(StrEnum):
    """High: read in the regulation or manual itself. Medium: in a page about it. Unverified: neither."""

    HIGH = "high"
    MEDIUM = "medium"
    UNVERIFIED = "unverified"


class UnknownCitationError(ValueError):
    """A letter cites what is not in the table; the message names the key."""


@dataclass(frozen=True, slots=True)
class Citation:
    """One row of `rules/citations.csv`. `scope` ANY holds for every payer; open dates have no end."""

    key: str
    text: str
    scope: PayerScope
    source: str
    confidence: Confidence
    effective_from: date | None = None
    effective_to: date | None = None

    def applies(self, *, scope: str, on: date) -> bool:
        """Whether the authority binds this payer and was in force on the date of service."""
        in_force = (self.effective_from or on) <= on <= (self.effective_to or on)
        return in_force and self.scope in (PayerScope.ANY, scope)


def citations_for(
    keys: Iterable[str], *, table: Mapping[str, Citation], scope: str, on: date
) -> tuple[Citation, ...]:
    """The citations of a letter that apply to its payer and date of service, in the letter's order.

    Raises:
        UnknownCitationError: a key is not in the table; nothing is cited that was not looked up.
    """
    keys = tuple(keys)
    unknown = [key for key in keys if key not in table]
    if unknown:
        raise UnknownCitationError(
            f"The letter cites {', '.join(unknown)}, which rules/citations.csv does not have: "
            "add a row with its source, or take the citation out."
        )
    return tuple(table[key] for key in keys if table[key].applies(scope=scope, on=on))
