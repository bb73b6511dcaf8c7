"""Claims (837P) and their acknowledgements (277CA, 999) as plain dictionaries, for `inspect --json`."""

from overturn.domain.remittance import Party
from overturn.domain.submission import (
    ClaimAcknowledgement,
    ClaimStatus,
    DatedEvent,
    FunctionalAcknowledgement,
    LineAdjudication,
    OtherPayer,
    SegmentError,
    SubmittedClaim,
    SubmittedLine,
)
from overturn.x12.plain_values import (
    Shape,
    adjustment_shape,
    counts,
    day,
    money,
    npi,
    number,
    person,
    qualified_amounts,
    references,
)


def claim_or_answer(item: SubmittedClaim | ClaimAcknowledgement | FunctionalAcknowledgement) -> Shape:
    """One entry of `claims` in a transaction that is not a remittance."""
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
        "referral_number": claim.referral_number,
        "claim_identifier": claim.claim_identifier,
        "filing_indicator": claim.filing_indicator,
        "payer_responsibility": claim.payer_responsibility,
        "group_number": claim.group_number,
        "relationship": claim.relationship,
        "accepts_assignment": claim.accepts_assignment,
        "related_causes": list(claim.related_causes),
        "delay_reason": claim.delay_reason,
        "submitted_date": day(claim.submitted_on),
        **_parties(claim),
        "diagnoses": list(claim.diagnoses),
        "notes": list(claim.notes),
        "dates": [_event(event) for event in claim.dates],
        "references": references(claim.references),
        "amounts": qualified_amounts(claim.amounts),
        "other_payers": [_other_payer(other) for other in claim.other_payers],
        "segment_index": claim.segment_index,
        "service_lines": [_submitted_line(line) for line in claim.lines],
    }


def _parties(claim: SubmittedClaim) -> Shape:
    billing = claim.billing_provider
    return {
        "billing_provider": {
            "name": billing.name,
            "npi": npi(billing),
            "address": list(billing.address),
            "phone": billing.phone,
            "taxonomy": claim.billing_taxonomy,
            "references": references(claim.billing_references),
        },
        "providers": _providers(claim.providers),
        "rendering_taxonomy": claim.rendering_taxonomy,
        "pay_to_provider": person(claim.pay_to_provider),
        "submitter": person(claim.submitter),
        "receiver": person(claim.receiver),
        "subscriber": person(claim.subscriber),
        "patient": person(claim.patient),
        "patient_birth_date": day(claim.patient_born_on),
        "payer": {"name": claim.payer.name, "id": claim.payer.identifier},
    }


def _providers(providers: dict[str, Party]) -> Shape:
    return {role: person(party) for role, party in providers.items()}


def _event(event: DatedEvent) -> Shape:
    return {"qualifier": event.qualifier, "date": day(event.first_on), "date_to": day(event.last_on)}


def _other_payer(other: OtherPayer) -> Shape:
    return {
        "responsibility": other.responsibility,
        "filing_indicator": other.filing_indicator,
        "payer": person(other.payer),
        "subscriber": person(other.subscriber),
        "paid_amount": money(other.paid_amount),
        "adjustments": [adjustment_shape(adjustment) for adjustment in other.adjustments],
        "amounts": qualified_amounts(other.amounts),
        "references": references(other.references),
    }


def _submitted_line(line: SubmittedLine) -> Shape:
    return {
        "line": line.line_number,
        "procedure": line.procedure,
        "modifiers": list(line.modifiers),
        "charge_amount": money(line.charge_amount),
        "units": number(line.units),
        "unit_basis": line.unit_basis,
        "place_of_service": line.place_of_service,
        "diagnosis_pointers": list(line.diagnosis_pointers),
        "service_date": day(line.service_on),
        "service_date_to": day(line.service_to),
        "control_number": line.control_number,
        "prior_authorization": line.prior_authorization,
        "rendering_npi": line.rendering_npi,
        "rendering_taxonomy": line.rendering_taxonomy,
        "providers": _providers(line.providers),
        "notes": list(line.notes),
        "dates": [_event(event) for event in line.dates],
        "references": references(line.references),
        "adjudications": [_line_adjudication(earlier) for earlier in line.adjudications],
        "segment_index": line.segment_index,
    }


def _line_adjudication(earlier: LineAdjudication) -> Shape:
    return {
        "payer_id": earlier.payer_identifier,
        "paid_amount": money(earlier.paid_amount),
        "procedure": earlier.procedure,
        "units": number(earlier.units),
        "adjudicated_date": day(earlier.adjudicated_on),
        "adjustments": [adjustment_shape(adjustment) for adjustment in earlier.adjustments],
    }


def _claim_acknowledgement(claim: ClaimAcknowledgement) -> Shape:
    return {
        "patient_control_number": claim.patient_control_number,
        "payer_claim_control_number": claim.payer_claim_control_number,
        "clearinghouse_trace_number": claim.clearinghouse_trace_number,
        "level": claim.level,
        "trace_number": claim.trace_number,
        "batch_reference": claim.batch_reference,
        "patient": person(claim.patient),
        "provider": person(claim.provider),
        "payer": person(claim.payer),
        "accepted": claim.accepted,
        "service_date": day(claim.service_from),
        "service_date_to": day(claim.service_to),
        "references": references(claim.references),
        "quantities": counts(claim.quantities),
        "amounts": qualified_amounts(claim.amounts),
        "segment_index": claim.segment_index,
        "statuses": [_status(status) for status in claim.statuses],
    }


def _status(status: ClaimStatus) -> Shape:
    return {
        "category": status.category,
        "status": status.status,
        "entity": status.entity,
        "effective_date": day(status.effective_on),
        "action": status.action,
        "charge_amount": money(status.charge_amount),
        "paid_amount": money(status.paid_amount),
        "message": status.message,
        "procedure": status.procedure,
        "line_control_number": status.line_control_number,
        "segment_index": status.segment_index,
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
        "loop": error.loop,
        "patient_control_number": error.claim_number,
        "contexts": [list(context) for context in error.contexts],
        "error_codes": list(error.error_codes),
        "elements": elements,
    }
