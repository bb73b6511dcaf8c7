"""A person says which of our claims a remittance answered; the claim is settled with it from then on."""

from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from sqlmodel import col

from overturn.db import tables
from overturn.db.matching import MatchRefusedError, match_claim
from overturn.db.session import Sessions
from tests.integration.records import adjudications, classify, count, only, post, rows, take_in
from tests.x12_files import acknowledgement, denied_claim, paid_claim, remittance, submission

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

ACTOR = uuid4()


async def claim_of(sessions: Sessions, number: str) -> tables.Claim:
    found: tables.Claim = await only(
        sessions, tables.Claim, col(tables.Claim.patient_control_number) == number
    )
    return found


async def submission_of(sessions: Sessions, number: str) -> UUID:
    claim = await claim_of(sessions, number)
    sent = await only(sessions, tables.SubmittedClaim, col(tables.SubmittedClaim.claim_id) == claim.id)
    found: UUID = sent.id
    return found


async def match(sessions: Sessions, foreign: UUID, submitted: UUID) -> None:
    async with sessions.begin() as session:
        await match_claim(session, claim_id=foreign, submitted_claim_id=submitted, actor_id=ACTOR)


async def test_a_foreign_claim_takes_its_submission_over_and_is_settled_anew(sessions: Sessions) -> None:
    await take_in(sessions, submission("OURS", charge="120.00"), acknowledgement(("OURS", "A2")))
    await take_in(sessions, remittance(denied_claim("THEIRS")))
    foreign, known = await claim_of(sessions, "THEIRS"), await adjudications(sessions)
    await match(sessions, foreign.id, await submission_of(sessions, "OURS"))
    [again] = (await adjudications(sessions))[len(known) :]
    assert again.event_id not in {e.event_id for e in known}
    await classify(sessions, [again])
    claim = await only(sessions, tables.Claim)
    assert (claim.id, claim.submitted, claim.acknowledgement) == (foreign.id, True, "accepted")
    assert (claim.charge_amount, claim.imbalance_amount) == (Decimal("120.00"), Decimal("20.00"))
    assert await count(sessions, tables.DenialCase) == 1
    for table in (tables.SubmittedClaim, tables.ClaimAcknowledgement):
        assert (await only(sessions, table)).claim_id == foreign.id


async def test_the_next_remittance_of_a_matched_claim_finds_it(sessions: Sessions) -> None:
    await take_in(sessions, submission("OURS"), remittance(denied_claim("THEIRS")))
    foreign = await claim_of(sessions, "THEIRS")
    await match(sessions, foreign.id, await submission_of(sessions, "OURS"))
    await take_in(sessions, remittance(paid_claim("THEIRS"), trace="T2", paid_on="20261001"))
    assert {p.claim_id for p in await rows(sessions, tables.ClaimPayment)} == {foreign.id}
    assert (await only(sessions, tables.Claim)).denied_amount == 0


async def test_a_claim_that_has_its_submission_is_not_matched_again(sessions: Sessions) -> None:
    await take_in(sessions, submission("OURS", "MORE"), remittance(denied_claim("THEIRS")))
    foreign = await claim_of(sessions, "THEIRS")
    await match(sessions, foreign.id, await submission_of(sessions, "OURS"))
    more = await submission_of(sessions, "MORE")
    with pytest.raises(MatchRefusedError, match="matched already"):
        await match(sessions, foreign.id, more)


async def test_a_submission_that_another_remittance_answered_is_refused(sessions: Sessions) -> None:
    await take_in(sessions, submission("OURS"), remittance(paid_claim("OURS"), denied_claim("THEIRS")))
    foreign, ours = await claim_of(sessions, "THEIRS"), await submission_of(sessions, "OURS")
    with pytest.raises(MatchRefusedError, match="OURS was answered by another remittance"):
        await match(sessions, foreign.id, ours)
    assert await count(sessions, tables.Claim) == 2


async def test_what_is_gone_meanwhile_is_refused_and_not_a_crash(sessions: Sessions) -> None:
    await post(sessions, submission("OURS"))
    with pytest.raises(MatchRefusedError, match="not there any more"):
        await match(sessions, uuid4(), await submission_of(sessions, "OURS"))
