"""The look-ups that scrubbing needs, over every table at hand, and what to know of those that were used."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from overturn.domain.claim_scrub import ScrubTables
from overturn.domain.edit_pairs import EditTables, ReferenceTable
from overturn.domain.fee_schedule import RelativeValues, unit_fee
from overturn.domain.submission import SubmittedLine
from overturn.domain.therapy_threshold import Bucket, Threshold, ThresholdTables
from overturn.reference.edits import load_add_ons, load_edit_tables
from overturn.reference.fees import FeeTables, UnknownFeeError
from overturn.reference.pricing import load_fee_tables


@dataclass(slots=True)
class ScrubLookups:
    """All tables of a reference folder and the bundled ones; `locality` sets the fees that count to KX."""

    edits: EditTables
    add_ons: Sequence[ReferenceTable[str]]
    fees: FeeTables
    locality: str
    _fee: dict[tuple[str, date], Decimal | None] = field(default_factory=dict)

    @classmethod
    def load(cls, folder: Path, locality: str) -> "ScrubLookups":
        return cls(load_edit_tables(folder), load_add_ons(folder), load_fee_tables(folder), locality)

    def claim_tables(self) -> ScrubTables:
        return ScrubTables(self.edits, self._always_therapy, self._primaries)

    def threshold_tables(self) -> ThresholdTables:
        return ThresholdTables(self._threshold, self._allowed)

    def _always_therapy(self, hcpcs: str, on: date) -> bool | None:
        try:
            return self.fees.multiple_procedure(hcpcs, on).value
        except UnknownFeeError:
            return None

    def _primaries(self, hcpcs: str, on: date) -> tuple[Sequence[str], str]:
        for table in self.add_ons:
            if primaries := table.find((hcpcs,)):
                stale = " (stale)" if table.source.stale_on(on) else ""
                return primaries, f"{table.source.quarter}{stale}, {table.source.name}"
        return (), ""

    def _threshold(self, bucket: Bucket, on: date) -> Threshold | None:
        found = self.fees.constant_if_any(f"kx_threshold_{bucket}", on)
        return Threshold(found.value, found.source) if found else None

    def _allowed(self, line: SubmittedLine) -> Decimal | None:
        """The full fee of every unit: the multiple-procedure reduction would make it a little less."""
        if line.service_on is None or line.units is None:
            return None
        key = (line.procedure, line.service_on)
        if key not in self._fee:
            self._fee[key] = self._unit_fee(*key)
        fee = self._fee[key]
        return None if fee is None else fee * line.units

    def _unit_fee(self, hcpcs: str, on: date) -> Decimal | None:
        try:
            values: RelativeValues = self.fees.relative_values(hcpcs, on).value
            gpci = self.fees.gpci(self.locality, on).value
            factor = self.fees.conversion_factor(on).value
        except UnknownFeeError:
            return None
        return unit_fee(values, gpci=gpci, conversion_factor=factor)
