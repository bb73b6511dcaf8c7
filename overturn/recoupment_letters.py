"""The rebuttal of a recoupment: what the record knows of the demand and its claim, and a draft made of it.

A demand about one claim prints that claim; about several, it lists them and leaves the patient's lines blank,
for the person who sends it.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db import tables
from overturn.db.addresses import letter_addresses
from overturn.db.recoupment_record import Asked, begin
from overturn.db.recoupments import refuse_second
from overturn.db.submissions import latest_submissions
from overturn.db.taken_back import provider_take_backs
from overturn.db.timeline import enter
from overturn.domain.appeals import LetterFacts
from overturn.domain.codes import PayerScope, format_dollars
from overturn.domain.payers import MEDICARE_FFS
from overturn.domain.practice_day import practice_date
from overturn.domain.recoupment import FIRST_LEVEL, Dispute, RecoupmentRefusedError, RecoupmentStep
from overturn.domain.submission import SubmittedClaim
from overturn.letters import blanks, draft_letter, render_html
from overturn.rulebook import Rulebook

LETTER: Final = "recoupment"
ENTERED: Final = "what a person entered about the demand"
ADDRESSES: Final = frozenset({"practice_address", "payer_address"})


@dataclass(frozen=True, slots=True)
class _Paid:
    """A claim of the demand with the answer that paid it."""

    claim: tables.Claim
    payment: tables.ClaimPayment
    remittance: tables.Remittance


async def draft_rebuttal(session: AsyncSession, asked: Asked, *, reason: str, rulebook: Rulebook) -> None:
    """Draft the rebuttal anew, in place of an earlier draft; `reason` is why the payment was right.

    Raises:
        RecoupmentRefusedError: the recoupment is not the practice's to answer, or was answered.
        LetterError: the letter cannot be written from what is known.
    """
    row = await begin(session, asked, RecoupmentStep.DRAFT)
    if row is None:
        return
    refuse_second(row, Dispute.REBUTTAL)
    on = practice_date(asked.at)
    facts = await _facts(session, row, reason, on)
    draft = await asyncio.to_thread(draft_letter, LETTER, facts, citations=rulebook.citations)
    values = {
        "template_version": draft.template_version,
        "title": draft.title,
        "markdown": draft.markdown,
        "missing_facts": list(draft.missing_facts),
        "facts": {ground.fact: ground.value for ground in draft.grounds},
        "dated_on": on,
        "updated_at": asked.at,
    }
    letter = insert(tables.RecoupmentLetter).values(recoupment_id=row.id, **values)
    await session.execute(letter.on_conflict_do_update(index_elements=["recoupment_id"], set_=values))
    _said(session, row, asked, f"Rebuttal drafted: {draft.title}.")


async def edit_rebuttal(session: AsyncSession, asked: Asked, *, markdown: str) -> None:
    """Keep the words as a person edited them.

    Raises:
        RecoupmentRefusedError: it is no draft, or the page was older.
        LetterError: the text cannot be rendered; nothing is kept.
    """
    row = await begin(session, asked, RecoupmentStep.DRAFT)
    if row is None:
        return
    letter = await session.get(tables.RecoupmentLetter, row.id)
    if letter is None:
        raise RecoupmentRefusedError("There is no rebuttal to edit: draft it first.")
    render_html(markdown)
    letter.markdown, letter.missing_facts, letter.updated_at = markdown, list(blanks(markdown)), asked.at
    _said(session, row, asked, "Rebuttal edited.")


def _said(session: AsyncSession, row: tables.Recoupment, asked: Asked, summary: str) -> None:
    actor, kind = str(asked.actor_id), RecoupmentStep.DRAFT
    enter(session, row, asked.step_id, kind=kind, summary=summary, actor=actor, at=asked.at)


async def _facts(session: AsyncSession, row: tables.Recoupment, reason: str, on: date) -> LetterFacts:
    paid = await _paid_claims(session, row)
    found = {**await _addresses(session, row), **_demand_facts(row, reason), **_listed(paid)}
    found["recoupment_reference"] = await _reference(session, row, paid)
    if len(paid) == 1:
        submitted = await latest_submissions(session, [paid[0].claim.id])
        found = {**_claim_facts(paid[0], submitted.get(paid[0].claim.id)), **found}
    known = {name: fact for name, fact in found.items() if fact[0] not in (None, (), "")}
    return LetterFacts(
        letter_on=on,
        payer_scope=PayerScope.MEDICARE if row.line_of_business == MEDICARE_FFS else PayerScope.ANY,
        denied_amount=row.demanded_amount,
        lines=(),
        sources={name: source for name, (_, source) in known.items()},
        **{name: value for name, (value, _) in known.items()},
    )


Known = Mapping[str, tuple[Any, str]]
"""Facts by name, each with where in the record it stands."""


def _demand_facts(row: tables.Recoupment, reason: str) -> Known:
    return {
        "payer_name": (row.payer_name, ENTERED),
        "recoupment_amount": (row.demanded_amount - row.withdrawn_amount, ENTERED),
        "recoupment_on": (row.notice_on, ENTERED),
        "recoupment_reason": (reason, ENTERED),
    }


async def _reference(
    session: AsyncSession, row: tables.Recoupment, paid: Sequence[_Paid]
) -> tuple[str | None, str]:
    """The letter's; where nobody has entered one, what the latest take-back quotes."""
    if row.reference:
        return row.reference, ENTERED
    taken = await provider_take_backs(session, [one.claim.id for one in paid], None)
    if not taken:
        return None, ""
    return taken[-1].reference, f"835 of {taken[-1].payment_on}, segment {taken[-1].segment_index}"


async def _addresses(session: AsyncSession, row: tables.Recoupment) -> Known:
    entered = await letter_addresses(session, row, level=FIRST_LEVEL)
    return {
        name: (lines if name in ADDRESSES else lines[0], source) for name, (lines, source) in entered.items()
    }


def _claim_facts(paid: _Paid, submitted: SubmittedClaim | None) -> Known:
    claim, payment, remittance = paid.claim, paid.payment, paid.remittance
    source = f"835 of {remittance.payment_on or 'no date'}, segment {payment.segment_index}"
    ours = "our entry of the claim"
    sent = f"837P, segment {submitted.segment_index}" if submitted else ""
    return {
        "practice_name": (remittance.payee_name, source),
        "practice_npi": (remittance.payee_npi or claim.billing_npi, source),
        "patient_name": (payment.patient_name or claim.patient_name, source),
        "member_id": (payment.member_identifier or claim.member_identifier, source),
        "patient_born_on": (submitted.patient_born_on if submitted else None, sent),
        "patient_control_number": (claim.patient_control_number, ours),
        "payer_claim_control_number": (payment.payer_claim_control_number, source),
        "service_from": (payment.service_from or claim.service_from, source),
        "service_to": (payment.service_to or claim.service_to, source),
        "remittance_on": (remittance.payment_on, source),
        "trace_number": (remittance.trace_number, source),
    }


def _listed(paid: Sequence[_Paid]) -> Known:
    """Where a demand is about several claims, each with what was paid."""
    if len(paid) < 2:  # noqa: PLR2004 - one needs no list
        return {}
    lines = tuple(_line(one.claim, one.payment.paid_amount) for one in paid)
    return {"evidence": (lines, "835 of each claim")}


def _line(claim: tables.Claim, paid: Decimal) -> str:
    return (
        f"Claim {claim.patient_control_number}, {claim.patient_name or 'patient not named'}, served on "
        f"{claim.service_from or 'a day not on record'}: paid {format_dollars(paid)}."
    )


async def _paid_claims(session: AsyncSession, row: tables.Recoupment) -> list[_Paid]:
    """Each claim with its latest answer that is no reversal."""
    claim, payment, remittance = tables.Claim, tables.ClaimPayment, tables.Remittance
    found = await session.execute(
        select(claim, payment, remittance)
        .join(tables.RecoupmentClaim, col(tables.RecoupmentClaim.claim_id) == col(claim.id))
        .join(payment, col(payment.claim_id) == col(claim.id))
        .join(remittance, col(remittance.id) == col(payment.remittance_id))
        .where(col(tables.RecoupmentClaim.recoupment_id) == row.id, col(payment.status_code) != "22")
        .order_by(col(claim.patient_control_number), col(payment.payment_on).nulls_first(), col(payment.id))
    )
    latest = {one.Claim.id: _Paid(one.Claim, one.ClaimPayment, one.Remittance) for one in found}
    return list(latest.values())
