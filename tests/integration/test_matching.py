"""A person says which of our claims a remittance answered; the claim is settled with it from then on."""

from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from sqlmodel import col

from overturn.db import tables
from overturn.db.matching import MatchRefusedError, match_claim
from overturn.db.session import Sessions
from tests.integration.records import adjudications, classify, count, only, post, rows, take_in
from tests.web_factories import person
from tests.x12_files import acknowledgement, denied_claim, paid_claim, remittance, submission

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

ACTOR = uuid4()
"""The person who matches."""


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
        if await session.get(tables.UserAccount, ACTOR) is None:
            session.add(person("dana", id=ACTOR))
            await session.flush()
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
    await take_in(sessions, submission("OURS", charge="120.00"), remittance(denied_claim("THEIRS")))
    foreign = await claim_of(sessions, "THEIRS")
    await match(sessions, foreign.id, await submission_of(sessions, "OURS"))
    await take_in(sessions, remittance(paid_claim("THEIRS"), trace="T2", paid_on="20261001"))
    assert {p.claim_id for p in await rows(sessions, tables.ClaimPayment)} == {foreign.id}
    assert (await only(sessions, tables.Claim)).denied_amount == 0


async def test_a_claim_that_has_its_submission_is_not_matched_again(sessions: Sessions) -> None:
    await take_in(sessions, submission("OURS", "MORE", charge="120.00"), remittance(denied_claim("THEIRS")))
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


async def matched_by_hand(sessions: Sessions) -> UUID:
    """OURS put under THEIRS by a person, because the charges differ; the claim's id."""
    await take_in(
        sessions, submission("OURS", charge="120.00"), remittance(denied_claim("THEIRS", icn="PAYERS1"))
    )
    foreign = await claim_of(sessions, "THEIRS")
    await match(sessions, foreign.id, await submission_of(sessions, "OURS"))
    return foreign.id


async def test_after_a_match_our_own_number_finds_the_claim_whatever_names_it(sessions: Sessions) -> None:
    claim_id = await matched_by_hand(sessions)
    await take_in(
        sessions,
        submission("OURS", charge="130.00", control="2"),
        acknowledgement(("OURS", "A2"), ("THEIRS", "A2")),
        remittance(paid_claim("OURS", charge="130.00"), trace="T2", paid_on="20261001"),
    )
    claim = await only(sessions, tables.Claim)
    assert (claim.id, claim.patient_control_number) == (claim_id, "THEIRS")
    assert (claim.acknowledgement, claim.charge_amount) == ("accepted", Decimal("130.00"))
    for table in (tables.SubmittedClaim, tables.ClaimAcknowledgement, tables.ClaimPayment):
        assert {row.claim_id for row in await rows(sessions, table)} == {claim_id}
    remembered = await only(sessions, tables.ClaimMatch)
    assert (remembered.number, remembered.claim_id, remembered.matched_by) == ("OURS", claim_id, ACTOR)


async def test_an_acknowledgement_that_waited_under_the_payers_number_is_found(sessions: Sessions) -> None:
    await take_in(sessions, acknowledgement(("THEIRS", "A3")))
    claim_id = await matched_by_hand(sessions)
    assert (await only(sessions, tables.ClaimAcknowledgement)).claim_id == claim_id
    assert (await only(sessions, tables.Claim)).acknowledgement == "rejected"


@pytest.mark.parametrize("claims_first", [True, False])
async def test_a_claim_that_agrees_in_everything_is_matched_at_posting(
    sessions: Sessions, claims_first: bool
) -> None:
    files = [submission("OURS"), remittance(denied_claim("CUT"))]
    await take_in(sessions, *(files if claims_first else reversed(files)))
    claim = await only(sessions, tables.Claim)
    assert (claim.patient_control_number, claim.submitted) == ("CUT", True)
    assert (await only(sessions, tables.SubmittedClaim)).claim_id == claim.id
    remembered = await only(sessions, tables.ClaimMatch)
    assert remembered.matched_by is None
    assert remembered.reason == "same member, same date, same procedure, same charge"
    submitted = await only(sessions, tables.Outbox, col(tables.Outbox.topic) == "claim.submitted.v1")
    assert (submitted.payload["claim_id"] == str(claim.id)) is not claims_first


@pytest.mark.parametrize(
    "files",
    [
        [submission("OURS", "TWIN"), remittance(denied_claim("CUT"))],
        [submission("OURS"), remittance(denied_claim("CUT"), denied_claim("CUT2"))],
        [submission("OURS", charge="120.00"), remittance(denied_claim("CUT"))],
        [submission("OURS").replace(b"HC:97110", b"HC:97140"), remittance(denied_claim("CUT"))],
        [submission("OURS").replace(b"D8*20260901", b"D8*20260902"), remittance(denied_claim("CUT"))],
        [submission("OURS").replace(b"MI*M0001", b"MI*M0002"), remittance(denied_claim("CUT"))],
        [submission("OURS"), remittance(paid_claim("OURS")), remittance(denied_claim("CUT"), trace="T2")],
    ],
    ids=["twin sent", "twin answered", "charge", "procedure", "date", "member", "answered"],
)
async def test_what_is_not_certain_is_left_to_a_person(sessions: Sessions, files: list[bytes]) -> None:
    await take_in(sessions, *files)
    assert not (await claim_of(sessions, "CUT")).submitted
    assert await count(sessions, tables.ClaimMatch) == 0


async def test_the_payers_own_number_finds_the_claim_it_was_acknowledged_with(sessions: Sessions) -> None:
    answer = acknowledgement(("OURS", "A2")).replace(b"DTP*472*D8", b"REF*1K*ICN1~DTP*472*D8")
    count_in_trailer = len(acknowledgement(("OURS", "A2")).split(b"~")) - 5
    answer = answer.replace(b"SE*%d*" % count_in_trailer, b"SE*%d*" % (count_in_trailer + 1))
    await take_in(sessions, submission("OURS", "TWIN"), answer, remittance(denied_claim("CUT")))
    ours = await claim_of(sessions, "OURS")
    assert (await only(sessions, tables.ClaimPayment)).claim_id == ours.id


async def test_the_payers_own_number_finds_the_claim_it_answered_before(sessions: Sessions) -> None:
    await take_in(sessions, submission("OURS", "TWIN"), remittance(denied_claim("OURS")))
    await take_in(sessions, remittance(paid_claim("CUT", icn="ICN1"), trace="T2", paid_on="20261001"))
    ours = await claim_of(sessions, "OURS")
    assert {p.claim_id for p in await rows(sessions, tables.ClaimPayment)} == {ours.id}
    assert ours.denied_amount == 0


async def test_the_same_payer_number_of_another_member_is_another_claim(sessions: Sessions) -> None:
    await take_in(sessions, submission("OURS"), remittance(denied_claim("OURS")))
    other = [s.replace("M0001", "M0002") for s in paid_claim("CUT", icn="ICN1")]
    await take_in(sessions, remittance(other, trace="T2"))
    assert not (await claim_of(sessions, "CUT")).submitted
