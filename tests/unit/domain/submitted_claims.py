"""Claims to be sent, with everything right about them unless a test says otherwise."""

from datetime import date
from decimal import Decimal

from overturn.domain.remittance import Party
from overturn.domain.submission import SubmittedClaim, SubmittedLine

DAY = date(2024, 8, 1)
NPI = "1999999984"
MEMBER = "M0001"


def line(
    procedure: str = "97110",
    *modifiers: str,
    units: int | None = 1,
    on: date | None = DAY,
    charge: str = "75.00",
    pointers: tuple[str, ...] = ("1",),
    npi: str | None = None,
) -> SubmittedLine:
    return SubmittedLine(
        line_number=0,
        procedure=procedure,
        modifiers=modifiers or ("GP",),
        charge_amount=Decimal(charge),
        units=None if units is None else Decimal(units),
        service_on=on,
        segment_index=0,
        service_to=on,
        rendering_npi=npi,
        diagnosis_pointers=pointers,
    )


def claim(*lines: SubmittedLine, member: str = MEMBER, charge: str | None = None) -> SubmittedClaim:
    for number, each in enumerate(lines, start=1):
        each.line_number = number
    total = sum((each.charge_amount for each in lines), Decimal("0.00"))
    return SubmittedClaim(
        patient_control_number="PCN1",
        charge_amount=total if charge is None else Decimal(charge),
        place_of_service="11",
        frequency_code="1",
        billing_provider=Party("HILLSIDE", NPI, "XX"),
        subscriber=Party("SAMPLE", member, "MI", "ANN"),
        payer=Party("MEDICARE PART B", "12345", "PI"),
        segment_index=0,
        rendering_provider=Party("THERAPIST", NPI, "XX"),
        diagnoses=("M25561", "M6281"),
        lines=list(lines),
    )
