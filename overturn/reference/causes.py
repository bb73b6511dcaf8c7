"""Every table that proofs look up, joined to a rulebook: edits, fees, thresholds, windows, contracts."""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Final

from overturn.domain.authorizations import ask_until
from overturn.domain.causes.tables import CauseTables, Enrolment, ExpectedPrice
from overturn.domain.contracts import ContractPrice
from overturn.domain.deadlines import (
    DeadlineAnswer,
    DeadlineKind,
    FilingWindows,
    StartDates,
    derive_deadline,
)
from overturn.domain.fee_schedule import to_cents, unit_fee
from overturn.domain.payers import PayerContext
from overturn.domain.therapy_threshold import Bucket, Threshold
from overturn.reference.edits import load_edit_tables
from overturn.reference.fees import FeeTables, UnknownFeeError
from overturn.reference.pricing import load_fee_tables
from overturn.rulebook import Rulebook
from overturn.rulebook.holidays import federal_holidays

YEARS_AHEAD: Final = 3


def with_cause_tables(rulebook: Rulebook, folder: Path | None = None) -> Rulebook:
    """The same rules, able to prove causes: by the reference folder, if one is named, and bundled tables."""
    lookups = _Lookups(rulebook, load_fee_tables(folder))
    tables = CauseTables(
        edits=load_edit_tables(folder),
        always_therapy=lookups.always_therapy,
        threshold=lookups.threshold,
        filing_due=partial(_filing_due, rulebook.filing_windows),
        price=lookups.price,
        enrolments=lookups.enrolments,
        ask_until=lookups.ask_until,
    )
    return replace(rulebook, denials=replace(rulebook.denials, cause_tables=tables))


def with_windows(rulebook: Rulebook, windows: FilingWindows) -> Rulebook:
    """The same rules with other filing windows, for deadlines and proofs alike."""
    changed, tables = replace(rulebook, filing_windows=windows), rulebook.denials.cause_tables
    if tables is None:
        return changed
    proving = replace(tables, filing_due=partial(_filing_due, windows))
    return replace(changed, denials=replace(rulebook.denials, cause_tables=proving))


def _filing_due(windows: FilingWindows, payer: PayerContext, on: date) -> DeadlineAnswer:
    return derive_deadline(
        DeadlineKind.CLAIM,
        windows=windows,
        payer_key=payer.key,
        line_of_business=payer.line_of_business,
        starts=StartDates(service_on=on),
        state=payer.state,
        holidays=federal_holidays(on.year, on.year + YEARS_AHEAD),
    )


@dataclass(slots=True)
class _Lookups:
    """`CauseTables` over the fee schedule and the rulebook; what was asked once is remembered."""

    rulebook: Rulebook
    fees: FeeTables
    _therapy: dict[tuple[str, date], bool | None] = field(default_factory=dict)

    def always_therapy(self, hcpcs: str, on: date) -> bool | None:
        key = (hcpcs, on)
        if key not in self._therapy:
            self._therapy[key] = self._multiple_procedure(hcpcs, on)
        return self._therapy[key]

    def _multiple_procedure(self, hcpcs: str, on: date) -> bool | None:
        try:
            return self.fees.multiple_procedure(hcpcs, on).value
        except UnknownFeeError:
            return None

    def threshold(self, bucket: Bucket, on: date) -> Threshold | None:
        found = self.fees.constant_if_any(f"kx_threshold_{bucket}", on)
        return Threshold(found.value, found.source) if found else None

    def price(self, payer: PayerContext, hcpcs: str, on: date) -> ExpectedPrice | None:
        rows = (row for row in self.rulebook.contracts if row.speaks_for(payer.key, hcpcs, on))
        return next((price for row in rows if (price := self._price(row, hcpcs, on))), None)

    def _price(self, row: ContractPrice, hcpcs: str, on: date) -> ExpectedPrice | None:
        """A locality's fee is the lowest one: reduced as though another line of the day were paid in full."""
        if row.unit_amount is not None:
            return ExpectedPrice(to_cents(row.unit_amount), row.source)
        try:
            values = self.fees.relative_values(hcpcs, on)
            factor = self.fees.conversion_factor(on).value
            reduced = self.fees.multiple_procedure(hcpcs, on).value
            fee = unit_fee(
                values.value,
                gpci=self.fees.gpci(row.locality or "", on).value,
                conversion_factor=factor,
                pe_factor=self.fees.constant("mppr_pe_factor", on).value if reduced else Decimal(1),
            )
        except UnknownFeeError:
            return None
        return ExpectedPrice(fee, f"{row.source}; {values.source}")

    def enrolments(self, payer_key: str, npi: str) -> tuple[Enrolment, ...]:
        rows = self.rulebook.enrolments
        return tuple(row for row in rows if (row.payer_key, row.npi) == (payer_key, npi))

    def ask_until(self, payer_key: str | None, on: date) -> tuple[date, str] | None:
        return ask_until(self.rulebook.retroactive_authorizations, payer_key, on)
