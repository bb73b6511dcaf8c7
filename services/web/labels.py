"""What a CARC, a RARC or a cause says, in our own words; a code we have no words for is shown bare."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from overturn.paths import RULES


@dataclass(frozen=True, slots=True)
class CodeLabels:
    """Labels by code or key."""

    carcs: Mapping[str, str] = field(default_factory=dict)
    rarcs: Mapping[str, str] = field(default_factory=dict)
    causes: Mapping[str, str] = field(default_factory=dict)


def load_labels(rules: Path = RULES) -> CodeLabels:
    return CodeLabels(
        carcs=_labels(rules / "carc_labels.csv"),
        rarcs=_labels(rules / "rarc_labels.csv"),
        causes=_labels(rules / "causes.csv", key="cause"),
    )


def _labels(path: Path, *, key: str = "code") -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as rows:
        return {row[key]: row["label"] for row in csv.DictReader(rows) if row["label"]}
