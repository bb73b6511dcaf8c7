"""The contract shape of `overturn inspect --json`: plain dictionaries, amounts and dates as strings."""

from datetime import date
from decimal import Decimal
from typing import Any, Final

from overturn.domain.remittance import (
    Adjustment,
    ClaimPayment,
    Party,
    Remark,
    Remittance,
    ServiceLine,
)
from overturn.domain.submission import (
    ClaimAcknowledgement,
    ClaimStatus,
    FunctionalAcknowledgement,
    SegmentError,
    SubmittedClaim,
    SubmittedLine,
)
from overturn.x12.file import X12File
from overturn.x12.findings import Finding
from overturn.x12.stream import Transaction

Shape = dict[str, Any]

_CENTS: Final = -2
_NPI_QUALIFIER: Final = "XX"


def file_shape(file: X12File, *, name: str, sha256: str) -> Shape:
    """One file. `errors` holds every finding, whatever its severity, in file order."""
    return {
        "file": name,
        "sha256": sha256,
        "interchanges": file.interchanges,
        "postable": file.postable,
        "transactions": [transaction_shape(transaction) for transaction in file.transactions],
        "errors": [_finding(finding) for finding in file.all_findings],
    }


def transaction_shape(transaction: Transaction) -> Shape:
    """One ST to SE: the same outer keys for every type, `claims` with the type's own fields."""
    outer: Shape = {
        "type": transaction.type,
        "control_number": transaction.control_number,
        "version": transaction.version,
        "segment_index": transaction.segment_index,
        "postable": transaction.postable,
    }
    content = transaction.content
    if isinstance(content, Remittance):
        payment_unknown = any(finding.code == "missing-payment" for finding in transaction.findings)
        return outer | _remittance(content, payment_unknown=payment_unknown)
    return outer | {"claims": [_answer_or_claim(item) for item in content or []]}


def money(amount: Decimal | None) -> str | None:
    """Dollars with two decimals, more where the file has more: never an exponent."""
    if amount is None:
        return None
    exponent = amount.as_tuple().exponent
    return f"{amount:f}" if isinstance(exponent, int) and exponent < _CENTS else f"{amount:.2f}"


def _remittance(remittance: Remittance, *, payment_unknown: bool) -> Shape:
    balance = remittance.balance
    payment = None if payment_unknown else money(remittance.payment_amount)
    payer, payee = remittance.payer, remittance.payee
    return {
        "trace_number": remittance.trace_number,
        "payment_amount": payment,
        "payment_method": remittance.payment_method,
        "payment_date": _day(remittance.payment_on),
        "payer": {"name": payer.name, "id": payer.identifier or remittance.payer_identifier},
        "payee": {"name": payee.name, "npi": _npi(payee)},
        "claims": [_claim_payment(claim) for claim in remittance.claims],
        "provider_adjustments": [
            {
                "reason": adjustment.reason,
                "reference": adjustment.reference,
                "amount": money(adjustment.amount),
                "segment_index": adjustment.segment_index,
            }
            for adjustment in remittance.provider_adjustments
        ],
        "balance": {
            "payment_amount": payment,
            "claims_paid": money(balance.claims_paid),
            "provider_adjustments": money(balance.provider_adjustments),
            "difference": money(balance.difference),
            "balanced": balance.balanced,
        },
    }


def _claim_payment(claim: ClaimPayment) -> Shape:
    return {
        "patient_control_number": claim.patient_control_number,
        "payer_claim_control_number": claim.payer_claim_control_number,
        "status_code": claim.status_code,
        "charge_amount": money(claim.charge_amount),
        "paid_amount": money(claim.paid_amount),
        "patient_responsibility_amount": money(claim.patient_responsibility_amount),
        "segment_index": claim.segment_index,
        "adjustments": [_adjustment(adjustment) for adjustment in claim.adjustments],
        "remarks": _codes(claim.remarks),
        "service_lines": [_service_line(line) for line in claim.service_lines],
    }


def _service_line(line: ServiceLine) -> Shape:
    return {
        "line": line.line_number,
        "procedure": line.procedure,
        "modifiers": list(line.modifiers),
        "submitted_procedure": line.submitted_procedure,
        "charge_amount": money(line.charge_amount),
        "paid_amount": money(line.paid_amount),
        "units": _number(line.units),
        "service_date": _day(line.service_on),
        "segment_index": line.segment_index,
        "adjustments": [_adjustment(adjustment) for adjustment in line.adjustments],
        "remarks": _codes(line.remarks),
    }


def _adjustment(adjustment: Adjustment) -> Shape:
    return {
        "group": adjustment.group,
        "reason": adjustment.reason,
        "amount": money(adjustment.amount),
        "quantity": _number(adjustment.quantity),
    }


def _answer_or_claim(item: SubmittedClaim | ClaimAcknowledgement | FunctionalAcknowledgement) -> Shape:
    if isinstance(item, SubmittedClaim):
        return _submitted_claim(item)
    if isinstance(item, ClaimAcknowledgement):
        return _claim_acknowledgement(item)
    return _functional_acknowledgement(item)


def _submitted_claim(claim: SubmittedClaim) -> Shape:
    return {
        "patient_control_number": claim.patient_control_number,
        "payer_claim_control_number": claim.payer_claim_control_number,
        "charge_amount": money(claim.charge_amount),
        "place_of_service": claim.place_of_service,
        "frequency_code": claim.frequency_code,
        "prior_authorization": claim.prior_authorization,
        "claim_identifier": claim.claim_identifier,
        "billing_provider": {"name": claim.billing_provider.name, "npi": _npi(claim.billing_provider)},
        "payer": {"name": claim.payer.name, "id": claim.payer.identifier},
        "diagnoses": list(claim.diagnoses),
        "segment_index": claim.segment_index,
        "service_lines": [_submitted_line(line) for line in claim.lines],
    }


def _submitted_line(line: SubmittedLine) -> Shape:
    return {
        "line": line.line_number,
        "procedure": line.procedure,
        "modifiers": list(line.modifiers),
        "charge_amount": money(line.charge_amount),
        "units": _number(line.units),
        "service_date": _day(line.service_on),
        "segment_index": line.segment_index,
    }


def _claim_acknowledgement(claim: ClaimAcknowledgement) -> Shape:
    return {
        "patient_control_number": claim.patient_control_number,
        "payer_claim_control_number": claim.payer_claim_control_number,
        "clearinghouse_trace_number": claim.clearinghouse_trace_number,
        "level": claim.level,
        "trace_number": claim.trace_number,
        "accepted": claim.accepted,
        "service_date": _day(claim.service_from),
        "segment_index": claim.segment_index,
        "statuses": [_status(status) for status in claim.statuses],
    }


def _status(status: ClaimStatus) -> Shape:
    return {
        "category": status.category,
        "status": status.status,
        "entity": status.entity,
        "effective_date": _day(status.effective_on),
        "action": status.action,
        "charge_amount": money(status.charge_amount),
        "paid_amount": money(status.paid_amount),
        "message": status.message,
        "procedure": status.procedure,
    }


def _functional_acknowledgement(answer: FunctionalAcknowledgement) -> Shape:
    return {
        "transaction_type": answer.transaction_type or None,
        "control_number": answer.control_number or None,
        "group_control_number": answer.group_control_number,
        "status": answer.status,
        "error_codes": list(answer.error_codes),
        "segment_index": answer.segment_index,
        "errors": [_segment_error(error) for error in answer.errors],
    }


def _segment_error(error: SegmentError) -> Shape:
    elements = [{"element": e, "code": code, "value": value} for e, code, value in error.element_errors]
    return {
        "segment": error.segment,
        "position": error.position,
        "error_codes": list(error.error_codes),
        "elements": elements,
    }


def _finding(finding: Finding) -> Shape:
    return {
        "segment_index": finding.segment_index,
        "segment": finding.segment,
        "element": finding.element,
        "code": finding.code,
        "severity": finding.severity.value,
        "message": finding.message,
    }


def _codes(remarks: list[Remark]) -> list[str]:
    return [remark.code for remark in remarks]


def _npi(party: Party) -> str | None:
    return party.identifier if party.identifier_qualifier == _NPI_QUALIFIER else None


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _number(quantity: Decimal | None) -> str | None:
    return None if quantity is None else f"{quantity:f}"
