"""The practice's charge master and the payers' fees: invented round figures, by procedure code."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

CENT: Final = Decimal("0.01")
ZERO: Final = Decimal("0.00")


def to_cents(amount: Decimal) -> Decimal:
    """Round half up to the cent, as payers do."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Fee:
    """Dollars for one unit: the charge, Medicare's fee, and what MPPR takes off a second unit."""

    charge: Decimal
    allowed: Decimal
    multiple_procedure_cut: Decimal


def _fee(charge: str, allowed: str, cut: str) -> Fee:
    return Fee(Decimal(charge), Decimal(allowed), Decimal(cut))


FEES: Final = {
    "97110": _fee("75.00", "29.05", "6.90"),
    "97112": _fee("80.00", "33.38", "8.20"),
    "97116": _fee("75.00", "29.05", "7.00"),
    "97140": _fee("72.00", "27.70", "6.50"),
    "97150": _fee("45.00", "17.69", "4.20"),
    "97530": _fee("85.00", "35.06", "9.10"),
    "97035": _fee("35.00", "14.36", "4.00"),
    "G0283": _fee("30.00", "10.69", "3.30"),
    "97161": _fee("195.00", "101.20", "27.00"),
    "97162": _fee("195.00", "101.20", "27.00"),
    "97163": _fee("195.00", "101.20", "27.00"),
    "97165": _fee("198.00", "103.50", "27.60"),
    "97166": _fee("198.00", "103.50", "27.60"),
    "97167": _fee("198.00", "103.50", "27.60"),
}

EVALUATIONS: Final = {"PT": ("97161", "97162", "97163"), "OT": ("97165", "97166", "97167")}
TREATMENTS: Final = {
    "PT": ("97110", "97112", "97140", "97530", "97116"),
    "OT": ("97110", "97112", "97530", "97140"),
}
MODALITIES: Final = ("97035", "G0283")
