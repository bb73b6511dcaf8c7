"""Every stored adjudication, streamed: flat memory however many there are; or those of a few claims.

A server-side cursor hands out the claims' answers a chunk at a time; what belongs to a chunk is read with it.
Of answers and of our own claims only what rules and proofs are held against is read, so nothing is built that
nobody asks for.
"""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from overturn.db.remittances import line_details
from overturn.domain.remittance import Adjustment, ClaimPayment, Party, Remark, ServiceLine
from overturn.domain.submission import SubmittedClaim, SubmittedLine

CHUNK: Final = 1_000

_PAYMENTS: Final = """
    SELECT p.id, p.claim_id, p.patient_control_number, p.status_code, p.charge_amount, p.paid_amount,
           p.payer_claim_control_number, p.filing_indicator, p.place_of_service, p.frequency_code,
           p.service_from, p.received_on, p.payment_on, p.rendering_npi, p.segment_index,
           r.payer_name, r.payer_identifier, c.id AS case_id, c.status AS case_status
      FROM claim_payment p
      JOIN remittance r ON r.id = p.remittance_id
      LEFT JOIN LATERAL (SELECT id, status FROM denial_case
                          WHERE claim_id = p.claim_id AND claim_payment_id = p.id
                          ORDER BY round_number DESC LIMIT 1) c ON true
     WHERE {} ORDER BY p.payment_on NULLS {}, p.id
"""
_DATED: Final = """
    (p.payment_on >= :since OR CAST(:since AS date) IS NULL)
       AND (p.payment_on <= :until OR CAST(:until AS date) IS NULL)
"""
_ALL: Final = text(_PAYMENTS.format(_DATED, "LAST"))
_SOME: Final = text(_PAYMENTS.format("p.id = ANY(:ids)", "LAST"))
_OF_CLAIMS: Final = text(_PAYMENTS.format("p.claim_id = ANY(:ids)", "FIRST"))

# Every row begins with the place of its adjudication in the chunk: a number is found faster than an id.
# SVC07, the units billed, is in the loop's own text alone; split_part counts the segment's name as the first.
_LINES: Final = text("""
    SELECT place, l.line_number, l.procedure, l.modifiers, l.charge_amount, l.paid_amount, l.units,
           l.submitted_procedure, l.submitted_modifiers, l.segment_index, l.service_on, l.control_number,
           l.rendering_npi, split_part(p.segments ->> (l.segment_index - p.segment_index), '*', 8)
      FROM unnest(CAST(:ids AS uuid[])) WITH ORDINALITY AS chunk (id, place)
      JOIN claim_payment p ON p.id = chunk.id
      JOIN service_line l ON l.claim_payment_id = p.id ORDER BY place, l.line_number
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
    SELECT DISTINCT ON (place) place, sent.*
      FROM unnest(CAST(:ids AS uuid[])) WITH ORDINALITY AS chunk (id, place)
      JOIN submitted_claim ON claim_id = chunk.id
     CROSS JOIN jsonb_to_record(content) AS sent (
           place_of_service text, frequency_code text, billing_taxonomy text, rendering_taxonomy text,
           rendering_provider jsonb, payer_responsibility text, payer_claim_control_number text,
           prior_authorization text, lines jsonb)
     ORDER BY place, submitted_on DESC NULLS LAST, submitted_claim.created_at DESC
""")


@dataclass(slots=True)
class Stored:
    """One adjudication as it stands in the record, ready to be classified."""

    claim_id: UUID  # of our claim, which other answers may speak of, too
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


async def read_answers(connection: AsyncConnection, claim_ids: Collection[UUID]) -> list[Stored]:
    """All that payers answered to these few claims, oldest first."""
    chunk = await _chunk(connection, await _all(connection, _OF_CLAIMS, {"ids": list(claim_ids)}))
    return build(chunk, range(1, len(chunk.payments) + 1))


async def read_submitted(
    connection: AsyncConnection, claim_ids: Collection[UUID]
) -> dict[UUID, SubmittedClaim]:
    """What we sent of these few claims the last time, answered or not."""
    ids = list(claim_ids)
    return {ids[row.place - 1]: _submitted(row) for row in await _all(connection, _SUBMITTED, {"ids": ids})}


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
    _, number, procedure, modifiers, charge, paid, units, *rest = row
    sent, sent_with, index, service_on, control, rendering_npi, billed = rest
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
        details=line_details(billed),
        service_on=service_on,
        control_number=control,
        rendering_npi=rendering_npi,
    )


def _claim(row: Any, lines: list[ServiceLine]) -> ClaimPayment:
    return ClaimPayment(
        patient_control_number=row.patient_control_number,
        status_code=row.status_code,
        charge_amount=row.charge_amount,
        paid_amount=row.paid_amount,
        patient_responsibility_amount=None,
        filing_indicator=row.filing_indicator,
        payer_claim_control_number=row.payer_claim_control_number,
        place_of_service=row.place_of_service,
        frequency_code=row.frequency_code,
        segment_index=row.segment_index,
        rendering_provider=Party(identifier=row.rendering_npi) if row.rendering_npi else None,
        service_from=row.service_from,
        received_on=row.received_on,
        service_lines=lines,
    )


def _stored(row: Any, claim: ClaimPayment, sent: Any) -> Stored:
    return Stored(
        claim_id=row.claim_id,
        claim=claim,
        submitted=_submitted(sent) if sent is not None else None,
        payer_name=row.payer_name,
        payer_identifier=row.payer_identifier,
        payment_on=row.payment_on,
        case_id=row.case_id,
        case_status=row.case_status,
    )


def _submitted(row: Any) -> SubmittedClaim:
    """Our own claim, as far as rules and proofs are held against it; of its segments those with the number of
    an authorization, whose places in the file nobody compares."""
    lines = [_submitted_line(line) for line in row.lines or ()]
    numbers = dict.fromkeys((row.prior_authorization, *(line.prior_authorization for line in lines)))
    rendering = row.rendering_provider
    return SubmittedClaim(
        patient_control_number="",
        charge_amount=Decimal(0),
        place_of_service=row.place_of_service,
        frequency_code=row.frequency_code,
        billing_provider=Party(),
        subscriber=Party(),
        payer=Party(),
        segment_index=0,
        rendering_provider=Party(identifier=rendering["identifier"]) if rendering else None,
        payer_responsibility=row.payer_responsibility,
        payer_claim_control_number=row.payer_claim_control_number,
        prior_authorization=row.prior_authorization,
        billing_taxonomy=row.billing_taxonomy,
        rendering_taxonomy=row.rendering_taxonomy,
        lines=lines,
        segments=[f"REF*G1*{number}" for number in numbers if number],
    )


def _submitted_line(line: dict[str, Any]) -> SubmittedLine:
    return SubmittedLine(
        line_number=line["line_number"],
        procedure=line["procedure"],
        modifiers=tuple(line["modifiers"]),
        charge_amount=Decimal(line["charge_amount"]),
        units=Decimal(line["units"]) if line["units"] else None,
        service_on=date.fromisoformat(line["service_on"]) if line["service_on"] else None,
        segment_index=line["segment_index"],
        control_number=line.get("control_number"),
        rendering_npi=line.get("rendering_npi"),
        prior_authorization=line.get("prior_authorization"),
    )
