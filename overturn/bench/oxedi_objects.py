"""oxedi's tables as the objects our reader makes, so that the two are compared at the same level."""

from datetime import date
from decimal import Decimal
from typing import Any

from overturn.domain.remittance import Adjustment, ClaimPayment, Party, ServiceLine

Row = dict[str, str]
_ABSENT = "∅"


def claims_of(result: Any) -> list[ClaimPayment]:
    """The claims of an `oxedi.Result`, with their lines and adjustments."""
    claims = [_claim(row) for row in _rows(result, "claims")]
    lines = [_line(row, claims[int(row["claim"])]) for row in _rows(result, "services")]
    for row in _rows(result, "adjustments"):
        owner = lines[int(row["service"])] if row["service"] else claims[int(row["claim"])]
        owner.adjustments.append(_adjustment(row))
    return claims


def _rows(result: Any, table: str) -> list[Row]:
    _, header, *lines = result.tables[table].render().strip().splitlines()
    names = [column.split(":")[0] for column in header.split(" | ")]
    rows = (line.split(" | ") for line in lines)
    return [{n: "" if v == _ABSENT else v for n, v in zip(names, row, strict=True)} for row in rows]


def _claim(row: Row) -> ClaimPayment:
    return ClaimPayment(
        row["claim_id"] or None,
        row["claim_status"],
        Decimal(row["charge_amount"]),
        Decimal(row["payment_amount"]),
        Decimal(row["patient_responsibility"]) if row["patient_responsibility"] else None,
        row["filing_indicator"] or None,
        row["payer_control_number"] or None,
        row["facility_type"] or None,
        row["frequency_code"] or None,
        int(row["segment"]) + 1,
        patient=Party(row["patient_last_name"], row["patient_id"], row["patient_id_qualifier"]),
    )


def _line(row: Row, claim: ClaimPayment) -> ServiceLine:
    line = ServiceLine(
        len(claim.service_lines) + 1,
        row["procedure_code"] or None,
        (),
        Decimal(row["charge_amount"]),
        Decimal(row["payment_amount"]),
        Decimal(row["units_paid"]) if row["units_paid"] else None,
        None,
        (),
        int(row["segment"]) + 1,
        service_on=date.fromisoformat(row["service_date"]) if row["service_date"] else None,
        control_number=row["line_item_control_number"] or None,
        allowed_amount=Decimal(row["allowed_amount"]) if row["allowed_amount"] else None,
    )
    claim.service_lines.append(line)
    return line


def _adjustment(row: Row) -> Adjustment:
    quantity = Decimal(row["quantity"]) if row["quantity"] else None
    return Adjustment(
        row["group_code"], row["reason_code"], Decimal(row["amount"]), quantity, int(row["segment"]) + 1, 2
    )
