"""Remittances in and out of their tables: one transaction set to rows, and rows back to typed claims."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col

from overturn.db import tables
from overturn.db.bulk import insert_rows
from overturn.domain import identifiers
from overturn.domain.balancing import Imbalance, imbalance_of_payment, imbalances_of_claim
from overturn.domain.remittance import (
    ZERO,
    Adjustment,
    Balance,
    ClaimPayment,
    Party,
    ProviderAdjustment,
    Remark,
    Remittance,
    ServiceLine,
)
from overturn.domain.remittance_details import LineDetails
from overturn.domain.take_backs import numbers_in

Row = dict[str, Any]

SUBMITTED_UNITS: Final = 7
"""The element of SVC that has the units billed."""
Rows = dict[type[SQLModel], list[Row]]
TABLES_IN_ORDER: Final[tuple[type[SQLModel], ...]] = (
    tables.ClaimPayment,
    tables.ServiceLine,
    tables.Adjustment,
    tables.Remark,
    tables.Imbalance,
)
NPI_QUALIFIER: Final = "XX"


async def enter_remittance(
    session: AsyncSession, remittance_id: UUID, remittance: Remittance, *, file_sha256: str
) -> bool:
    """Write the row of a remittance, without its totals; False where another transaction set brought it: of
    another file, or another one of this."""
    statement = insert(tables.Remittance).values(_remittance_row(remittance_id, remittance, file_sha256))
    await session.execute(statement.on_conflict_do_nothing())
    stored = await session.execute(
        select(col(tables.Remittance.file_sha256), col(tables.Remittance.segment_index)).where(
            col(tables.Remittance.id) == remittance_id
        )
    )
    return tuple(stored.one()) == (file_sha256, remittance.segment_index)


async def store_claim_payments(
    session: AsyncSession,
    remittance_id: UUID,
    payment_on: date | None,
    claims: Mapping[int, tuple[UUID, ClaimPayment]],
) -> None:
    """Write claims with all they hold, each with the claim it answers, by position in the remittance."""
    rows: Rows = {table: [] for table in TABLES_IN_ORDER}
    places = identifiers.Places(remittance_id)
    for position, (claim_id, claim) in claims.items():
        payment_id = places.at(position)
        rows[tables.ClaimPayment].append(
            {
                "id": payment_id,
                "remittance_id": remittance_id,
                "claim_id": claim_id,
                "position": position,
                "payment_on": payment_on,
                **_claim_payment_row(claim),
            }
        )
        _add_details(rows, places, payment_id, claim)
        rows[tables.Imbalance] += [
            _imbalance_row(remittance_id, found) for found in imbalances_of_claim(claim, position)
        ]
    await _insert(session, rows)


async def complete_remittance(
    session: AsyncSession, remittance_id: UUID, remittance: Remittance, balance: Balance
) -> None:
    """Write what stands behind the last claim: provider adjustments, and whether all adds up."""
    await session.execute(
        update(tables.Remittance)
        .where(col(tables.Remittance.id) == remittance_id)
        .values(
            claims_paid_amount=balance.claims_paid,
            provider_adjustments_amount=balance.provider_adjustments,
            difference_amount=balance.difference,
        )
    )
    adjustments = [
        _provider_adjustment_row(remittance_id, place, plb)
        for place, plb in enumerate(remittance.provider_adjustments)
    ]
    missing = [
        _imbalance_row(remittance_id, found)
        for found in imbalance_of_payment(balance, remittance.segment_index)
    ]
    await _insert(session, {tables.ProviderAdjustment: adjustments, tables.Imbalance: missing})


async def _insert(session: AsyncSession, rows: Rows) -> None:
    for table, found in rows.items():
        await insert_rows(session, table, found)


async def load_claim_payments(session: AsyncSession, payment_ids: Iterable[UUID]) -> dict[UUID, ClaimPayment]:
    """Typed claims as the reader made them, by id; references and amounts that no rule reads are left out."""
    wanted = list(payment_ids)
    payments = await session.scalars(
        select(tables.ClaimPayment).where(col(tables.ClaimPayment.id).in_(wanted))
    )
    lines = await _by_payment(session, tables.ServiceLine, wanted)
    adjustments = await _by_payment(session, tables.Adjustment, wanted)
    remarks = await _by_payment(session, tables.Remark, wanted)
    return {p.id: _claim_payment(p, lines[p.id], adjustments[p.id], remarks[p.id]) for p in payments}


def _remittance_row(remittance_id: UUID, remittance: Remittance, file_sha256: str) -> Row:
    return {
        "id": remittance_id,
        "file_sha256": file_sha256,
        "control_number": remittance.control_number,
        "interchange_control_number": remittance.interchange_control_number,
        "payer_name": remittance.payer.name,
        "payer_identifier": remittance.payer.identifier or remittance.payer_identifier,
        "payee_name": remittance.payee.name,
        "payee_npi": payee_npi(remittance),
        "trace_number": remittance.trace_number,
        "payment_amount": remittance.payment_amount,
        "payment_method": remittance.payment_method,
        "payment_on": remittance.payment_on,
        "claims_paid_amount": ZERO,
        "provider_adjustments_amount": ZERO,
        "difference_amount": ZERO,
        "segment_index": remittance.segment_index,
    }


def payee_npi(remittance: Remittance) -> str | None:
    """The payee's NPI (N103 XX); a payee told by tax id has none here."""
    payee = remittance.payee
    return payee.identifier if payee.identifier_qualifier == NPI_QUALIFIER else None


def _provider_adjustment_row(remittance_id: UUID, place: int, plb: ProviderAdjustment) -> Row:
    return {
        "id": identifiers.Places(remittance_id).at(place),
        "remittance_id": remittance_id,
        "reason": plb.reason,
        "reference": plb.reference,
        "numbers": list(numbers_in(plb.reference)),
        "amount": plb.amount,
        "segment_index": plb.segment_index,
    }


def _imbalance_row(remittance_id: UUID, found: Imbalance) -> Row:
    position = found.position
    return {
        "id": identifiers.Places(remittance_id).at(found.segment_index),
        "remittance_id": remittance_id,
        "claim_payment_id": identifiers.claim_payment_id(remittance_id, position) if position else None,
        "line_number": found.line_number,
        "level": found.level,
        "amount": found.amount,
        "segment_index": found.segment_index,
    }


def _claim_payment_row(claim: ClaimPayment) -> Row:
    same = (
        "patient_control_number",
        "payer_claim_control_number",
        "status_code",
        "charge_amount",
        "paid_amount",
        "patient_responsibility_amount",
        "filing_indicator",
        "place_of_service",
        "frequency_code",
        "service_from",
        "service_to",
        "received_on",
        "segment_index",
        "segments",
    )
    return {name: getattr(claim, name) for name in same} | {
        "patient_name": full_name(claim.patient),
        "member_identifier": claim.member_identifier,
        "rendering_npi": claim.rendering_provider.identifier if claim.rendering_provider else None,
    }


def _add_details(rows: Rows, places: identifiers.Places, payment_id: str, claim: ClaimPayment) -> None:
    _add_reasons(rows, places, payment_id, None, claim)
    for line in claim.service_lines:
        rows[tables.ServiceLine].append(
            {
                "id": places.at(line.segment_index),
                "claim_payment_id": payment_id,
                "line_number": line.line_number,
                "procedure": line.procedure,
                "modifiers": list(line.modifiers),
                "submitted_procedure": line.submitted_procedure,
                "submitted_modifiers": list(line.submitted_modifiers),
                "charge_amount": line.charge_amount,
                "paid_amount": line.paid_amount,
                "allowed_amount": line.allowed_amount,
                "units": line.units,
                "service_on": line.service_on,
                "service_to": line.service_to,
                "control_number": line.control_number,
                "rendering_npi": line.rendering_npi,
                "segment_index": line.segment_index,
            }
        )
        _add_reasons(rows, places, payment_id, line.line_number, line)


def _add_reasons(
    rows: Rows,
    places: identifiers.Places,
    payment_id: str,
    line_number: int | None,
    of: ClaimPayment | ServiceLine,
) -> None:
    for a in of.adjustments:
        rows[tables.Adjustment].append(
            {
                "id": places.at(a.segment_index, a.element),
                "claim_payment_id": payment_id,
                "line_number": line_number,
                "group_code": a.group,
                "reason": a.reason,
                "amount": a.amount,
                "quantity": a.quantity,
                "segment_index": a.segment_index,
                "element": a.element,
            }
        )
    for r in of.remarks:
        rows[tables.Remark].append(
            {
                "id": places.at(r.segment_index, r.element),
                "claim_payment_id": payment_id,
                "line_number": line_number,
                "code": r.code,
                "segment_index": r.segment_index,
                "element": r.element,
            }
        )


def full_name(party: Party | None) -> str | None:
    """First and last name as a person writes them."""
    return party.full_name if party else None


async def _by_payment(
    session: AsyncSession, table: type[Any], payment_ids: Sequence[UUID]
) -> dict[UUID, list[Any]]:
    found = await session.scalars(
        select(table).where(table.claim_payment_id.in_(payment_ids)).order_by(table.segment_index)
    )
    grouped: dict[UUID, list[Any]] = defaultdict(list)
    for row in found:
        grouped[row.claim_payment_id].append(row)
    return grouped


def _claim_payment(
    payment: tables.ClaimPayment,
    lines: Sequence[tables.ServiceLine],
    adjustments: Sequence[tables.Adjustment],
    remarks: Sequence[tables.Remark],
) -> ClaimPayment:
    def adjusted(line_number: int | None) -> list[Adjustment]:
        return [
            Adjustment(a.group_code, a.reason, a.amount, a.quantity, a.segment_index, a.element)
            for a in sorted(adjustments, key=lambda a: (a.segment_index, a.element))
            if a.line_number == line_number
        ]

    def remarked(line_number: int | None) -> list[Remark]:
        return [
            Remark(r.code, r.segment_index, r.element)
            for r in sorted(remarks, key=lambda r: (r.segment_index, r.element))
            if r.line_number == line_number
        ]

    return ClaimPayment(
        patient_control_number=payment.patient_control_number,
        status_code=payment.status_code,
        charge_amount=payment.charge_amount,
        paid_amount=payment.paid_amount,
        patient_responsibility_amount=payment.patient_responsibility_amount,
        filing_indicator=payment.filing_indicator,
        payer_claim_control_number=payment.payer_claim_control_number,
        place_of_service=payment.place_of_service,
        frequency_code=payment.frequency_code,
        segment_index=payment.segment_index,
        segment_count=len(payment.segments),
        rendering_provider=Party(identifier=payment.rendering_npi) if payment.rendering_npi else None,
        service_from=payment.service_from,
        service_to=payment.service_to,
        received_on=payment.received_on,
        adjustments=adjusted(None),
        remarks=remarked(None),
        service_lines=[
            _service_line(line, adjusted(line.line_number), remarked(line.line_number), payment)
            for line in lines
        ],
        segments=payment.segments,
    )


def line_details(billed: str | None) -> LineDetails | None:
    """The units billed, as SVC07 has them where they differ from those paid."""
    known = billed is not None and billed.replace(".", "", 1).isdecimal()
    return LineDetails(submitted_units=Decimal(billed)) if billed and known else None


def _submitted_units(line: tables.ServiceLine, payment: tables.ClaimPayment) -> str | None:
    """SVC07, which the loop's own text alone has."""
    place = line.segment_index - payment.segment_index
    segment = payment.segments[place] if 0 <= place < len(payment.segments) else ""
    elements = segment.split("*")
    return elements[SUBMITTED_UNITS] if len(elements) > SUBMITTED_UNITS else None


def _service_line(
    line: tables.ServiceLine,
    adjustments: list[Adjustment],
    remarks: list[Remark],
    payment: tables.ClaimPayment,
) -> ServiceLine:
    return ServiceLine(
        line_number=line.line_number,
        procedure=line.procedure,
        modifiers=tuple(line.modifiers),
        charge_amount=line.charge_amount,
        paid_amount=line.paid_amount,
        units=line.units,
        submitted_procedure=line.submitted_procedure,
        submitted_modifiers=tuple(line.submitted_modifiers),
        segment_index=line.segment_index,
        details=line_details(_submitted_units(line, payment)),
        service_on=line.service_on,
        service_to=line.service_to,
        control_number=line.control_number,
        rendering_npi=line.rendering_npi,
        allowed_amount=line.allowed_amount,
        adjustments=adjustments,
        remarks=remarks,
    )
