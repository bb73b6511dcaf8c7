"""A remittance advice (835) as plain dictionaries: one part of the shape of `overturn inspect --json`."""

from decimal import Decimal

from overturn.domain.remittance import ClaimPayment, Remittance, ServiceLine
from overturn.domain.remittance_details import (
    ClaimDetails,
    InpatientAdjudication,
    LineDetails,
    OutpatientAdjudication,
    ProviderSummary,
)
from overturn.x12.plain_values import (
    Shape,
    adjustment_shape,
    cited,
    codes,
    contacts,
    counts,
    day,
    money,
    npi,
    number,
    person,
    qualified_amounts,
)


def remittance_shape(remittance: Remittance, *, payment_unknown: bool) -> Shape:
    """One payment with its claims; the paid amount is null where the file does not tell it."""
    payment = None if payment_unknown else money(remittance.payment_amount)
    return {
        "interchange_control_number": remittance.interchange_control_number,
        "trace_number": remittance.trace_number,
        "payment_amount": payment,
        "payment_method": remittance.payment_method,
        "payment_date": day(remittance.payment_on),
        "production_date": day(remittance.production_on),
        "handling": remittance.handling,
        "credit_or_debit": remittance.credit_or_debit,
        "currency": remittance.currency,
        **_parties(remittance),
        "references": cited(remittance.references),
        "claims": [_claim_payment(claim) for claim in remittance.claims],
        "provider_summaries": [_summary(summary) for summary in remittance.summaries],
        "provider_adjustments": [
            {
                "reason": adjustment.reason,
                "reference": adjustment.reference,
                "amount": money(adjustment.amount),
                "provider_id": adjustment.provider_id,
                "fiscal_period_date": day(adjustment.fiscal_on),
                "segment_index": adjustment.segment_index,
            }
            for adjustment in remittance.provider_adjustments
        ],
        "balance": _balance(remittance, payment),
    }


def _parties(remittance: Remittance) -> Shape:
    payer, payee = remittance.payer, remittance.payee
    return {
        "payer": {
            "name": payer.name,
            "id": payer.identifier or remittance.payer_identifier,
            "address": list(payer.address),
            "references": cited(remittance.payer_references),
            "contacts": contacts(remittance.payer_contacts),
        },
        "payee": {
            "name": payee.name,
            "npi": npi(payee),
            "id": payee.identifier,
            "address": list(payee.address),
            "references": cited(remittance.payee_references),
        },
    }


def _balance(remittance: Remittance, payment: str | None) -> Shape:
    balance = remittance.balance
    return {
        "payment_amount": payment,
        "claims_paid": money(balance.claims_paid),
        "provider_adjustments": money(balance.provider_adjustments),
        "difference": money(balance.difference),
        "balanced": balance.balanced,
    }


def _claim_payment(claim: ClaimPayment) -> Shape:
    return {
        "patient_control_number": claim.patient_control_number,
        "payer_claim_control_number": claim.payer_claim_control_number,
        "status_code": claim.status_code,
        "charge_amount": money(claim.charge_amount),
        "paid_amount": money(claim.paid_amount),
        "patient_responsibility_amount": money(claim.patient_responsibility_amount),
        "filing_indicator": claim.filing_indicator,
        "place_of_service": claim.place_of_service,
        "frequency_code": claim.frequency_code,
        "service_from": day(claim.service_from),
        "service_to": day(claim.service_to),
        "received_date": day(claim.received_on),
        "patient": person(claim.patient),
        "subscriber": person(claim.subscriber),
        "corrected_patient": person(claim.corrected_patient),
        "rendering_provider": person(claim.rendering_provider),
        "crossover_carrier": person(claim.crossover_carrier),
        "corrected_priority_payer": person(claim.corrected_priority_payer),
        "other_subscriber": person(claim.other_subscriber),
        "segment_index": claim.segment_index,
        "adjustments": [adjustment_shape(adjustment) for adjustment in claim.adjustments],
        "remarks": codes(claim.remarks),
        "references": cited(claim.references),
        "amounts": qualified_amounts(claim.amounts),
        **_claim_details(claim.details or ClaimDetails()),
        "service_lines": [_service_line(line) for line in claim.service_lines],
    }


def _claim_details(details: ClaimDetails) -> Shape:
    return {
        "quantities": counts(details.quantities),
        "reject_codes": details.reject_codes,
        "coverage_expiration_date": day(details.coverage_expires_on),
        "diagnosis_group": details.diagnosis_group,
        "diagnosis_group_weight": number(details.diagnosis_group_weight),
        "discharge_fraction": number(details.discharge_fraction),
        "contacts": contacts(details.contacts),
        "outpatient": _figures(details.outpatient),
        "inpatient": _figures(details.inpatient),
    }


def _service_line(line: ServiceLine) -> Shape:
    return {
        "line": line.line_number,
        "procedure": line.procedure,
        "modifiers": list(line.modifiers),
        "submitted_procedure": line.submitted_procedure,
        "submitted_modifiers": list(line.submitted_modifiers),
        "charge_amount": money(line.charge_amount),
        "paid_amount": money(line.paid_amount),
        "allowed_amount": money(line.allowed_amount),
        "units": number(line.units),
        "service_date": day(line.service_on),
        "service_date_to": day(line.service_to),
        "control_number": line.control_number,
        "rendering_npi": line.rendering_npi,
        "segment_index": line.segment_index,
        "adjustments": [adjustment_shape(adjustment) for adjustment in line.adjustments],
        "remarks": codes(line.remarks),
        "references": cited(line.references),
        **_line_details(line.details or LineDetails()),
    }


def _line_details(details: LineDetails) -> Shape:
    return {
        "revenue_code": details.revenue_code,
        "submitted_units": number(details.submitted_units),
        "amounts": qualified_amounts(details.amounts),
        "quantities": counts(details.quantities),
        "reject_codes": details.reject_codes,
    }


def _summary(summary: ProviderSummary) -> Shape:
    return {
        "number": summary.number,
        "provider_id": summary.provider_id,
        "facility_type": summary.facility_type,
        "fiscal_period_date": day(summary.fiscal_on),
        "claim_count": number(summary.claim_count),
        "charge_amount": money(summary.charge_amount),
        "figures": {f"TS3{n:02d}": number(figure) for n, figure in summary.figures},
        "inpatient_figures": {f"TS2{n:02d}": number(figure) for n, figure in summary.inpatient_figures},
        "segment_index": summary.segment_index,
    }


def _figures(adjudication: InpatientAdjudication | OutpatientAdjudication | None) -> Shape | None:
    """The figures of an MOA or MIA that are there, by our names."""
    if adjudication is None:
        return None
    named: dict[str, Decimal | None] = adjudication._asdict()
    return {name: number(figure) for name, figure in named.items() if figure is not None}
