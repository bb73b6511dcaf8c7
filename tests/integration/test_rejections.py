"""Claims that come back before adjudication: listed with their filing limit, closed by what settles them."""

from dataclasses import replace
from datetime import date
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col

from overturn.db import tables
from overturn.db.matching import match_claim
from overturn.db.rejections import FinishRefusedError, finish_rejection
from overturn.db.session import Sessions
from overturn.domain.deadlines import WindowUnit
from overturn.filing_limits import move_filing_limits
from overturn.rulebook import Rulebook, load_rulebook
from tests.integration.records import count, only, post, rows
from tests.web_factories import person
from tests.x12_files import (
    acknowledgement,
    denied_claim,
    functional_acknowledgement,
    remittance,
    submission,
)

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

SENT = submission("P1", "P2", control="1")
REFUSED = acknowledgement(("P1", "A7"), ("P2", "A2"), received_on="20260903", control="1")
TAKEN_IN = acknowledgement(("P1", "A2"), received_on="20260910", control="2")
REFUSED_TOO = acknowledgement(("P2", "A7"), received_on="20260904", control="3")
BATCH_REFUSED = functional_acknowledgement(
    "AK2*837*0001", "IK3*CLM*22**8", "IK4*2**7*SECRET", "IK5*R*5", "AK9*R*1*1*0"
)


async def rejections(sessions: Sessions) -> dict[str, Any]:
    """Each rejection by its claim's number."""
    claims = {c.id: c.patient_control_number for c in await rows(sessions, tables.Claim)}
    return {claims[r.claim_id]: r for r in await rows(sessions, tables.Rejection)}


async def state(sessions: Sessions) -> str:
    found: str = (await only(sessions, tables.Rejection)).state
    return found


@pytest.mark.parametrize("order", [(SENT, REFUSED), (REFUSED, SENT)])
async def test_a_refused_claim_is_listed_with_reason_and_filing_limit_in_either_order(
    sessions: Sessions, order: tuple[bytes, ...]
) -> None:
    for content in order:
        await post(sessions, content)
    rejection = (await rejections(sessions))["P1"]
    assert await count(sessions, tables.Rejection) == 1
    assert (rejection.source, rejection.codes, rejection.state) == ("277CA", ["A7:20:PR"], "open")
    assert rejection.reason == "Rejected: information is invalid (A7, status code 20, entity PR)."
    assert rejection.rejected_on == date(2026, 9, 3)
    assert rejection.due_on == date(2027, 9, 1)  # Medicare: one calendar year after the service
    assert rejection.deadline["rule"]["id"] == "medicare-claim"
    assert [step["step"] for step in rejection.deadline["derivation"]] == ["start", "window", "safe"]


async def test_where_the_limit_is_unknown_the_rejection_says_what_is_missing(sessions: Sessions) -> None:
    await post(sessions, SENT.replace(b"*******MB~", b"*******CI~"))
    await post(sessions, REFUSED)
    rejection = (await rejections(sessions))["P1"]
    assert rejection.due_on is None
    assert "set the window" in rejection.deadline["unknown"]


async def test_an_open_rejection_takes_over_another_limit_and_says_what_it_was(sessions: Sessions) -> None:
    for content in (SENT, REFUSED, REFUSED_TOO):
        await post(sessions, content)
    done = (await rejections(sessions))["P2"]
    async with sessions.begin() as session:
        session.add(dana := person("dana"))
        await session.flush()
        await finish_rejection(session, rejection_id=done.id, reason="Sent again.", actor_id=dana.id)
    for moved in (1, 0):
        async with sessions.begin() as session:
            assert await move_filing_limits(session, shorter(days=90)) == moved
    found = await rejections(sessions)
    assert found["P1"].due_on == date(2026, 11, 30)
    said = found["P1"].deadline["moved"]
    assert said.startswith("Deadline moved: due 2026-11-30, safe by 2026-11-13; before due 2027-09-01, ")
    assert "90 days" in said
    assert "in place of 1 year" in said
    assert found["P2"].due_on == date(2027, 9, 1)  # done: its limit is history


def shorter(*, days: int) -> Rulebook:
    """The rules with a shorter time to file for Medicare."""
    rulebook = load_rulebook()
    known = rulebook.filing_windows
    windows = tuple(
        replace(w, amount=days, unit=WindowUnit.DAYS) if w.id == "medicare-claim" else w
        for w in known.windows
    )
    return replace(rulebook, filing_windows=replace(known, windows=windows))


async def test_a_refusal_sent_again_in_another_file_is_one_rejection(sessions: Sessions) -> None:
    for content in (SENT, REFUSED, REFUSED.replace(b"BATCH1", b"BATCH7")):
        await post(sessions, content)
    assert await count(sessions, tables.Rejection) == 1


@pytest.mark.parametrize("order", list(permutations([SENT, REFUSED, TAKEN_IN])))
async def test_a_claim_taken_in_later_is_done_in_whatever_order_the_files_come(
    sessions: Sessions, order: tuple[bytes, ...]
) -> None:
    for content in order:
        await post(sessions, content)
    rejection = await only(sessions, tables.Rejection)
    assert (rejection.state, rejection.done_by) == ("done", None)
    assert rejection.done_reason == "A 277CA of 2026-09-10 took the claim in."
    assert rejection.done_at


async def test_a_claim_taken_in_before_it_was_refused_stays_open(sessions: Sessions) -> None:
    earlier = acknowledgement(("P1", "A2"), received_on="20260901", control="3")
    for content in (SENT, earlier, REFUSED):
        await post(sessions, content)
    assert await state(sessions) == "open"


@pytest.mark.parametrize(("paid_on", "expected"), [("20260915", "done"), ("20260901", "open")])
async def test_only_a_later_remittance_closes_a_rejection(
    sessions: Sessions, paid_on: str, expected: str
) -> None:
    answer = remittance(denied_claim("P1"), paid_on=paid_on)
    for order in ((SENT, REFUSED, answer),):
        for content in order:
            await post(sessions, content)
    assert await state(sessions) == expected


async def test_a_remittance_that_came_before_the_refusal_closes_it_too(sessions: Sessions) -> None:
    for content in (SENT, remittance(denied_claim("P1")), REFUSED):
        await post(sessions, content)
    rejection = await only(sessions, tables.Rejection)
    assert rejection.done_reason == "A remittance of 2026-09-15 adjudicated the claim."


@pytest.mark.parametrize("order", [(SENT, BATCH_REFUSED), (BATCH_REFUSED, SENT)])
async def test_a_refused_batch_refuses_each_of_its_claims_in_either_order(
    sessions: Sessions, order: tuple[bytes, ...]
) -> None:
    other = submission("P8", control="2")
    for content in (other, *order):
        assert (await post(sessions, content)).state == "posted"
    found = await rejections(sessions)
    assert set(found) == {"P1", "P2"}
    assert (found["P1"].source, found["P1"].rejected_on) == ("999", date(2026, 9, 3))
    assert found["P1"].codes == ["R", "5", "CLM@22:8", "CLM@22.2:7"]
    assert found["P1"].reason == (
        "The batch was rejected: no claim in it was taken in (R). A segment is in error (5). "
        "Segment CLM, place 22: an element of it is in error (8). "
        "Segment CLM, place 22, element 2: invalid code value (7)."
    )
    assert found["P1"].due_on == date(2027, 9, 1)


async def test_a_refused_batch_tells_of_each_claim_once(sessions: Sessions) -> None:
    for content in (SENT, BATCH_REFUSED, BATCH_REFUSED):
        await post(sessions, content)
    told = await rows(sessions, tables.Outbox, col(tables.Outbox.topic) == "claim.acknowledged.v1")
    batch = await only(sessions, tables.BatchAcknowledgement)
    claims = {str(claim.id) for claim in await rows(sessions, tables.Claim)}
    assert {event.payload["claim_id"] for event in told} == claims
    assert len(told) == len(claims) == 2
    assert {(event.payload["accepted"], event.payload["acknowledgement_id"]) for event in told} == {
        (False, str(batch.id))
    }


async def test_a_group_refused_as_a_whole_refuses_all_its_claims(sessions: Sessions) -> None:
    await post(sessions, SENT)
    await post(sessions, functional_acknowledgement("AK9*R*1*1*0*4"))
    found = await rejections(sessions)
    assert set(found) == {"P1", "P2"}
    assert "Control numbers of GS and GE differ (4)." in found["P1"].reason


@pytest.mark.parametrize(("status", "expected"), [("A", 0), ("E", 1), ("M", 1), ("R", 1), ("W", 1), ("X", 1)])
async def test_what_a_batch_s_status_means(sessions: Sessions, status: str, expected: int) -> None:
    await post(sessions, submission("P1"))
    receipt = await post(sessions, functional_acknowledgement("AK2*837*0001", f"IK5*{status}"))
    assert (receipt.state, receipt.held_back) == ("posted", False)
    assert await count(sessions, tables.Rejection) == expected


async def test_a_batch_refused_before_it_came_here_says_so(sessions: Sessions) -> None:
    receipt = await post(sessions, BATCH_REFUSED)
    assert "did not come here yet" in receipt.message
    assert await count(sessions, tables.BatchAcknowledgement) == 1


async def test_of_batches_with_one_number_the_newest_sent_before_the_answer_is_meant(
    sessions: Sessions,
) -> None:
    older = submission("P5").replace(b"*20260902*1200*CH", b"*20260801*1200*CH")
    later = submission("P6").replace(b"*20260902*1200*CH", b"*20260904*1200*CH")
    for content in (SENT, older, later):
        await post(sessions, content)
    receipt = await post(sessions, BATCH_REFUSED)
    assert set(await rejections(sessions)) == {"P1", "P2"}
    assert "Several batches of ours bear group control number 1" in receipt.message


async def test_an_answer_that_found_its_batch_does_not_refuse_a_later_one(sessions: Sessions) -> None:
    await post(sessions, SENT)
    await post(sessions, BATCH_REFUSED)
    await post(sessions, submission("P7", control="1"))
    assert set(await rejections(sessions)) == {"P1", "P2"}


async def test_a_999_to_something_else_than_claims_changes_nothing(sessions: Sessions) -> None:
    await post(sessions, SENT)
    receipt = await post(sessions, functional_acknowledgement("AK2*270*0001", "IK5*R*5"))
    assert receipt.state == "posted"
    assert await count(sessions, tables.Rejection) == 0


async def test_a_refusal_of_a_whole_file_is_told_with_the_file(sessions: Sessions) -> None:
    content = acknowledgement(("P1", "A2")).replace(b"STC*A1:19:PR**WQ", b"STC*A8:19:PR**U")
    assert "refuses a whole batch or provider" in (await post(sessions, content)).message


async def test_a_claim_matched_by_hand_keeps_its_rejection(sessions: Sessions) -> None:
    await post(sessions, SENT)
    await post(sessions, REFUSED)
    await post(sessions, remittance(denied_claim("P1-OTHER", charge="90.00"), paid_on="20260901"))
    answered = await only(sessions, tables.Claim, col(tables.Claim.patient_control_number) == "P1-OTHER")
    ours = await only(sessions, tables.Claim, col(tables.Claim.patient_control_number) == "P1")
    sent = await only(sessions, tables.SubmittedClaim, col(tables.SubmittedClaim.claim_id) == ours.id)
    someone = person("dana")
    async with sessions.begin() as session:
        session.add(someone)
        await session.flush()
        await match_claim(session, claim_id=answered.id, submitted_claim_id=sent.id, actor_id=someone.id)
    rejection = await only(sessions, tables.Rejection)
    assert (rejection.claim_id, rejection.state) == (answered.id, "open")


async def test_a_person_is_done_with_a_rejection_once_and_it_stays_done(sessions: Sessions) -> None:
    for content in (SENT, REFUSED):
        await post(sessions, content)
    someone = person("dana")
    async with sessions.begin() as session:
        session.add(someone)
    rejection = await only(sessions, tables.Rejection)
    done = {"rejection_id": rejection.id, "reason": "Not billable.", "actor_id": someone.id}
    async with sessions.begin() as session:
        await finish_rejection(session, **done)
    with pytest.raises(FinishRefusedError, match="done already: Not billable"):
        async with sessions.begin() as session:
            await finish_rejection(session, **done)
    await post(sessions, REFUSED.replace(b"BATCH1", b"BATCH7"))
    await post(sessions, TAKEN_IN)
    kept = await only(sessions, tables.Rejection)
    assert (kept.state, kept.done_reason, kept.done_by) == ("done", "Not billable.", someone.id)


async def test_batches_from_before_control_numbers_were_kept_are_not_met(sessions: Sessions) -> None:
    await post(sessions, SENT)
    async with sessions.begin() as session:
        await session.execute(update(tables.SubmittedClaim).values(group_control_number=None))
    await post(sessions, BATCH_REFUSED)
    assert await count(sessions, tables.Rejection) == 0


NAMED_ERROR = ("AK2*837*0001", "IK3*CLM*22**8", "CTX*CLM01:P1", "IK4*2**7*SECRET")


@pytest.mark.parametrize("first", [0, 1])
async def test_the_errors_of_a_999_stand_with_the_claim_it_names(sessions: Sessions, first: int) -> None:
    files = [SENT, functional_acknowledgement(*NAMED_ERROR, "IK5*R*5")]
    for content in (files[first], files[1 - first]):
        await post(sessions, content)
    found = await rejections(sessions)
    assert found["P1"].codes == ["R", "5", "CLM@22:8", "CLM@22.2:7"]
    assert found["P2"].codes == ["R", "5"]
    assert found["P2"].reason.endswith("The errors that were named are in other claims of the batch.")


@pytest.mark.parametrize("first", [0, 1])
async def test_of_a_batch_taken_in_with_errors_only_the_named_claims_are_listed(
    sessions: Sessions, first: int
) -> None:
    files = [SENT, functional_acknowledgement(*NAMED_ERROR, "IK5*E*5")]
    for content in (files[first], files[1 - first]):
        await post(sessions, content)
    assert set(await rejections(sessions)) == {"P1"}


async def test_an_error_that_names_no_claim_of_the_batch_is_every_claim_s(sessions: Sessions) -> None:
    await post(sessions, SENT)
    await post(
        sessions, functional_acknowledgement("AK2*837*0001", "IK3*CLM*22**8", "CTX*CLM01:P77", "IK5*E")
    )
    assert set(await rejections(sessions)) == {"P1", "P2"}


async def test_a_group_refused_after_its_set_was_taken_in_is_refused(sessions: Sessions) -> None:
    await post(sessions, SENT)
    await post(sessions, functional_acknowledgement("AK2*837*0001", "IK5*A", "AK9*R*1*1*0*4"))
    assert set(await rejections(sessions)) == {"P1", "P2"}
