"""The lines beside a claim are those that its neighbours, read as a whole, have."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db import tables
from overturn.db.remittances import load_claim_payments
from overturn.db.same_day import lines_of_the_day
from overturn.db.session import Sessions
from overturn.db.submissions import latest_submissions
from overturn.demo.month import month_files
from overturn.domain.causes.same_day import OurClaim, lines_beside
from overturn.domain.remittance import ClaimPayment
from overturn.synthetic.month import make_month, write_month
from tests.integration.records import post

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

AS_ONE_DAY_OF_ONE_PATIENT = text("""
    UPDATE claim SET member_identifier = 'M1', patient_name = 'Pat Tester', billing_npi = '1234567893',
                     service_from = '2026-09-01', service_to = '2026-09-01'
""")


async def test_what_is_read_of_a_neighbour_is_all_that_counts_of_it(
    sessions: Sessions, tmp_path: Path
) -> None:
    """A month's claims with every kind of answer, and with none, put on one day of one patient."""
    for _ in write_month(make_month(claims=60, seed=11), tmp_path / "month"):
        pass
    for path in month_files(tmp_path / "month"):
        await post(sessions, path.read_bytes(), path.name)
    async with sessions.begin() as session:
        await session.execute(AS_ONE_DAY_OF_ONE_PATIENT)
        whole = await _read_whole(session)
        found = await lines_of_the_day(session, list(whole))
    assert {line.place.document for lines in found.values() for line in lines} == {"835", "837P"}
    for claim_id, lines in found.items():
        others = [claim for other, claim in whole.items() if other != claim_id]
        assert lines == lines_beside(whole[claim_id], others)


async def _read_whole(session: AsyncSession) -> Mapping[UUID, OurClaim]:
    """Every claim that is no rejected one nobody answered, with all that is stored of it."""
    claims = (await session.scalars(select(tables.Claim))).all()
    answers = await _answers(session)
    sent = await latest_submissions(session, [claim.id for claim in claims])
    return {
        claim.id: OurClaim(
            claim.patient_control_number, claim.charge_amount, sent.get(claim.id), answers[claim.id]
        )
        for claim in claims
        if claim.acknowledgement != "rejected" or answers[claim.id]
    }


async def _answers(session: AsyncSession) -> Mapping[UUID, Sequence[ClaimPayment]]:
    payment = tables.ClaimPayment
    rows = (
        await session.execute(select(col(payment.id), col(payment.claim_id), col(payment.payment_on)))
    ).all()
    loaded = await load_claim_payments(session, [row.id for row in rows])
    answers: dict[UUID, list[ClaimPayment]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.payment_on or date.min, str(row.id))):
        answers[row.claim_id].append(loaded[row.id])
    return answers
