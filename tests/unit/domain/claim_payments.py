"""Small claim payments for tests: a line of 100.00 with the adjustments and remarks that matter."""

from collections.abc import Iterable
from decimal import Decimal

from overturn.domain.remittance import Adjustment, ClaimPayment, Party, Remark, ServiceLine
from overturn.domain.submission import SubmittedClaim, SubmittedLine

CLAIM_SEGMENT = 10
LINE_SEGMENT = 20


def adjustment(text: str) -> Adjustment:
    """`CO-16 60.00` as a CAS triplet."""
    codes, amount = text.split()
    group, reason = codes.split("-")
    return Adjustment(group, reason, Decimal(amount), None, LINE_SEGMENT + 1, 2)


def remarks(codes: Iterable[str], segment_index: int) -> list[Remark]:
    return [Remark(code, segment_index, 2) for code in codes]


def service_line(
    *adjustments: str,
    rarcs: Iterable[str] = (),
    procedure: str = "97110",
    modifiers: tuple[str, ...] = ("GP",),
    billed: str | None = None,
    number: int = 1,
) -> ServiceLine:
    """A line that balances: paid is what the adjustments leave of 100.00."""
    adjusted = [adjustment(text) for text in adjustments]
    charge = Decimal("100.00")
    return ServiceLine(
        line_number=number,
        procedure=procedure,
        modifiers=modifiers,
        charge_amount=charge,
        paid_amount=charge - sum((a.amount for a in adjusted), Decimal("0.00")),
        units=Decimal(1),
        submitted_procedure=billed,
        submitted_modifiers=(),
        segment_index=LINE_SEGMENT,
        adjustments=adjusted,
        remarks=remarks(rarcs, LINE_SEGMENT + 2),
    )


def claim_payment(
    *lines: ServiceLine, adjustments: Iterable[str] = (), rarcs: Iterable[str] = (), status: str = "1"
) -> ClaimPayment:
    own = [adjustment(text) for text in adjustments]
    charge = sum((line.charge_amount for line in lines), Decimal("0.00")) or Decimal("100.00")
    paid = charge - sum((a.amount for a in [*own, *(a for ln in lines for a in ln.adjustments)]), Decimal(0))
    return ClaimPayment(
        patient_control_number="SPECIMEN1",
        status_code=status,
        charge_amount=charge,
        paid_amount=paid,
        patient_responsibility_amount=None,
        filing_indicator="CI",
        payer_claim_control_number=None,
        place_of_service="11",
        frequency_code="1",
        segment_index=CLAIM_SEGMENT,
        adjustments=own,
        remarks=remarks(rarcs, CLAIM_SEGMENT + 1),
        service_lines=list(lines),
        segments=["CLP*SPECIMEN1*1*100*0", "MOA***MA130"],
    )


def submitted_claim(procedure: str, *modifiers: str) -> SubmittedClaim:
    """Our own claim of one line of 100.00."""
    line = SubmittedLine(1, procedure, modifiers, Decimal("100.00"), Decimal(1), None, 30)
    return SubmittedClaim(
        patient_control_number="SPECIMEN1",
        charge_amount=Decimal("100.00"),
        place_of_service="11",
        frequency_code="1",
        billing_provider=Party(name="SPECIMEN THERAPY"),
        subscriber=Party(identifier="SPECIMEN-ID"),
        payer=Party(name="SPECIMEN PAYER"),
        segment_index=25,
        lines=[line],
    )
