"""Elements of the rare segments of an 835 (PER, QTY, MIA, MOA, TS2, TS3) in, their typed values out."""

from decimal import Decimal
from typing import Final

from overturn.domain.remittance import ClaimPayment, ServiceLine
from overturn.domain.remittance_details import (
    ClaimDetails,
    Contact,
    Counted,
    InpatientAdjudication,
    LineDetails,
    NumberedFigure,
    OutpatientAdjudication,
    ProviderSummary,
)
from overturn.x12.values import Values

_OUTPATIENT_AMOUNTS: Final = (2, 8, 9)
_DAYS: Final = frozenset({1, 3, 15})  # of MIA
_INPATIENT_FIGURES: Final = (*range(1, 5), *range(6, 20), 24)  # MIA05 and MIA20 to MIA23 are remark codes
_SUMMARY_FIGURES: Final = range(6, 25)
_COUNTS_OF_SUMMARY: Final = frozenset({23})  # TS323: claims with periodic interim payment
_GROUP_FIGURES: Final = range(1, 20)
_COUNTS_OF_GROUPS: Final = frozenset({7, 8, 9, 10, 13, 14})  # TS2: discharges, days and their averages


def line_details(line: ServiceLine) -> LineDetails:
    """The line's own, made on the first need."""
    if line.details is None:
        line.details = LineDetails()
    return line.details


def claim_details(claim: ClaimPayment) -> ClaimDetails:
    """The claim's own, made on the first need."""
    if claim.details is None:
        claim.details = ClaimDetails()
    return claim.details


def read_contact(e: list[str]) -> Contact:
    """PER: a function, a name and up to three kinds of number."""
    pairs = zip(e[3:9:2], e[4:9:2], strict=False)
    return Contact(_at(e, 1) or "", _at(e, 2), tuple((kind, number) for kind, number in pairs if number))


def read_counted(e: list[str], values: Values) -> Counted:
    return Counted(_at(e, 1) or "", _quantity(e, 2, values))


def read_outpatient(e: list[str], values: Values) -> OutpatientAdjudication:
    return OutpatientAdjudication(
        _quantity(e, 1, values), *(_amount(e, number, values) for number in _OUTPATIENT_AMOUNTS)
    )


def read_inpatient(e: list[str], values: Values) -> InpatientAdjudication:
    return InpatientAdjudication(
        *(
            _quantity(e, number, values) if number in _DAYS else _amount(e, number, values)
            for number in _INPATIENT_FIGURES
        )
    )


def read_summary(e: list[str], index: int, number: str | None, values: Values) -> ProviderSummary:
    """TS3 under the LX of this number; a TS2 that follows is added by `with_groups`."""
    return ProviderSummary(
        number,
        _at(e, 1),
        _at(e, 2),
        values.day(e[3]) if _at(e, 3) else None,
        _quantity(e, 4, values),
        _amount(e, 5, values),
        _numbered(e, _SUMMARY_FIGURES, _COUNTS_OF_SUMMARY, values),
        (),
        index,
    )


def with_groups(summary: ProviderSummary, e: list[str], values: Values) -> ProviderSummary:
    return summary._replace(inpatient_figures=_numbered(e, _GROUP_FIGURES, _COUNTS_OF_GROUPS, values))


def _numbered(
    e: list[str], elements: range, counts: frozenset[int], values: Values
) -> tuple[NumberedFigure, ...]:
    """Each figure with its element number; counts of days and claims among them are read as quantities."""
    found = (
        (number, _quantity(e, number, values) if number in counts else _amount(e, number, values))
        for number in elements
    )
    return tuple(NumberedFigure(number, figure) for number, figure in found if figure is not None)


def _at(e: list[str], number: int) -> str | None:
    return e[number] or None if number < len(e) else None


def _amount(e: list[str], number: int, values: Values) -> Decimal | None:
    text = _at(e, number)
    return values.amounts[text] if text else None


def _quantity(e: list[str], number: int, values: Values) -> Decimal | None:
    text = _at(e, number)
    return values.quantities[text] if text else None
