"""A match is taken back: both claims are what they were, who did it and why is kept."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from sqlmodel import col

from overturn.db import tables
from overturn.db.session import Sessions
from overturn.db.unmatching import UnmatchRefusedError, take_match_back
from tests.integration.records import adjudications, classify, count, only, rows, take_in
from tests.integration.test_matching import ACTOR, claim_of, match, matched_by_hand, submission_of
from tests.integration.test_reconciling import prove
from tests.web_factories import person
from tests.x12_files import acknowledgement, denied_claim, paid_claim, remittance, submission

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

WRONG = "another patient of the same day"


async def take_back(sessions: Sessions, match_id: UUID | None = None) -> None:
    async with sessions.begin() as session:
        if await session.get(tables.UserAccount, ACTOR) is None:
            session.add(person("dana", id=ACTOR))
            await session.flush()
        known = match_id or (await rows(sessions, tables.ClaimMatch))[-1].id
        await take_match_back(session, match_id=known, actor_id=ACTOR, reason=WRONG)
    await classify(sessions, await adjudications(sessions))


async def test_both_claims_are_what_they_were_and_the_reason_is_kept(sessions: Sessions) -> None:
    await take_in(sessions, acknowledgement(("OURS", "A2")))
    answered = await matched_by_hand(sessions)
    await classify(sessions, await adjudications(sessions))
    assert (await claim_of(sessions, "THEIRS")).imbalance_amount == Decimal("20.00")
    await take_back(sessions)
    theirs, ours = await claim_of(sessions, "THEIRS"), await claim_of(sessions, "OURS")
    assert (theirs.id, theirs.submitted, theirs.acknowledgement) == (answered, False, None)
    assert (theirs.charge_amount, theirs.denied_amount, theirs.imbalance_amount) == (
        *(Decimal("100.00"), Decimal("100.00")),
        Decimal("0.00"),
    )
    assert (ours.submitted, ours.adjudicated, ours.charge_amount) == (True, False, Decimal("120.00"))
    assert ours.acknowledgement == "accepted"
    for table in (tables.SubmittedClaim, tables.ClaimAcknowledgement):
        assert (await only(sessions, table)).claim_id == ours.id
    case = await only(sessions, tables.DenialCase)
    assert (case.claim_id, case.denied_amount) == (answered, Decimal("100.00"))
    kept = await only(sessions, tables.ClaimMatch)
    assert (kept.undone_by, kept.undone_reason, kept.undone_at is None) == (ACTOR, WRONG, False)
    assert (await prove(sessions)).holds


async def test_a_request_for_records_follows_the_claim_it_is_about(sessions: Sessions) -> None:
    answered = await matched_by_hand(sessions)
    async with sessions.begin() as session:
        session.add(
            tables.RecordsRequest(
                id=answered,
                claim_id=answered,
                requester="mac",
                notice="letter",
                requested_on=date(2026, 5, 1),
                status="gathering",
                amount=Decimal("120.00"),
                paid_before_amount=Decimal(0),
                denied_before_amount=Decimal(0),
            )
        )
    await take_back(sessions)
    ours = await claim_of(sessions, "OURS")
    assert (await only(sessions, tables.RecordsRequest)).claim_id == ours.id
    await match(sessions, answered, await submission_of(sessions, "OURS"))
    assert (await only(sessions, tables.RecordsRequest)).claim_id == answered


async def test_it_can_be_matched_again_by_a_person(sessions: Sessions) -> None:
    answered = await matched_by_hand(sessions)
    await take_back(sessions)
    await match(sessions, answered, await submission_of(sessions, "OURS"))
    assert (await only(sessions, tables.Claim)).submitted
    assert await count(sessions, tables.ClaimMatch) == 2


async def test_what_posting_matched_by_itself_is_not_matched_again_without_a_person(
    sessions: Sessions,
) -> None:
    await take_in(sessions, submission("OURS"), remittance(denied_claim("CUT")))
    await take_back(sessions)
    await take_in(sessions, remittance(denied_claim("CUT", icn="ICN9"), trace="T9", paid_on="20261101"))
    assert not (await claim_of(sessions, "CUT")).submitted
    assert not (await claim_of(sessions, "OURS")).adjudicated


async def test_our_number_finds_our_own_claim_again(sessions: Sessions) -> None:
    await matched_by_hand(sessions)
    await take_back(sessions)
    await take_in(
        sessions,
        submission("OURS", charge="130.00", control="2"),
        remittance(paid_claim("OURS", charge="130.00"), trace="T2", paid_on="20261001"),
    )
    ours = await claim_of(sessions, "OURS")
    assert (ours.adjudicated, ours.charge_amount) == (True, Decimal("130.00"))
    assert {p.claim_id for p in await rows(sessions, tables.ClaimPayment)} == {
        ours.id,
        (await claim_of(sessions, "THEIRS")).id,
    }


async def test_a_rejection_that_the_match_closed_is_open_again(sessions: Sessions) -> None:
    await take_in(sessions, submission("OURS", charge="120.00"), acknowledgement(("OURS", "A3")))
    await take_in(sessions, remittance(denied_claim("THEIRS")))
    theirs = await claim_of(sessions, "THEIRS")
    await match(sessions, theirs.id, await submission_of(sessions, "OURS"))
    assert (await only(sessions, tables.Rejection)).state == "done"
    await take_back(sessions)
    rejection = await only(sessions, tables.Rejection)
    assert (rejection.state, rejection.done_reason) == ("open", None)
    assert rejection.claim_id == (await claim_of(sessions, "OURS")).id


async def test_what_the_payer_itself_confirmed_is_refused(sessions: Sessions) -> None:
    await matched_by_hand(sessions)
    await take_in(sessions, remittance(paid_claim("OURS", charge="120.00"), trace="T2", paid_on="20261001"))
    with pytest.raises(UnmatchRefusedError, match="answered this claim as OURS"):
        await take_back(sessions)
    assert await count(sessions, tables.Claim) == 1


async def test_a_match_is_taken_back_once(sessions: Sessions) -> None:
    await matched_by_hand(sessions)
    taken = (await only(sessions, tables.ClaimMatch)).id
    await take_back(sessions, taken)
    with pytest.raises(UnmatchRefusedError, match="not there any more"):
        await take_back(sessions, taken)


async def test_a_claim_that_was_sent_under_its_own_number_meanwhile_keeps_that_submission(
    sessions: Sessions,
) -> None:
    await matched_by_hand(sessions)
    await take_in(sessions, submission("THEIRS", charge="100.00", control="3"))
    await take_back(sessions)
    theirs = await claim_of(sessions, "THEIRS")
    assert (theirs.submitted, theirs.charge_amount) == (True, Decimal("100.00"))
    sent = await rows(sessions, tables.SubmittedClaim, col(tables.SubmittedClaim.claim_id) == theirs.id)
    assert [s.content["patient_control_number"] for s in sent] == ["THEIRS"]
