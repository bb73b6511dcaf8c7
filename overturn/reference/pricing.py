"""A visit with gaps in; what Medicare pays for it out, every looked-up figure named with its source."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, TypeVar

from overturn.domain.fee_schedule import (
    LinePrice,
    PaymentRules,
    RelativeValues,
    VisitLine,
    price_visit,
)
from overturn.domain.visit import GivenLine, GivenValues, GivenVisit
from overturn.reference.bundled_fees import bundled_constants, bundled_localities, bundled_releases
from overturn.reference.fees import FeeTables, Found, UnknownFeeError
from overturn.reference.imported import imported_localities, imported_releases
from overturn.reference.store import ReferenceFolder

Value = TypeVar("Value")

TOTALS: Final = (
    *("allowed_amount", "coinsurance_amount", "deductible_amount", "assistant_reduction_amount"),
    *("sequestration_amount", "medicare_payment_amount"),
)
UNKNOWN_VALUES: Final = RelativeValues(Decimal(0), Decimal(0), Decimal(0))


class UnpriceableError(Exception):
    """Figures are missing; `unknown` has a sentence for each."""

    def __init__(self, unknown: list[str]) -> None:
        self.unknown = unknown
        super().__init__("\n".join(unknown))


def load_fee_tables(folder: Path | None = None) -> FeeTables:
    """All fee tables: those of the reference folder, if one is named, and the bundled ones. An imported
    year of GPCIs stands for the whole year, so that no locality is there twice."""
    if folder is None:
        return FeeTables(bundled_releases(), bundled_localities(), bundled_constants())
    store = ReferenceFolder(folder)
    imported = {
        (row.effective_from.year, row.contractor, row.locality): row for row in imported_localities(store)
    }
    years = {year for year, *_ in imported}
    kept = [row for row in bundled_localities() if row.effective_from.year not in years]
    releases = (*imported_releases(store), *bundled_releases())
    return FeeTables(releases, (*imported.values(), *kept), bundled_constants())


def price_document(visit: GivenVisit, tables: FeeTables) -> dict[str, Any]:
    """The visit priced, in plain JSON values. Raises UnpriceableError with all that is unknown."""
    filled = _Filling(visit, tables)
    gpci, rules = filled.gpci(), filled.rules()
    lines = [filled.line(line) for line in visit.lines]
    if filled.unknown:
        raise UnpriceableError(list(dict.fromkeys(filled.unknown)))
    prices = price_visit(lines, gpci=gpci, rules=rules, deductible_left=visit.deductible_left)
    return {
        "lines": [_line_document(price) for price in prices],
        **{name: str(sum((getattr(p, name) for p in prices), Decimal("0.00"))) for name in TOTALS},
        "sources": filled.sources,
        "stale": any(source["stale"] for source in filled.sources),
    }


@dataclass(slots=True)
class _Filling:
    """Takes what is given, looks the rest up, and remembers from where, and what could not be found."""

    visit: GivenVisit
    tables: FeeTables
    sources: list[dict[str, Any]] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def gpci(self) -> RelativeValues:
        if self.visit.gpci:
            return self._given("gpci", self.visit.gpci)
        locality = self.visit.locality
        if not locality:
            self.unknown.append("Neither locality nor gpci is given: name one of them.")
            return UNKNOWN_VALUES
        return self._look_up("gpci", lambda: self.tables.gpci(locality, self.visit.date), UNKNOWN_VALUES)

    def rules(self) -> PaymentRules:
        on, tables = self.visit.date, self.tables
        assistant = tables.constant_if_any("assistant_payment_factor", on)
        if assistant:
            self._remember("assistant_payment_factor", assistant)
        return PaymentRules(
            conversion_factor=self._conversion_factor(),
            mppr_pe_factor=self._constant("mppr_pe_factor"),
            assistant_factor=assistant.value if assistant else Decimal(1),
            coinsurance_rate=self._constant("coinsurance_rate"),
            sequestration_rate=self._constant("sequestration_rate"),
        )

    def line(self, line: GivenLine) -> VisitLine:
        hcpcs, on = line.hcpcs, self.visit.date
        if line.rvu:
            values = self._given(f"rvu {hcpcs}", line.rvu)
        else:
            found = self.tables.relative_values
            values = self._look_up(f"rvu {hcpcs}", lambda: found(hcpcs, on), UNKNOWN_VALUES)
        mppr = line.mppr
        if mppr is None:
            always = self.tables.multiple_procedure
            mppr = self._look_up(f"mppr {hcpcs}", lambda: always(hcpcs, on), missing=False)
        return VisitLine(hcpcs, line.units, line.modifiers, values, mppr)

    def _conversion_factor(self) -> Decimal:
        given, on = self.visit.conversion_factor, self.visit.date
        if given is not None:
            self._remember("conversion_factor", Found(given, "given with the visit"))
            return given
        apm = self.visit.qualifying_apm
        return self._look_up(
            "conversion_factor", lambda: self.tables.conversion_factor(on, qualifying_apm=apm), Decimal(0)
        )

    def _constant(self, name: str) -> Decimal:
        return self._look_up(name, lambda: self.tables.constant(name, self.visit.date), Decimal(0))

    def _given(self, what: str, values: GivenValues) -> RelativeValues:
        self._remember(what, Found(values, "given with the visit"))
        return values.relative_values()

    def _look_up(self, what: str, find: Callable[[], Found[Value]], missing: Value) -> Value:
        try:
            found = find()
        except UnknownFeeError as error:
            self.unknown.append(str(error))
            return missing
        self._remember(what, found)
        return found.value

    def _remember(self, what: str, found: Found[Any]) -> None:
        source = {"what": what, "source": found.source, "stale": found.stale}
        if source not in self.sources:
            self.sources.append(source)


def _line_document(price: LinePrice) -> dict[str, Any]:
    return {
        "hcpcs": price.hcpcs,
        "unit_amounts": [str(amount) for amount in price.unit_amounts],
        **{name: str(getattr(price, name)) for name in TOTALS},
        "steps": list(price.steps),
    }
