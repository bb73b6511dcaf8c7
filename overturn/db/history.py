"""Every stored adjudication, streamed: flat memory however many there are.

A server-side cursor hands out the claims' answers a chunk at a time; what belongs to a chunk is read with it.
Of our own claims only what rules are held against is read, so nothing is built that nobody asks for.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from overturn.domain.remittance import Adjustment, ClaimPayment, Party, Remark, ServiceLine
from overturn.domain.submission import SubmittedClaim, SubmittedLine

CHUNK: Final = 1_000

_PAYMENTS: Final = text("""
    SELECT p.id, p.claim_id, p.patient_control_number, p.status_code, p.charge_amount, p.paid_amount,
           p.filing_indicator, p.place_of_service, p.frequency_code, p.service_from, p.payment_on,
           p.segment_index, r.payer_name, r.payer_identifier, c.id AS case_id, c.status AS case_status
      FROM claim_payment p
      JOIN remittance r ON r.id = p.remittance_id
      LEFT JOIN denial_case c ON c.claim_payment_id = p.id
     WHERE p.payment_on >= :since OR CAST(:since AS date) IS NULL
""")
_LINES: Final = text("""
    SELECT claim_payment_id, line_number, procedure, modifiers, charge_amount, paid_amount, units,
           submitted_procedure, submitted_modifiers, segment_index, service_on, control_number
      FROM service_line WHERE claim_payment_id = ANY(:ids) ORDER BY line_number
""")
_ADJUSTMENTS: Final = text("""
    SELECT claim_payment_id, line_number, group_code, reason, amount, quantity, segment_index, element
      FROM adjustment WHERE claim_payment_id = ANY(:ids) ORDER BY segment_index, element
""")
_REMARKS: Final = text("""
    SELECT claim_payment_id, line_number, code, segment_index, element
      FROM remark WHERE claim_payment_id = ANY(:ids) ORDER BY segment_index, element
""")
_SUBMITTED: Final = text("""
    SELECT DISTINCT ON (claim_id) claim_id, content->>'place_of_service', content->>'frequency_code',
           coalesce(content->>'rendering_taxonomy', content->>'billing_taxonomy'), content->'lines' AS lines
      FROM submitted_claim WHERE claim_id = ANY(:ids)
     ORDER BY claim_id, submitted_on DESC NULLS LAST, created_at DESC
""")


@dataclass(slots=True)
class Stored:
    """One adjudication as it stands in the record, ready to be classified."""

    claim: ClaimPayment
    submitted: SubmittedClaim | None
    payer_name: str | None
    payer_identifier: str | None
    payment_on: date | None
    case_id: UUID | None  # of the case that rests on it
    case_status: str | None


@dataclass(slots=True)
class Chunk:
    """The rows of up to CHUNK adjudications, as the database gives them."""

    payments: Sequence[Any]
    lines: Sequence[Any]
    adjustments: Sequence[Any]
    remarks: Sequence[Any]
    submitted: Sequence[Any]


async def read_chunks(connection: AsyncConnection, *, since: date | None) -> AsyncIterator[Chunk]:
    """Every adjudication of remittances from `since` on (None: all), in chunks of rows."""
    options = {"yield_per": CHUNK}
    async with connection.stream(_PAYMENTS, {"since": since}, execution_options=options) as payments:
        async for rows in payments.partitions():
            ids = {"ids": [row.id for row in rows]}
            yield Chunk(
                payments=rows,
                lines=await _all(connection, _LINES, ids),
                adjustments=await _all(connection, _ADJUSTMENTS, ids),
                remarks=await _all(connection, _REMARKS, ids),
                submitted=await _all(connection, _SUBMITTED, {"ids": [row.claim_id for row in rows]}),
            )


async def _all(connection: AsyncConnection, query: TextClause, values: dict[str, Any]) -> Sequence[Any]:
    return (await connection.execute(query, values)).all()


def build(chunk: Chunk, wanted: Collection[UUID]) -> list[Stored]:
    """Those adjudications of a chunk that are wanted, as the reader of the file made them."""
    if not wanted:
        return []
    lines: dict[UUID, dict[int | None, ServiceLine]] = defaultdict(dict)
    for row in chunk.lines:
        if row[0] not in wanted:
            continue
        payment_id, number, procedure, modifiers, charge, paid, units, sent, sent_with, *rest = row
        segment_index, service_on, control = rest
        line = ServiceLine(
            number, procedure, tuple(modifiers), charge, paid, units, sent, tuple(sent_with), segment_index
        )
        line.service_on, line.control_number = service_on, control
        lines[payment_id][number] = line
    payments = [row for row in chunk.payments if row.id in wanted]
    claims = {row.id: _claim(row, list(lines[row.id].values())) for row in payments}
    for payment_id, number, group, reason, amount, quantity, segment_index, element in chunk.adjustments:
        holder = claims.get(payment_id) if number is None else lines.get(payment_id, {}).get(number)
        if holder is not None:
            holder.adjustments.append(Adjustment(group, reason, amount, quantity, segment_index, element))
    for payment_id, number, code, segment_index, element in chunk.remarks:
        holder = claims.get(payment_id) if number is None else lines.get(payment_id, {}).get(number)
        if holder is not None:
            holder.remarks.append(Remark(code, segment_index, element))
    submitted = {row[0]: row for row in chunk.submitted}
    return [_stored(row, claims[row.id], submitted) for row in payments]


def _claim(row: Any, lines: list[ServiceLine]) -> ClaimPayment:
    return ClaimPayment(
        patient_control_number=row.patient_control_number,
        status_code=row.status_code,
        charge_amount=row.charge_amount,
        paid_amount=row.paid_amount,
        patient_responsibility_amount=None,
        filing_indicator=row.filing_indicator,
        payer_claim_control_number=None,
        place_of_service=row.place_of_service,
        frequency_code=row.frequency_code,
        segment_index=row.segment_index,
        service_from=row.service_from,
        service_lines=lines,
    )


def _stored(row: Any, claim: ClaimPayment, submitted: Mapping[UUID, Any]) -> Stored:
    sent = submitted.get(row.claim_id)
    return Stored(
        claim=claim,
        submitted=_submitted(sent) if sent is not None else None,
        payer_name=row.payer_name,
        payer_identifier=row.payer_identifier,
        payment_on=row.payment_on,
        case_id=row.case_id,
        case_status=row.case_status,
    )


def _submitted(row: Any) -> SubmittedClaim:
    """Our own claim, as far as rules are held against it."""
    _, place, frequency, taxonomy, lines = row
    return SubmittedClaim(
        patient_control_number="",
        charge_amount=Decimal(0),
        place_of_service=place,
        frequency_code=frequency,
        billing_provider=Party(),
        subscriber=Party(),
        payer=Party(),
        segment_index=0,
        rendering_taxonomy=taxonomy,
        lines=[_submitted_line(line) for line in lines or ()],
    )


def _submitted_line(line: dict[str, Any]) -> SubmittedLine:
    return SubmittedLine(
        line_number=line["line_number"],
        procedure=line["procedure"],
        modifiers=tuple(line["modifiers"]),
        charge_amount=Decimal(line["charge_amount"]),
        units=None,
        service_on=None,
        segment_index=0,
        control_number=line["control_number"],
    )
