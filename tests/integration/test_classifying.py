"""What adjudications make of claims and cases: the same for every order of arrival."""

import asyncio
import random
from decimal import Decimal
from itertools import permutations
from uuid import UUID, uuid4

import pytest
from sqlalchemy import TextClause, text, update
from sqlmodel import col

from overturn.db import tables
from overturn.db.session import Sessions
from overturn.domain.denial_case import CaseStatus, Outcome, Step
from overturn.events import CaseAdvanced, DenialClassified
from services.classifier.cases import advance_id
from tests.integration.records import adjudications, classify, count, only, picture, post, rows, take_in
from tests.waiting import until
from tests.x12_files import adjudicated_claim, denied_claim, paid_claim, remittance, reversal, submission

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

CASE, CLAIM, DENIAL = tables.DenialCase, tables.Claim, tables.Denial


def paid(day: str, *claims: list[str]) -> bytes:
    """A remittance paid on that day of October, with a trace number of its own."""
    return remittance(*claims, trace=f"TRACE{day}-{len(claims)}", paid_on=f"202610{day}", control=day)


DENIED = paid("01", denied_claim("P1"))
REVERSED = paid("10", reversal(denied_claim("P1")))
CORRECTED = paid("11", adjudicated_claim("P1", ("60.00", ["CO*45*10.00", "CO*252*30.00"]), icn="ICN2"))
REVERSED_AND_CORRECTED = paid(
    "12",
    reversal(denied_claim("P1")),
    adjudicated_claim("P1", ("60.00", ["CO*45*10.00", "CO*252*30.00"]), icn="ICN2"),
)
LATER_PAID = paid(
    "20", adjudicated_claim("P1", ("30.00", ["CO*45*10.00", "OA*23*60.00"]), icn="ICN3", status="2")
)


async def told(sessions: Sessions) -> set[UUID | None]:
    """Which claim payments cases were told of."""
    sent = await rows(sessions, tables.Outbox, col(tables.Outbox.topic) == CaseAdvanced.topic)
    events = [CaseAdvanced.model_validate(row.payload) for row in sent]
    assert all(event.step is Step.REMITTANCE for event in events)
    return {event.claim_payment_id for event in events}


async def payment_on(sessions: Sessions, day: int) -> UUID:
    found: list[tables.ClaimPayment] = await rows(sessions, tables.ClaimPayment)
    return next(p.id for p in found if p.payment_on and p.payment_on.day == day)


async def close(sessions: Sessions, outcome: Outcome = Outcome.WRITTEN_OFF) -> None:
    """End every open case, as its workflow does."""
    async with sessions.begin() as session:
        await session.execute(
            update(CASE).values(status=CaseStatus.RESOLVED, outcome=outcome, resolved_at=tables.utc_now())
        )


async def prepare(sessions: Sessions) -> None:
    """People begin to work on every case."""
    async with sessions.begin() as session:
        await session.execute(update(CASE).values(status=CaseStatus.NEEDS_WORK))


async def until_one_waits_for_a_lock(sessions: Sessions) -> None:
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    await until(lambda: scalar(sessions, waiting))


async def scalar(sessions: Sessions, statement: TextClause) -> int | None:
    """In a transaction of its own, since each sees the activity of one moment."""
    async with sessions() as session:
        found: int | None = await session.scalar(statement)
    return found


async def test_a_denied_claim_opens_one_case_with_denials_evidence_timeline_and_event(
    sessions: Sessions,
) -> None:
    await take_in(sessions, DENIED)
    case, denial = await only(sessions, CASE), await only(sessions, DENIAL)
    assert (case.round_number, case.status, case.denied_amount) == (1, "opened", Decimal("100.00"))
    assert (case.category, case.denied_on.isoformat()) == (denial.category, "2026-10-01")
    assert (denial.line_number, denial.carc, denial.rarcs) == (1, "252", ["N706"])
    payment = await only(sessions, tables.ClaimPayment)
    for proof in denial.evidence:
        raw = payment.segments[proof["segment_index"] - payment.segment_index].split("*")
        assert (raw[0], raw[proof["element"]]) == (proof["segment"], proof["value"])
    line = await only(sessions, tables.CaseEvent)
    assert (line.kind, line.actor, line.summary) == ("classified", "classifier", denial.explanation)
    event = await only(sessions, tables.Outbox, col(tables.Outbox.topic) == DenialClassified.topic)
    assert event.payload["case_id"] == str(case.id)
    claim = await only(sessions, CLAIM)
    assert (claim.adjudicated, claim.denied_amount, claim.current_payment_id) == (
        True,
        Decimal("100.00"),
        payment.id,
    )


@pytest.mark.parametrize(
    "claim",
    [
        paid_claim("P1"),
        adjudicated_claim("P1", ("0.00", ["PR*1*100.00"])),
        reversal(denied_claim("P1")),
        adjudicated_claim("P1", ("0.00", ["OA*23*100.00"]), status="2"),
        adjudicated_claim("P1", ("0.00", ["CO*45*60.00", "PR*3*40.00"])),
    ],
    ids=["paid", "deductible", "reversal alone", "secondary payer", "contract and copay"],
)
async def test_what_is_no_denial_opens_no_case(sessions: Sessions, claim: list[str]) -> None:
    await take_in(sessions, paid("01", claim))
    assert await count(sessions, CASE) == 0
    assert (await only(sessions, CLAIM)).denied_amount == 0


async def test_an_unknown_reason_is_a_case_for_a_person_that_shows_the_bare_code(sessions: Sessions) -> None:
    await take_in(sessions, paid("01", adjudicated_claim("P1", ("0.00", ["CO*ZZ9*100.00"]))))
    case, denial = await only(sessions, CASE), await only(sessions, DENIAL)
    assert (case.category, case.action) == ("other", "call_payer")
    assert "CO-ZZ9" in denial.explanation


async def test_what_cannot_be_priced_is_a_case_for_a_person_and_in_no_sum(sessions: Sessions) -> None:
    await take_in(sessions, paid("01", adjudicated_claim("P1", ("0.00", []), ("70.00", ["CO*45*30.00"]))))
    case, denial, claim = (
        await only(sessions, CASE),
        await only(sessions, DENIAL),
        await only(sessions, CLAIM),
    )
    assert (case.denied_amount, case.unpriced_amount) == (Decimal(0), Decimal("100.00"))
    assert (denial.cause, denial.confidence) == ("zero_paid_without_reason", "low")
    assert (claim.denied_amount, claim.unpriced_amount) == (Decimal(0), Decimal("100.00"))
    opening = await only(sessions, tables.CaseEvent)
    assert opening.amount is None
    assert "at most $100.00" in opening.summary


async def test_a_code_that_comes_later_prices_what_a_case_at_work_holds(sessions: Sessions) -> None:
    silent, coded, _ = STORIES["no price, then a code, then paid"]
    await take_in(sessions, silent)
    await prepare(sessions)
    for _ in range(2):
        await take_in(sessions, coded)
        await classify(sessions, await adjudications(sessions))
    case, claim = await only(sessions, CASE), await only(sessions, CLAIM)
    assert (case.denied_amount, case.unpriced_amount) == (Decimal("100.00"), Decimal("100.00"))
    assert (claim.denied_amount, claim.unpriced_amount) == (Decimal("100.00"), Decimal(0))
    assert await told(sessions) == {await payment_on(sessions, 9)}  # the case weighs it when it hears of it


async def test_a_denial_whose_payment_is_here_already_opens_a_case_and_tells_it(sessions: Sessions) -> None:
    for content in (LATER_PAID, DENIED):
        await post(sessions, content)
    await classify(sessions, await adjudications(sessions))
    case = await only(sessions, CASE)
    assert case.claim_payment_id == await payment_on(sessions, 1)
    assert await told(sessions) == {await payment_on(sessions, 20)}


async def test_the_same_events_again_change_nothing(sessions: Sessions) -> None:
    await take_in(sessions, DENIED, REVERSED_AND_CORRECTED, LATER_PAID)
    before = await picture(sessions)
    events = await adjudications(sessions)
    await classify(sessions, events)
    for event in reversed(events):
        await classify(sessions, [event])
    assert await picture(sessions) == before


STORIES = {
    "reversal and correction apart": [DENIED, REVERSED, CORRECTED, LATER_PAID],
    "reversal and correction in one": [DENIED, REVERSED_AND_CORRECTED, LATER_PAID],
    "denied three times": [DENIED, paid("05", denied_claim("P1", icn="ICN5")), CORRECTED],
    "payment before the denial": [paid("01", paid_claim("P1", paid="20.00")), CORRECTED, LATER_PAID],
    "another line each time": [
        paid("01", adjudicated_claim("P1", ("50.00", ["CO*45*50.00"]), ("0.00", ["CO*252*100.00"]))),
        paid("09", adjudicated_claim("P1", ("0.00", ["CO*50*100.00"]), ("40.00", ["CO*45*60.00"]))),
        paid("20", adjudicated_claim("P1", ("50.00", ["CO*45*50.00"]), ("0.00", ["CO*45*100.00"]))),
    ],
    "no price, then a code, then paid": [
        paid("01", adjudicated_claim("P1", ("50.00", ["CO*45*50.00"]), ("0.00", []))),
        paid("09", adjudicated_claim("P1", ("50.00", ["CO*45*50.00"]), ("0.00", ["CO*50*100.00"]))),
        paid("20", adjudicated_claim("P1", ("50.00", ["CO*45*50.00"]), ("60.00", ["CO*45*40.00"]))),
    ],
    "no price on two lines in turn": [
        paid("01", adjudicated_claim("P1", ("0.00", []), ("70.00", ["CO*45*30.00"]))),
        paid("09", adjudicated_claim("P1", ("70.00", ["CO*45*30.00"]), ("0.00", []))),
        paid("20", adjudicated_claim("P1", ("70.00", ["CO*45*30.00"]), ("0.00", ["CO*45*100.00"]))),
    ],
}


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
async def test_every_order_of_arrival_ends_the_same(sessions: Sessions, story: list[bytes]) -> None:
    pictures = []
    for order in permutations(story):
        await take_in(sessions, *order)
        pictures.append(await picture(sessions))
        await forget(sessions)
    assert len(pictures[0].cases) == 1
    assert all(one == pictures[0] for one in pictures)


async def forget(sessions: Sessions) -> None:
    """Empty every table; quicker than a database for each order."""
    async with sessions.begin() as session:
        names = ", ".join(t.name for t in tables.metadata.sorted_tables)
        connection = await session.connection()
        await connection.exec_driver_sql(f"TRUNCATE {names}")


async def test_a_reversal_does_not_take_back_its_own_correction_when_the_original_was_never_seen(
    sessions: Sessions,
) -> None:
    again_denied = adjudicated_claim("P1", ("0.00", ["CO*50*100.00"]), icn="ICN2")
    await take_in(sessions, paid("10", reversal(denied_claim("P1")), again_denied))
    assert (await only(sessions, CASE)).denied_amount == Decimal("100.00")


async def test_a_payment_dated_before_the_denial_is_not_counted_as_recovered(sessions: Sessions) -> None:
    await take_in(sessions, CORRECTED)
    await prepare(sessions)
    await take_in(sessions, paid("01", paid_claim("P1", paid="20.00")))
    case, claim = await only(sessions, CASE), await only(sessions, CLAIM)
    assert claim.paid_amount - case.paid_before_amount == 0
    assert await told(sessions) == set()


async def test_a_later_remittance_that_denies_another_line_adds_it_to_the_case_at_work(
    sessions: Sessions,
) -> None:
    first, second, _ = STORIES["another line each time"]
    await take_in(sessions, first)
    await prepare(sessions)
    for _ in range(2):
        await take_in(sessions, second)
        await classify(sessions, await adjudications(sessions))
    case = await only(sessions, CASE)
    assert (case.denied_amount, case.status) == (Decimal("200.00"), "needs_work")
    denials = {d.line_number: d.carc for d in await rows(sessions, DENIAL)}
    assert denials == {1: "50", 2: "252"}
    assert await told(sessions) == {await payment_on(sessions, 9)}
    summaries = [e.summary for e in await rows(sessions, tables.CaseEvent)]
    assert len(summaries) == 2
    assert any("denies another line" in s for s in summaries)


async def test_an_earlier_denial_that_comes_when_people_are_at_work_is_told_to_them(
    sessions: Sessions,
) -> None:
    await take_in(sessions, CORRECTED)
    await prepare(sessions)
    before = await only(sessions, CASE)
    await take_in(sessions, DENIED)
    case = await only(sessions, CASE)
    assert (case.claim_payment_id, case.denied_amount) == (before.claim_payment_id, before.denied_amount)
    summaries = [e.summary for e in await rows(sessions, tables.CaseEvent)]
    assert any("dated 2026-10-01" in s and "check the deadline" in s for s in summaries)


async def test_a_claim_denied_again_after_its_case_was_closed_opens_the_next_round(
    sessions: Sessions,
) -> None:
    await take_in(sessions, DENIED)
    await close(sessions)
    await take_in(sessions, paid("15", denied_claim("P1", icn="ICN5")))
    cases = sorted(await rows(sessions, CASE), key=lambda c: c.round_number)
    assert [(c.round_number, c.status) for c in cases] == [(1, "resolved"), (2, "opened")]
    assert cases[1].claim_payment_id == await payment_on(sessions, 15)
    assert await told(sessions) == set()


async def test_a_denial_older_than_what_closed_the_case_opens_nothing(sessions: Sessions) -> None:
    await take_in(sessions, DENIED, LATER_PAID)
    case, later = await only(sessions, CASE), await payment_on(sessions, 20)
    async with sessions.begin() as session:  # the workflow weighs the payment and closes the case
        weighed = advance_id(case.id, later)
        session.add(
            tables.CaseEvent(id=weighed, case_id=case.id, kind="remittance", summary="", actor="workflow")
        )
    await close(sessions, Outcome.RECOVERED)
    await take_in(sessions, paid("05", denied_claim("P1", icn="ICN5")))
    assert await count(sessions, CASE) == 1


async def test_a_denial_that_comes_while_the_case_is_being_closed_opens_the_next_round(
    sessions: Sessions,
) -> None:
    await take_in(sessions, DENIED)
    case = await only(sessions, CASE)
    await post(sessions, paid("15", denied_claim("P1", icn="ICN5")))
    async with sessions.begin() as closing:  # the workflow's transaction has the case and is about to end it
        locked = await closing.get_one(CASE, case.id, with_for_update=True)
        arriving = asyncio.create_task(classify(sessions, (await adjudications(sessions))[1:]))
        await until_one_waits_for_a_lock(sessions)
        locked.status, locked.outcome = CaseStatus.RESOLVED, Outcome.WRITTEN_OFF
    await arriving
    assert sorted(c.round_number for c in await rows(sessions, CASE)) == [1, 2]


async def test_a_claim_is_settled_on_what_is_there_when_its_turn_comes(sessions: Sessions) -> None:
    """Else one that waited would write what it read before over what another has settled meanwhile."""
    await post(sessions, DENIED)
    claim, events = await only(sessions, CLAIM), await adjudications(sessions)
    async with sessions.begin() as other:
        await other.get_one(CLAIM, claim.id, with_for_update={"key_share": True})
        waiting = asyncio.create_task(classify(sessions, events))
        await until_one_waits_for_a_lock(sessions)
        await post(sessions, LATER_PAID)
    await waiting
    assert (await only(sessions, CLAIM)).paid_amount == Decimal("30.00")


async def test_a_submission_that_comes_after_the_answer_settles_the_claim_with_it(sessions: Sessions) -> None:
    await take_in(sessions, paid("01", paid_claim("P1", paid="70.00")), submission("P1", charge="120.00"))
    claim = await only(sessions, CLAIM)
    assert (claim.charge_amount, claim.imbalance_amount) == (Decimal("120.00"), Decimal("20.00"))


async def test_batches_on_the_same_claims_neither_wait_for_each_other_nor_double(sessions: Sessions) -> None:
    numbers = [f"P{n}" for n in range(12)]
    await post(sessions, paid("01", *(denied_claim(n) for n in numbers)))
    await post(sessions, paid("20", *(paid_claim(n) for n in numbers)))
    events = await adjudications(sessions)
    shuffled = random.Random(835)  # noqa: S311 - a repeatable order is wanted
    batches = [shuffled.sample(events, len(events)) for _ in range(6)]
    await asyncio.gather(*(classify(sessions, batch) for batch in batches))
    assert (await count(sessions, CASE), await count(sessions, DENIAL)) == (12, 12)
    assert len(await told(sessions)) == 12


async def test_an_event_of_a_claim_that_is_not_there_any_more_changes_nothing(sessions: Sessions) -> None:
    await take_in(sessions, DENIED)
    before = await picture(sessions)
    [event] = await adjudications(sessions)
    await classify(sessions, [event.model_copy(update={"claim_id": uuid4()})])
    assert await picture(sessions) == before
