"""A payer wants money back: its clocks ring, what is missed has its price, and it ends once."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest
from pypdf import PdfReader
from sqlalchemy import select, update
from sqlmodel import col
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle

from overturn.channels import ChannelRefusedError
from overturn.db import recoupments as record
from overturn.db.recoupment_record import Asked, money_of
from overturn.db.recoupment_sending import call_back, send_rebuttal
from overturn.db.tables import (
    Claim,
    ClaimPayment,
    ProviderAdjustment,
    Recoupment,
    RecoupmentClaim,
    RecoupmentClock,
    RecoupmentEvent,
    RecoupmentLetter,
    Remittance,
    Sending,
    SentFile,
)
from overturn.domain import workflow_ids as ids
from overturn.domain.channel_names import ChannelName
from overturn.domain.deadlines import DeadlineKind
from overturn.domain.payers import MEDICARE_FFS, PayerContext
from overturn.domain.practice_day import practice_date
from overturn.domain.recoupment import Decision, Dispute, RecoupmentRefusedError
from overturn.recoupment_letters import draft_rebuttal, edit_rebuttal
from overturn.reporting.stuck import stuck_recoupments
from overturn.rule_sets import RulesInForce
from overturn.rulebook import load_rulebook
from tests.workflow.office import WAITING, Office
from tests.workflow.record import FILE
from tests.workflow.test_histories import keep
from workflows.recoupment.starting import gather_recoupments

pytestmark = [pytest.mark.asyncio, pytest.mark.timeskip, pytest.mark.postgres]

RULES = RulesInForce(load_rulebook())
MEDICARE = PayerContext("medicare", "GENERATED PAYER", MEDICARE_FFS)
SEVENTY = Decimal("70.00")


@dataclass
class Desk:
    """What a test does about a payer's demands."""

    office: Office

    async def pay(self, *, paid: str = "70.00", of: UUID | None = None) -> UUID:
        """A claim of 100.00 that Medicare paid: the money it may want back."""
        today, claim_id = await self.office.today(), of or uuid4()
        number = f"PCN{claim_id.hex[:10]}"
        zero: dict[str, Any] = dict.fromkeys(
            ("patient_amount", "denied_amount", "imbalance_amount"), Decimal(0)
        )
        payment_id = uuid4()
        async with self.office.record.sessions.begin() as session:
            session.add(
                Claim(
                    id=claim_id,
                    patient_control_number=number,
                    payer_name="GENERATED PAYER",
                    charge_amount=Decimal("100.00"),
                    paid_amount=Decimal(paid),
                    contractual_amount=Decimal("100.00") - Decimal(paid),
                    current_payment_id=payment_id,
                    **zero,
                )
            )
            remittance = _remittance(today - timedelta(days=60))
            session.add(remittance)
            await session.flush()
            session.add(
                ClaimPayment(
                    id=payment_id,
                    remittance_id=remittance.id,
                    claim_id=claim_id,
                    position=1,
                    patient_control_number=number,
                    status_code="1",
                    charge_amount=Decimal("100.00"),
                    paid_amount=Decimal(paid),
                    filing_indicator="MB",
                    payment_on=remittance.payment_on,
                    segment_index=5,
                )
            )
        return claim_id

    async def take(
        self, claim_id: UUID | None, amount: str = "70.00", *, days_ago: int = 0, names: str = ""
    ) -> None:
        """A PLB WO of a later remittance, paired with its claim as posting does it."""
        remittance = _remittance(await self.office.today() - timedelta(days=days_ago))
        async with self.office.record.sessions.begin() as session:
            session.add(remittance)
            await session.flush()
            session.add(
                ProviderAdjustment(
                    id=uuid4(),
                    remittance_id=remittance.id,
                    claim_id=claim_id,
                    reason="WO",
                    reference=names or None,
                    numbers=[names] if names else [],
                    amount=Decimal(amount),
                    segment_index=9,
                )
            )

    async def gather(self) -> list[UUID]:
        now = await self.office.environment.get_current_time()
        client, sessions = self.office.environment.client, self.office.record.sessions
        return await gather_recoupments(client, sessions, RULES, now=now)

    async def demand(self, *claim_ids: UUID, payer: PayerContext = MEDICARE, reference: str = "") -> UUID:
        """A letter of yesterday about these claims, for 70.00, which its workflow has seen."""
        async with self.office.record.sessions() as session:
            found = await session.scalars(
                select(col(Claim.patient_control_number)).where(col(Claim.id).in_(claim_ids))
            )
            numbers = tuple(found.all())
        letter = record.Demand(
            payer=payer,
            reference=reference or f"AR{uuid4().hex[:10]}",
            amount=SEVENTY,
            notice_on=await self.office.today() - timedelta(days=1),
            claim_numbers=numbers,
        )
        async with self.office.record.sessions.begin() as session:
            recoupment_id = await record.open_demand(
                session,
                letter,
                step_id=uuid4(),
                actor_id=self.office.record.person_id,
                at=await self.office.environment.get_current_time(),
            )
        await self.gather()
        await self.seen(recoupment_id)
        return recoupment_id

    async def asked(self, recoupment_id: UUID) -> Asked:
        row = await self.row(recoupment_id)
        at = await self.office.environment.get_current_time()
        return Asked(recoupment_id, uuid4(), row.version, self.office.record.person_id, at)

    async def step(self, recoupment_id: UUID, take: Callable[..., Any], **given: Any) -> None:
        asked = await self.asked(recoupment_id)
        async with self.office.record.sessions.begin() as session:
            await take(session, asked, **given)
        await self.gather()
        await self.seen(recoupment_id)

    async def row(self, recoupment_id: UUID) -> Recoupment:
        async with self.office.record.sessions() as session:
            return await session.get_one(Recoupment, recoupment_id)

    async def opened_for(self, claim_id: UUID) -> list[UUID]:
        async with self.office.record.sessions() as session:
            found = await session.scalars(
                select(col(RecoupmentClaim.recoupment_id)).where(col(RecoupmentClaim.claim_id) == claim_id)
            )
            return list(found.all())

    async def clocks(self, recoupment_id: UUID) -> dict[tuple[str, int], RecoupmentClock]:
        async with self.office.record.sessions() as session:
            found = await session.scalars(
                select(RecoupmentClock).where(col(RecoupmentClock.recoupment_id) == recoupment_id)
            )
            return {(clock.kind, clock.level): clock for clock in found}

    async def told(self, recoupment_id: UUID, kind: str = "") -> list[str]:
        async with self.office.record.sessions() as session:
            found = await session.scalars(
                select(RecoupmentEvent)
                .where(col(RecoupmentEvent.recoupment_id) == recoupment_id)
                .order_by(col(RecoupmentEvent.sequence))
            )
            return [event.summary for event in found if kind in {"", event.kind}]

    async def seen(self, recoupment_id: UUID) -> None:
        """Its workflow has looked at the newest version."""

        async def has_looked() -> bool:
            row = await self.row(recoupment_id)
            return row.version == row.looked_version

        await self.office.until(has_looked)

    async def pass_days(self, days: int, recoupment_id: UUID) -> None:
        """And its workflow has looked as often as it wanted to in that time."""
        await self.office.pass_days(days)
        now = await self.office.environment.get_current_time()

        async def is_up_to_date() -> bool:
            row = await self.row(recoupment_id)
            return row.next_look_at is None or row.next_look_at > now

        await self.office.until(is_up_to_date)

    def handle(self, recoupment_id: UUID) -> WorkflowHandle[Any, Any]:
        return self.office.environment.client.get_workflow_handle(ids.recoupment(recoupment_id))

    async def end(self, recoupment_id: UUID) -> Recoupment:
        """The row, once its workflow is over."""
        async with asyncio.timeout(120):
            await self.handle(recoupment_id).result()
        return await self.row(recoupment_id)


def _remittance(paid_on: date) -> Remittance:
    return Remittance(
        id=uuid4(),
        file_sha256=FILE,
        control_number="0001",
        interchange_control_number="000000001",
        payer_name="GENERATED PAYER",
        payer_identifier="12345",
        payment_amount=Decimal(0),
        claims_paid_amount=Decimal(0),
        provider_adjustments_amount=Decimal(0),
        difference_amount=Decimal(0),
        payment_on=paid_on,
        segment_index=1,
    )


@pytest.fixture
def desk(office: Office) -> Desk:
    return Desk(office)


async def test_a_take_back_opens_one_recoupment_however_often_it_is_looked_for(desk: Desk) -> None:
    claim_id = await desk.pay()
    await desk.take(claim_id)
    await asyncio.gather(desk.gather(), desk.gather())
    await desk.gather()
    [recoupment_id] = await desk.opened_for(claim_id)
    await desk.seen(recoupment_id)
    row = await desk.row(recoupment_id)
    assert (row.source, row.status, row.payer_key) == ("take_back", "demanded", "medicare")
    assert (row.demanded_amount, row.withheld_amount, money_of(row).unpaid) == (SEVENTY, SEVENTY, Decimal(0))
    assert (await desk.told(recoupment_id, "opened"))[0].startswith("$70.00 taken back")
    clocks = await desk.clocks(recoupment_id)
    today = await desk.office.today()
    assert clocks["recoupment_rebuttal", 1].due_on == today + timedelta(days=15)
    assert clocks["appeal", 1].due_on == today + timedelta(days=125)
    assert clocks["recoupment_stop", 1].state == "moot"  # there is nothing left to stop
    await desk.step(recoupment_id, record.accept, reason="Billed twice.")
    assert (await desk.end(recoupment_id)).outcome == "accepted"
    assert recoupment_id not in await desk.gather()


async def test_a_take_back_that_nobody_answers_ends_with_its_price_when_its_time_is_over(desk: Desk) -> None:
    claim_id = await desk.pay()
    await desk.take(claim_id)
    await desk.gather()
    [recoupment_id] = await desk.opened_for(claim_id)
    await desk.seen(recoupment_id)
    await desk.pass_days(20, recoupment_id)
    assert (await desk.row(recoupment_id)).status == "demanded"
    await desk.pass_days(110, recoupment_id)
    row = await desk.end(recoupment_id)
    assert (row.outcome, row.closed_on) == ("expired", row.notice_on and row.notice_on + timedelta(days=126))
    clocks = await desk.clocks(recoupment_id)
    missed = {kind: clock.missed_amount for (kind, _), clock in clocks.items() if clock.state == "missed"}
    assert missed == {"recoupment_rebuttal": SEVENTY, "appeal": SEVENTY}
    assert {clock.missed_cause for clock in clocks.values() if clock.missed_cause} == {"nobodys"}
    reminders = await desk.told(recoupment_id, "reminder")
    assert [line.partition(" for the ")[0] for line in reminders] == [
        *("14 days are left", "7 days are left", "1 days are left", "Today is the last day"),
    ] * 2
    assert [line.endswith("nobody has it; the lead is told.") for line in reminders] == [False, *[True] * 7]


async def test_a_letter_runs_four_clocks_and_ends_when_all_is_withheld(desk: Desk) -> None:
    claim_id = await desk.pay()
    recoupment_id = await desk.demand(claim_id)
    notice = (await desk.row(recoupment_id)).notice_on
    assert notice is not None
    due = {kind: clock.due_on for (kind, _), clock in (await desk.clocks(recoupment_id)).items()}
    assert due == {
        "recoupment_rebuttal": notice + timedelta(days=15),
        "recoupment_stop": notice + timedelta(days=30),
        "repayment": notice + timedelta(days=30),
        "appeal": notice + timedelta(days=125),
    }
    await desk.pass_days(41, recoupment_id)
    states = {kind: clock.state for (kind, _), clock in (await desk.clocks(recoupment_id)).items()}
    assert states == {**dict.fromkeys(due, "missed"), "appeal": "running"}
    await desk.take(claim_id, "30.00")
    await desk.gather()
    await desk.seen(recoupment_id)
    money = money_of(await desk.row(recoupment_id))
    assert (money.withheld, money.remaining) == (Decimal("30.00"), Decimal("40.00"))
    await desk.step(
        recoupment_id, record.repay, amount=Decimal("40.00"), paid_on=await desk.office.today(), how=""
    )
    row = await desk.end(recoupment_id)
    assert (row.outcome, money_of(row).unpaid) == ("repaid", Decimal(0))
    missed = {clock.kind for clock in (await desk.clocks(recoupment_id)).values() if clock.missed_amount}
    assert missed == {"recoupment_rebuttal", "recoupment_stop", "repayment"}  # they stay missed
    assert await desk.opened_for(claim_id) == [recoupment_id]


async def test_a_rebuttal_and_two_levels_of_appeal_lead_to_the_payer_giving_it_up(desk: Desk) -> None:
    claim_id = await desk.pay()
    recoupment_id = await desk.demand(claim_id)
    today = await desk.office.today()
    await desk.step(
        recoupment_id, record.submit, dispute=Dispute.REBUTTAL, submitted_on=today, confirmation="FAX 1"
    )
    assert money_of(await desk.row(recoupment_id)).in_dispute == SEVENTY
    await desk.step(recoupment_id, record.submit, dispute=Dispute.APPEAL, submitted_on=today, confirmation="")
    states = {kind: clock.state for (kind, _), clock in (await desk.clocks(recoupment_id)).items()}
    assert states == {
        "recoupment_rebuttal": "met",
        "recoupment_stop": "met",
        "repayment": "moot",
        "appeal": "met",
    }
    await desk.pass_days(70, recoupment_id)
    assert len(await desk.told(recoupment_id, "ask_payer")) == 1
    decided = await desk.office.today()
    await desk.step(
        recoupment_id, record.decide, decision=Decision.REDUCED, decided_on=decided, amount=Decimal("20.00")
    )
    row = await desk.row(recoupment_id)
    assert (row.level, row.status, money_of(row).remaining) == (2, "demanded", Decimal("50.00"))
    clocks = await desk.clocks(recoupment_id)
    assert clocks["recoupment_stop", 2].due_on == decided + timedelta(days=60)
    assert clocks["appeal", 2].due_on == decided + timedelta(days=185)
    await desk.take(claim_id, "50.00")  # withheld, disputed: that settles nothing
    await desk.gather()
    await desk.seen(recoupment_id)
    assert (await desk.row(recoupment_id)).status == "demanded"
    await desk.step(
        recoupment_id, record.submit, dispute=Dispute.APPEAL, submitted_on=decided, confirmation=""
    )
    await desk.step(
        recoupment_id, record.decide, decision=Decision.WITHDRAWN, decided_on=decided, amount=None
    )
    row = await desk.end(recoupment_id)
    assert (row.outcome, money_of(row).to_come_back) == ("withdrawn", Decimal("50.00"))
    await desk.take(claim_id, "-50.00")
    await desk.gather()
    assert money_of(await desk.row(recoupment_id)).to_come_back == Decimal(0)  # it came back, after the end


async def test_a_take_back_that_the_payer_gives_back_is_withdrawn(desk: Desk) -> None:
    claim_id = await desk.pay()
    await desk.take(claim_id)
    await desk.gather()
    await desk.take(claim_id, "-70.00")
    await desk.gather()
    [recoupment_id] = await desk.opened_for(claim_id)
    row = await desk.end(recoupment_id)
    assert (row.outcome, row.withheld_amount, row.given_back_amount) == ("withdrawn", Decimal(0), SEVENTY)


async def test_money_taken_again_after_the_end_opens_the_next_and_no_dollar_is_in_two(desk: Desk) -> None:
    claim_id = await desk.pay()
    await desk.take(claim_id, "50.00", days_ago=3)
    await desk.gather()
    [first] = await desk.opened_for(claim_id)
    await desk.seen(first)
    await desk.step(first, record.accept, reason="Right.")
    await desk.end(first)
    await desk.take(claim_id, "20.00")
    await desk.gather()
    [second] = set(await desk.opened_for(claim_id)) - {first}
    rows = [await desk.row(each) for each in (first, second)]
    assert [row.withheld_amount for row in rows] == [Decimal("50.00"), Decimal("20.00")]
    await desk.seen(second)
    await desk.step(second, record.accept, reason="Right.")
    await desk.end(second)


async def test_a_letter_without_claims_hears_of_the_money_by_its_reference(desk: Desk) -> None:
    recoupment_id = await desk.demand(reference="AR-2026-0001")
    await desk.take(None, "70.00", names="AR-2026-0001")
    await desk.gather()
    assert (await desk.end(recoupment_id)).outcome == "repaid"


async def test_a_take_back_that_names_claim_and_letter_is_the_letters(desk: Desk) -> None:
    claim_id = await desk.pay()
    recoupment_id = await desk.demand(reference="AR-2026-0002")
    await desk.take(claim_id, "70.00", names="AR-2026-0002")
    await desk.gather()
    assert await desk.opened_for(claim_id) == [recoupment_id]
    assert (await desk.end(recoupment_id)).withheld_amount == SEVENTY


async def test_a_letter_about_a_take_back_moves_its_clocks_and_says_so(desk: Desk) -> None:
    claim_id = await desk.pay()
    await desk.take(claim_id, days_ago=10)
    await desk.gather()
    [recoupment_id] = await desk.opened_for(claim_id)
    await desk.seen(recoupment_id)
    with pytest.raises(RecoupmentRefusedError, match="open already: record the letter there"):
        await desk.demand(claim_id)
    today = await desk.office.today()
    await desk.step(
        recoupment_id,
        record.record_notice,
        notice_on=today - timedelta(days=2),
        received_on=today,
        reference="AR9",
        amount=SEVENTY,
    )
    clocks = await desk.clocks(recoupment_id)
    assert clocks["recoupment_rebuttal", 1].due_on == today + timedelta(days=13)
    assert clocks["appeal", 1].due_on == today + timedelta(days=120)  # proof of receipt counts
    assert len(await desk.told(recoupment_id, "deadline")) == 4
    await desk.step(recoupment_id, record.accept, reason="Right.")
    await desk.end(recoupment_id)


async def test_an_unknown_window_has_no_default_until_a_person_states_it(desk: Desk) -> None:
    recoupment_id = await desk.demand(payer=PayerContext(None, "SOME PLAN", None))
    clocks = await desk.clocks(recoupment_id)
    assert {clock.due_on for clock in clocks.values()} == {None}
    assert "set the window" in clocks["appeal", 1].deadline["unknown"]
    due_on = await desk.office.today() + timedelta(days=3)
    await desk.step(
        recoupment_id,
        record.set_clock,
        kind=DeadlineKind.APPEAL,
        due_on=due_on,
        reason="Page 2 of the letter.",
    )
    assert (await desk.clocks(recoupment_id))["appeal", 1].due_on == due_on
    await desk.pass_days(5, recoupment_id)
    assert (await desk.clocks(recoupment_id))["appeal", 1].state == "missed"
    row = await desk.row(recoupment_id)
    assert (row.status, row.escalated_at is None) == ("demanded", False)  # what is not paid is still owed
    await desk.step(recoupment_id, record.accept, reason="Right.")
    await desk.end(recoupment_id)


async def stuck(desk: Desk) -> dict[UUID, str]:
    """What `overturn cases stuck` says of recoupments."""
    now = await desk.office.environment.get_current_time()
    async with desk.office.record.sessions() as session:
        return {found.recoupment_id: found.problem for found in await stuck_recoupments(session, now=now)}


async def test_a_step_that_no_workflow_saw_and_a_sending_without_end_are_told_of(desk: Desk) -> None:
    recoupment_id, now = await desk.demand(), await desk.office.environment.get_current_time()

    async def told(later: timedelta, **changes: object) -> str | None:
        async with desk.office.record.sessions() as session:  # rolled back: nobody else is to see it
            await session.execute(
                update(Recoupment).where(col(Recoupment.id) == recoupment_id).values(changes)
            )
            found = await stuck_recoupments(session, now=now + later)
            return {each.recoupment_id: each.problem for each in found}.get(recoupment_id)

    no_look = {"next_look_at": None}
    assert await told(timedelta(minutes=10), **no_look) is None
    assert await told(timedelta(minutes=1), version=99, **no_look) is None
    seen = await told(timedelta(minutes=10), version=99, **no_look)
    assert seen == "due for a look, and not looked at by its workflow"
    assert await told(timedelta(hours=1), status="sending", **no_look) is None
    late = await told(timedelta(hours=3), status="sending", **no_look)
    assert late == "its rebuttal is being sent for too long"
    await desk.step(recoupment_id, record.accept, reason="Right.")
    await desk.end(recoupment_id)


async def test_a_workflow_that_was_lost_is_started_again_and_one_that_is_over_is_not(desk: Desk) -> None:
    recoupment_id = await desk.demand()

    async def waits() -> bool:
        history = await desk.handle(recoupment_id).fetch_history()
        return history.events[-1].event_type in WAITING

    await desk.office.until(waits)  # one that dies at work would stop the server's clock for good
    assert recoupment_id not in await stuck(desk)
    await desk.handle(recoupment_id).terminate("lost")
    await desk.office.pass_days(20)
    assert recoupment_id in await stuck(desk)
    assert recoupment_id in await desk.gather()
    description = await desk.handle(recoupment_id).describe()
    assert description.status is WorkflowExecutionStatus.RUNNING
    await desk.step(recoupment_id, record.accept, reason="Right.")
    await desk.end(recoupment_id)
    assert recoupment_id not in await desk.gather()


async def test_steps_that_do_not_fit_are_refused_and_change_nothing(desk: Desk) -> None:
    recoupment_id = await desk.demand()
    today = await desk.office.today()
    before = await desk.row(recoupment_id)
    refused: list[tuple[Callable[..., Any], dict[str, Any], str]] = [
        (
            record.decide,
            {"decision": Decision.UPHELD, "decided_on": today, "amount": None},
            "needs one that is",
        ),
        (record.repay, {"amount": Decimal(71), "paid_on": today, "how": ""}, "Only \\$70.00 is not paid"),
        (
            record.repay,
            {"amount": Decimal(1), "paid_on": today + timedelta(days=1), "how": ""},
            "check the date",
        ),
        (
            record.submit,
            {"dispute": Dispute.APPEAL, "submitted_on": today - timedelta(days=9), "confirmation": ""},
            "check the date",
        ),
    ]
    for take, given, words in refused:
        with pytest.raises(RecoupmentRefusedError, match=words):
            await desk.step(recoupment_id, take, **given)
    stale = await desk.asked(recoupment_id)
    await desk.step(recoupment_id, record.assign, to=desk.office.record.person_id, name="Dana")
    with pytest.raises(RecoupmentRefusedError, match="changed meanwhile"):
        async with desk.office.record.sessions.begin() as session:
            await record.accept(session, stale, reason="Right.")
    after = await desk.row(recoupment_id)
    assert (after.status, after.demanded_amount) == (before.status, before.demanded_amount)
    twice = await desk.asked(recoupment_id)
    for _ in range(2):
        async with desk.office.record.sessions.begin() as session:
            await record.repay(session, twice, amount=Decimal(10), paid_on=today, how="check 7")
    assert (await desk.row(recoupment_id)).repaid_amount == Decimal(10)
    await desk.step(recoupment_id, record.accept, reason="Right.")
    await desk.end(recoupment_id)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_remittances_in_any_order_and_told_again_end_the_same(desk: Desk, seed: int) -> None:
    claim_id = await desk.pay()
    recoupment_id = await desk.demand(claim_id)
    amounts = [("30.00", 5), ("-10.00", 4), ("20.00", 3), ("30.00", 2)]
    Random(seed).shuffle(amounts)  # noqa: S311 - an order, no secret
    for amount, days_ago in amounts:
        await desk.take(claim_id, amount, days_ago=days_ago)
        for _ in range(2):
            await desk.gather()
            if (await desk.row(recoupment_id)).status != "closed":
                await desk.handle(recoupment_id).signal("look")
    row = await desk.end(recoupment_id)
    assert (row.withheld_amount, row.outcome) == (SEVENTY, "repaid")
    money = money_of(row)
    assert money.demanded + money.to_come_back == money.withdrawn + money.withheld + money.repaid


async def test_the_history_of_an_unanswered_take_back_is_kept(desk: Desk) -> None:
    claim_id = await desk.pay()
    await desk.take(claim_id)
    await desk.gather()
    [recoupment_id] = await desk.opened_for(claim_id)
    await desk.seen(recoupment_id)
    await desk.pass_days(130, recoupment_id)
    await desk.end(recoupment_id)
    await keep("recoupment_expired", await desk.handle(recoupment_id).fetch_history())


async def test_the_history_of_a_demand_that_is_repaid_is_kept(desk: Desk) -> None:
    recoupment_id = await desk.demand(reference=f"AR{uuid4().hex[:6]}")
    await desk.step(
        recoupment_id, record.repay, amount=Decimal(30), paid_on=await desk.office.today(), how="check 7"
    )
    await desk.pass_days(33, recoupment_id)
    await desk.step(
        recoupment_id, record.repay, amount=Decimal(40), paid_on=await desk.office.today(), how="check 8"
    )
    await desk.end(recoupment_id)
    await keep("recoupment_repaid", await desk.handle(recoupment_id).fetch_history())


async def rebuttal(desk: Desk) -> UUID:
    """A demand about one claim, whose rebuttal is drafted and filled in."""
    recoupment_id = await desk.demand(await desk.pay())
    rulebook = load_rulebook()
    await desk.step(recoupment_id, draft_rebuttal, reason="Each visit is documented.", rulebook=rulebook)
    async with desk.office.record.sessions() as session:
        letter = await session.get_one(RecoupmentLetter, recoupment_id)
    assert "$70.00 paid on this claim" in letter.markdown
    assert "Each visit is documented." in letter.markdown
    assert "practice telephone number" in letter.missing_facts
    with pytest.raises(RecoupmentRefusedError, match="Fill in the blanks first"):
        await desk.step(recoupment_id, send_rebuttal, channel=ChannelName.MAIL)
    await desk.step(recoupment_id, edit_rebuttal, markdown="# Rebuttal\n\nEach visit is documented.\n")
    return recoupment_id


async def send(desk: Desk, recoupment_id: UUID) -> UUID:
    """Asked for by a form that is sent twice."""
    asked = await desk.asked(recoupment_id)
    for _ in range(2):
        async with desk.office.record.sessions.begin() as session:
            await send_rebuttal(session, asked, channel=ChannelName.MAIL)
    await desk.gather()
    return asked.step_id


async def has_status(desk: Desk, recoupment_id: UUID, status: str) -> None:
    async def has() -> bool:
        row = await desk.row(recoupment_id)
        return row.status == status and row.version == row.looked_version

    await desk.office.environment.sleep(timedelta(minutes=2))
    await desk.office.until(has)


async def test_a_rebuttal_goes_out_once_and_its_proof_is_kept(desk: Desk) -> None:
    recoupment_id = await rebuttal(desk)
    key = await send(desk, recoupment_id)
    await has_status(desk, recoupment_id, "disputed")
    assert desk.office.post.keys.count(key) == 1
    async with desk.office.record.sessions() as session:
        sending = await session.get_one(Sending, key)
        sent = (await session.scalars(select(SentFile).where(col(SentFile.sending_id) == key))).one()
    assert (sending.state, sending.recoupment_id, sending.case_id) == ("sent", recoupment_id, None)
    assert sending.proof["files"]
    assert sending.sent_at is not None
    words = "".join(page.extract_text() for page in PdfReader(BytesIO(sent.content)).pages)
    assert "Exhibit 1: Remittance advice of" in words
    row = await desk.row(recoupment_id)
    assert (row.rebutted_on, row.dispute) == (practice_date(sending.sent_at), "rebuttal")
    assert (await desk.told(recoupment_id, "sent"))[0].startswith("Rebuttal sent (print and mail) on")
    assert (await desk.clocks(recoupment_id))["recoupment_rebuttal", 1].state == "met"
    await desk.step(recoupment_id, record.accept, reason="Right.")
    await desk.end(recoupment_id)
    await keep("recoupment_rebutted", await desk.handle(recoupment_id).fetch_history())


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_crash_around_the_channel_sends_nothing_twice_and_loses_no_proof(
    desk: Desk, when: str
) -> None:
    recoupment_id = await rebuttal(desk)
    breaks = [True]

    def break_once() -> None:
        if breaks and breaks.pop():
            raise ConnectionResetError("The line went dead.")

    monkey = pytest.MonkeyPatch()
    monkey.setattr(desk.office.post, when, break_once)
    key = await send(desk, recoupment_id)
    await has_status(desk, recoupment_id, "disputed")
    monkey.undo()
    assert desk.office.post.keys.count(key) == 1
    assert len(await desk.told(recoupment_id, "sent")) == 1
    await desk.step(recoupment_id, record.accept, reason="Right.")
    await desk.end(recoupment_id)


async def test_what_the_channel_refuses_is_a_persons_again(desk: Desk) -> None:
    recoupment_id = await rebuttal(desk)

    def refuse() -> None:
        raise ChannelRefusedError("The printer has no paper of that size.")

    monkey = pytest.MonkeyPatch()
    monkey.setattr(desk.office.post, "before", refuse)
    await send(desk, recoupment_id)
    await has_status(desk, recoupment_id, "demanded")
    monkey.undo()
    [said] = await desk.told(recoupment_id, "not_sent")
    assert said.startswith("It could not be sent, and nothing went out. The printer has no paper")
    key = await send(desk, recoupment_id)
    await has_status(desk, recoupment_id, "disputed")
    assert desk.office.post.keys.count(key) == 1
    await desk.step(recoupment_id, record.accept, reason="Right.")
    await desk.end(recoupment_id)


async def test_a_rebuttal_is_called_back_before_it_goes_out(desk: Desk) -> None:
    recoupment_id = await rebuttal(desk)
    asked = await desk.asked(recoupment_id)
    async with desk.office.record.sessions.begin() as session:
        await send_rebuttal(session, asked, channel=ChannelName.MAIL)
    await desk.step(recoupment_id, call_back)
    await has_status(desk, recoupment_id, "demanded")
    assert asked.step_id not in desk.office.post.keys
    await desk.step(recoupment_id, record.accept, reason="Right.")
    await desk.end(recoupment_id)
