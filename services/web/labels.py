"""What a CARC, RARC, PLB reason or cause says, in our own words; a code without words is shown bare."""

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
    provider_adjustments: Mapping[str, str] = field(default_factory=dict)


def load_labels(rules: Path = RULES) -> CodeLabels:
    return CodeLabels(
        carcs=_labels(rules / "carc_labels.csv"),
        rarcs=_labels(rules / "rarc_labels.csv"),
        causes=_labels(rules / "causes.csv", key="cause"),
        provider_adjustments=_labels(rules / "provider_adjustment_codes.csv"),
    )


def _labels(path: Path, *, key: str = "code") -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as rows:
        return {row[key]: row["label"] for row in csv.DictReader(rows) if row["label"]}
