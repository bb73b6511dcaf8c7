"""A visit to be priced, as `overturn price` reads it: what is given is taken, the rest is looked up."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from overturn.domain.fee_schedule import RelativeValues

Figure = Annotated[Decimal, Field(ge=0, lt=10_000, allow_inf_nan=False)]
Dollars = Annotated[Decimal, Field(ge=0, lt=1_000_000, decimal_places=2, allow_inf_nan=False)]
Procedure = Annotated[
    str, StringConstraints(strip_whitespace=True, to_upper=True, pattern=r"^[0-9A-Za-z]{5}$")
]
Modifier = Annotated[
    str, StringConstraints(strip_whitespace=True, to_upper=True, pattern=r"^[0-9A-Za-z]{2}$")
]


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class GivenValues(_Given):
    """RVUs or GPCIs that the caller knows."""

    work: Figure
    pe: Figure
    mp: Figure

    def relative_values(self) -> RelativeValues:
        return RelativeValues(self.work, self.pe, self.mp)


class GivenLine(_Given):
    """One service line; `rvu` and `mppr` are looked up when left out."""

    hcpcs: Procedure
    units: Annotated[int, Field(ge=1, le=999)] = 1
    modifiers: tuple[Modifier, ...] = ()
    rvu: GivenValues | None = None
    mppr: bool | None = None


class GivenVisit(_Given):
    """One patient's services of one day by one provider group; amounts in dollars."""

    date: date
    lines: Annotated[tuple[GivenLine, ...], Field(min_length=1)]
    locality: str | None = None
    gpci: GivenValues | None = None
    conversion_factor: Annotated[Figure, Field(gt=0)] | None = None
    deductible_left: Dollars = Decimal("0.00")
    qualifying_apm: bool = False
