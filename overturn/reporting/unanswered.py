"""Claims sent and not answered within the payer's usual time: silence that costs as much as a denial."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overturn.domain.answer_times import AnswerTimes, Silence, Waiting, shortest_days, silence
from overturn.domain.deadlines import DeadlineKind
from overturn.domain.payers import PayerDirectory
from overturn.reporting.rows import fetch_all


@dataclass(frozen=True, slots=True)
class SentClaim:
    """A claim of ours that no remittance has answered and no rejection explains. Money is US dollars."""

    claim_id: UUID
    claim_number: str
    patient_name: str | None
    payer_name: str | None
    payer_identifier: str | None
    filing_indicator: str | None
    charge_amount: Decimal
    sent_on: date
    acknowledgement: str | None  # accepted, or None: no 277CA came either
    payer_claim_control_number: str | None  # as an acknowledgement told it


@dataclass(frozen=True, slots=True)
class UnansweredClaim:
    """A sent claim with how long its payer has been silent past its usual time."""

    claim: SentClaim
    silence: Silence


# The last submission counts; a void (frequency 8) asks for no answer, a rejection has a queue of its own.
_SENT: Final = text("""
    SELECT c.id AS claim_id, c.patient_control_number AS claim_number,
           c.patient_name, c.payer_name, c.payer_identifier, s.content ->> 'filing_indicator'
           AS filing_indicator, c.charge_amount, s.sent_on, c.acknowledgement,
           a.payer_claim_control_number
      FROM claim c
      JOIN LATERAL (SELECT content, frequency_code, coalesce(submitted_on, created_at::date) AS sent_on
                      FROM submitted_claim WHERE claim_id = c.id
                     ORDER BY submitted_on DESC NULLS LAST, created_at DESC LIMIT 1) s ON true
      LEFT JOIN LATERAL (SELECT payer_claim_control_number FROM claim_acknowledgement
                          WHERE claim_id = c.id AND payer_claim_control_number IS NOT NULL
                          ORDER BY acknowledged_on DESC NULLS LAST, created_at DESC LIMIT 1) a ON true
     WHERE c.submitted AND NOT c.adjudicated
       AND s.sent_on < :sent_before AND s.frequency_code IS DISTINCT FROM '8'
       AND NOT EXISTS (SELECT FROM rejection r WHERE r.claim_id = c.id AND r.state = 'open')
""")


async def unanswered_claims(
    session: AsyncSession, *, times: AnswerTimes, payers: PayerDirectory, today: date
) -> list[UnansweredClaim]:
    """Every claim whose payer is past its usual time, the longest silence first, then the dearest."""
    sent_before = today - timedelta(days=shortest_days(times, DeadlineKind.CLAIM))
    sent = await fetch_all(session, SentClaim, _SENT, sent_before=sent_before)
    silences = ((claim, _silence(claim, times, payers, today)) for claim in sent)
    silent = [UnansweredClaim(claim, silence) for claim, silence in silences if silence]
    return sorted(silent, key=_longest_first)


def _longest_first(one: UnansweredClaim) -> tuple[int, Decimal, str]:
    return (-one.silence.days_over, -one.claim.charge_amount, one.claim.claim_number)


def _silence(claim: SentClaim, times: AnswerTimes, payers: PayerDirectory, today: date) -> Silence | None:
    payer = payers.resolve(
        name=claim.payer_name, identifier=claim.payer_identifier, filing_indicator=claim.filing_indicator
    )
    waiting = Waiting(DeadlineKind.CLAIM, payer.key, payer.line_of_business, claim.sent_on)
    return silence(times, waiting, today=today)
