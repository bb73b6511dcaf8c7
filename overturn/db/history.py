"""Every stored adjudication, streamed: flat memory however many there are.

A server-side cursor hands out the claims' answers a chunk at a time; what belongs to a chunk is read with it.
Of our own claims only what rules are held against is read, so nothing is built that nobody asks for.
"""

from collections.abc import AsyncIterator, Collection, Sequence
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

_PAYMENTS: Final = """
    SELECT p.id, p.claim_id, p.patient_control_number, p.status_code, p.charge_amount, p.paid_amount,
           p.filing_indicator, p.place_of_service, p.frequency_code, p.service_from, p.payment_on,
           p.segment_index, r.payer_name, r.payer_identifier, c.id AS case_id, c.status AS case_status
      FROM claim_payment p
      JOIN remittance r ON r.id = p.remittance_id
      LEFT JOIN denial_case c ON c.claim_payment_id = p.id
     WHERE {} ORDER BY p.payment_on NULLS LAST, p.id
"""
_DATED: Final = """
    (p.payment_on >= :since OR CAST(:since AS date) IS NULL)
       AND (p.payment_on <= :until OR CAST(:until AS date) IS NULL)
"""
_ALL: Final = text(_PAYMENTS.format(_DATED))
_SOME: Final = text(_PAYMENTS.format("p.id = ANY(:ids)"))

# Every row begins with the place of its adjudication in the chunk: a number is found faster than an id.
_LINES: Final = text("""
    SELECT place, line_number, procedure, modifiers, charge_amount, paid_amount, units,
           submitted_procedure, submitted_modifiers, segment_index, service_on, control_number
      FROM unnest(CAST(:ids AS uuid[])) WITH ORDINALITY AS chunk (id, place)
      JOIN service_line ON claim_payment_id = chunk.id ORDER BY place, line_number
""")
_ADJUSTMENTS: Final = text("""
    SELECT place, line_number, group_code, reason, amount, quantity, segment_index, element
      FROM unnest(CAST(:ids AS uuid[])) WITH ORDINALITY AS chunk (id, place)
      JOIN adjustment ON claim_payment_id = chunk.id ORDER BY place, segment_index, element
""")
_REMARKS: Final = text("""
    SELECT place, line_number, code, segment_index, element
      FROM unnest(CAST(:ids AS uuid[])) WITH ORDINALITY AS chunk (id, place)
      JOIN remark ON claim_payment_id = chunk.id ORDER BY place, segment_index, element
""")
_SUBMITTED: Final = text("""
    SELECT DISTINCT ON (place) place, content->>'place_of_service', content->>'frequency_code',
           coalesce(content->>'rendering_taxonomy', content->>'billing_taxonomy'), content->'lines' AS lines
      FROM unnest(CAST(:ids AS uuid[])) WITH ORDINALITY AS chunk (id, place)
      JOIN submitted_claim ON claim_id = chunk.id
     ORDER BY place, submitted_on DESC NULLS LAST, created_at DESC
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
    """The rows of up to CHUNK adjudications, as the database gives them; all but `payments` begin with the
    place of their adjudication among those, from 1."""

    payments: Sequence[Any]
    lines: Sequence[Any]
    adjustments: Sequence[Any]
    remarks: Sequence[Any]
    submitted: Sequence[Any]


async def read_chunks(
    connection: AsyncConnection, *, since: date | None = None, until: date | None = None
) -> AsyncIterator[Chunk]:
    """Every adjudication of remittances from `since` to `until` (None: all) by date, in chunks of rows."""
    days, options = {"since": since, "until": until}, {"yield_per": CHUNK}
    async with connection.stream(_ALL, days, execution_options=options) as payments:
        async for rows in payments.partitions(CHUNK):
            yield await _chunk(connection, rows)


async def read_some(connection: AsyncConnection, payment_ids: Collection[UUID]) -> Chunk:
    """Those of these adjudications that stand in the record; not to be called with many more than CHUNK."""
    return await _chunk(connection, await _all(connection, _SOME, {"ids": list(payment_ids)}))


async def _chunk(connection: AsyncConnection, payments: Sequence[Any]) -> Chunk:
    ids = {"ids": [row.id for row in payments]}
    return Chunk(
        payments=payments,
        lines=await _all(connection, _LINES, ids),
        adjustments=await _all(connection, _ADJUSTMENTS, ids),
        remarks=await _all(connection, _REMARKS, ids),
        submitted=await _all(connection, _SUBMITTED, {"ids": [row.claim_id for row in payments]}),
    )


async def _all(connection: AsyncConnection, query: TextClause, values: dict[str, Any]) -> Sequence[Any]:
    return (await connection.execute(query, values)).all()


def build(chunk: Chunk, wanted: Collection[int]) -> list[Stored]:
    """The adjudications of a chunk at these places, as the reader of the file made them."""
    if not wanted:
        return []
    lines: dict[int, dict[int | None, ServiceLine]] = {place: {} for place in wanted}
    for row in chunk.lines:
        if row[0] in lines:
            lines[row[0]][row[1]] = _line(row)
    claims = {
        place: _claim(chunk.payments[place - 1], list(lines[place].values())) for place in sorted(wanted)
    }
    for place, number, group, reason, amount, quantity, segment_index, element in chunk.adjustments:
        if place in lines and (holder := claims[place] if number is None else lines[place].get(number)):
            holder.adjustments.append(Adjustment(group, reason, amount, quantity, segment_index, element))
    for place, number, code, segment_index, element in chunk.remarks:
        if place in lines and (holder := claims[place] if number is None else lines[place].get(number)):
            holder.remarks.append(Remark(code, segment_index, element))
    submitted = {row[0]: row for row in chunk.submitted}
    return [
        _stored(chunk.payments[place - 1], claim, submitted.get(place)) for place, claim in claims.items()
    ]


def _line(row: Any) -> ServiceLine:
    _, number, procedure, modifiers, charge, paid, units, sent, sent_with, index, service_on, control = row
    return ServiceLine(
        line_number=number,
        procedure=procedure,
        modifiers=tuple(modifiers),
        charge_amount=charge,
        paid_amount=paid,
        units=units,
        submitted_procedure=sent,
        submitted_modifiers=tuple(sent_with),
        segment_index=index,
        service_on=service_on,
        control_number=control,
    )


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


def _stored(row: Any, claim: ClaimPayment, sent: Any) -> Stored:
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
        units=Decimal(line["units"]) if line["units"] else None,
        service_on=date.fromisoformat(line["service_on"]) if line["service_on"] else None,
        segment_index=0,
        control_number=line["control_number"],
    )
