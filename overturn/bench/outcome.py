"""What a benchmark found, and what it left out."""

from dataclasses import dataclass, field

from overturn.bench.figure import Figure


@dataclass(slots=True)
class Outcome:
    """`notes` says in a line each what was left out, and why, or what is no ratio."""

    figures: list[Figure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
