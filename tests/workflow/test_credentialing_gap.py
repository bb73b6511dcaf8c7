"""A payer that does not know a provider: one incident, one release, and an end."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlmodel import col
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.testing import ActivityEnvironment

from overturn.db.credentialing import GapKey, GapRefusedError, answer_gap, find_gap_claims
from overturn.db.submissions import CONTENT
from overturn.db.tables import (
    Claim,
    CredentialingGap,
    CredentialingGapClaim,
    CredentialingGapEvent,
    Outbox,
    Rejection,
    SubmittedClaim,
)
from overturn.domain import workflow_ids as ids
from overturn.domain.business_days import add_months
from overturn.domain.credentialing import GapState
from overturn.domain.denial_case import CaseStatus
from overturn.domain.remittance import Party
from overturn.domain.submission import SubmittedClaim as Submission
from overturn.events import CredentialChanged
from overturn.rule_sets import RulesInForce
from overturn.rulebook import load_rulebook
from services.classifier.gap_teller import GapTeller
from tests.workflow.office import Office
from tests.workflow.record import FILE
from tests.workflow.test_histories import keep
from workflows.credentialing_gap.activities import CredentialingGapActivities
from workflows.credentialing_gap.starting import gather_gaps
from workflows.credentialing_gap.types import ReviewInput
from workflows.denial_case.starting import open_case

pytestmark = [pytest.mark.asyncio, pytest.mark.timeskip, pytest.mark.postgres]

RULEBOOK = load_rulebook()
RULES = RulesInForce(RULEBOOK)
NPIS = count(1_900_000_000)


@dataclass
class Gap:
    """One provider that Medicare does not know, and what a test does about it."""

    office: Office
    key: GapKey

    @property
    def handle(self) -> WorkflowHandle[Any, Any]:
        workflow_id = ids.credentialing_gap(self.key.payer, self.key.npi)
        return self.office.environment.client.get_workflow_handle(workflow_id)

    async def deny(self, *, served_days_ago: int = 40, prepared: bool = True) -> UUID:
        today = await self.office.today()
        case_id = await self.office.record.add_denied_claim(
            denied_on=today - timedelta(days=5),
            action="enrol_then_resubmit",
            category="credentialing_npi",
            cause="rendering_npi_not_enrolled",
            payer_key=self.key.payer,
            npi=self.key.npi,
            service_on=today - timedelta(days=served_days_ago),
        )
        if prepared:
            await open_case(self.office.environment.client, case_id)
            await self.office.kinds_until(case_id, "opened")
        return case_id

    async def send(self, *, rejected: str | None = None) -> UUID:
        """A claim of this NPI that no remittance answers; `rejected` by this status of a 277CA."""
        today, claim_id = await self.office.today(), uuid4()
        content = Submission(
            patient_control_number=f"PCN{claim_id.hex[:10]}",
            charge_amount=Decimal("200.00"),
            place_of_service="11",
            frequency_code="1",
            billing_provider=Party(),
            subscriber=Party(),
            payer=Party(),
            rendering_provider=Party(identifier=self.key.npi),
            filing_indicator="MB",
            segment_index=9,
        )
        zero: dict[str, Any] = dict.fromkeys(
            ("paid_amount", "contractual_amount", "patient_amount", "denied_amount", "imbalance_amount"),
            Decimal(0),
        )
        async with self.office.record.sessions.begin() as session:
            session.add(
                Claim(
                    id=claim_id,
                    patient_control_number=content.patient_control_number,
                    payer_name="GENERATED PAYER",
                    charge_amount=content.charge_amount,
                    service_from=today - timedelta(days=10),
                    submitted=True,
                    **zero,
                )
            )
            await session.flush()
            session.add(
                SubmittedClaim(
                    id=uuid4(),
                    claim_id=claim_id,
                    file_sha256=FILE,
                    segment_index=9,
                    content=CONTENT.dump_python(content, mode="json"),
                )
            )
            if rejected:
                session.add(
                    Rejection(
                        id=uuid4(),
                        claim_id=claim_id,
                        file_sha256=FILE,
                        source="277CA",
                        codes=[rejected],
                        reason="Rejected.",
                        due_on=today + timedelta(days=300),
                    )
                )
        return claim_id

    async def gather(self) -> list[GapKey]:
        now = await self.office.environment.get_current_time()
        client, sessions = self.office.environment.client, self.office.record.sessions
        return await gather_gaps(client, sessions, RULES, now=now)

    async def answer(
        self, state: GapState, effective_on: date | None = None, *, version: int = 1, **known: Any
    ) -> None:
        async with self.office.record.sessions.begin() as session:
            await answer_gap(
                session,
                self.key.id,
                step_id=known.get("step_id") or uuid4(),
                version=version,
                state=state,
                effective_on=effective_on,
                actor_id=self.office.record.person_id,
                at=await self.office.environment.get_current_time(),
            )

    async def is_told(self) -> None:
        """The classifier's consumer hears of it, twice."""
        changed = CredentialChanged(
            event_id=uuid4(),
            gap_id=self.key.id,
            payer=self.key.payer,
            npi=self.key.npi,
            state=GapState.DATED,
        )
        async with self.office.record.sessions() as session:
            await GapTeller(self.office.environment.client)(session, [changed, changed])

    async def row(self) -> CredentialingGap:
        async with self.office.record.sessions() as session:
            return await session.get_one(CredentialingGap, self.key.id)

    async def claims(self) -> list[CredentialingGapClaim]:
        async with self.office.record.sessions() as session:
            found = await session.scalars(
                select(CredentialingGapClaim).where(col(CredentialingGapClaim.gap_id) == self.key.id)
            )
            return list(found)

    async def kinds(self) -> list[str]:
        async with self.office.record.sessions() as session:
            found = await session.scalars(
                select(CredentialingGapEvent)
                .where(col(CredentialingGapEvent.gap_id) == self.key.id)
                .order_by(col(CredentialingGapEvent.sequence))
            )
            return [event.kind for event in found]

    async def until(self, is_so: Callable[[list[CredentialingGapClaim]], bool]) -> None:
        async def now() -> bool:
            return is_so(await self.claims())

        await self.office.until(now)

    async def has_gathered(self, number: int) -> None:
        await self.until(lambda claims: len(claims) == number)


@pytest.fixture
def gap(office: Office) -> Gap:
    return Gap(office, GapKey("medicare", str(next(NPIS))))


async def test_scattered_denials_are_one_incident_however_often_they_are_gathered(gap: Gap) -> None:
    for _ in range(3):
        await gap.deny()
        await asyncio.gather(gap.gather(), gap.gather())
    await gap.has_gathered(3)
    assert gap.key not in await gap.gather()
    assert await gap.kinds() == ["opened"]
    assert sum(claim.amount for claim in await gap.claims()) == Decimal("360.00")
    assert all(claim.due_on for claim in await gap.claims())


async def test_rejections_and_unanswered_claims_of_the_same_npi_and_payer_belong_to_it(gap: Gap) -> None:
    rejected = await gap.send(rejected="A7:562:82")
    other_reason = await gap.send(rejected="A7:33")
    held = await gap.send()
    await gap.gather()
    await gap.has_gathered(2)
    assert {claim.claim_id: claim.standing for claim in await gap.claims()} == {
        rejected: "rejection",
        held: "held",
    }
    assert other_reason not in {claim.claim_id for claim in await gap.claims()}
    (limit,) = [claim.due_on for claim in await gap.claims() if claim.standing == "held"]
    assert limit == add_months(await gap.office.today() - timedelta(days=10), 12)


async def test_an_unanswered_claim_alone_is_no_incident(gap: Gap) -> None:
    await gap.send()
    assert gap.key not in await gap.gather()


async def test_on_the_effective_date_every_claim_gets_its_action_in_one_step(gap: Gap) -> None:
    new, back, old = [await gap.deny(served_days_ago=days) for days in (10, 40, 90)]
    held = await gap.send()
    await gap.gather()
    await gap.has_gathered(4)
    effective_on = await gap.office.today() - timedelta(days=20)
    await gap.answer(GapState.DATED, effective_on)
    await gap.is_told()
    await gap.until(lambda claims: all(claim.remedy for claim in claims))

    actions = [(await gap.office.record.case(case_id)).action for case_id in (new, back, old)]
    assert actions == ["new_claim", "new_claim", "appeal"]
    remedies = {claim.claim_id: claim.remedy for claim in await gap.claims()}
    assert remedies[held] == "bill"
    assert [item.kind for item in await gap.office.record.open_items(new)] == ["send_new_claim"]
    assert [item.kind for item in await gap.office.record.open_items(old)] == ["write_appeal"]
    assert (await gap.kinds()).count("released") == 1


async def test_the_case_of_an_appeal_gets_its_letter_and_its_appeals_deadline(gap: Gap) -> None:
    case_id = await gap.deny(served_days_ago=90)
    before = (await gap.office.record.case(case_id)).due_on
    await gap.gather()
    await gap.has_gathered(1)
    await gap.answer(GapState.DATED, await gap.office.today())
    await gap.is_told()
    assert "letter_drafted" in await gap.office.kinds_until(case_id, "letter_drafted")
    case = await gap.office.record.case(case_id)
    assert case.due_on != before
    assert case.deadline["rule"]["id"] == "medicare-appeal-1"
    await gap.office.approve(case_id, case.version)  # its workflow knows the version it has now
    assert (await gap.office.record.case(case_id)).status == CaseStatus.APPROVED


async def test_claims_are_held_until_a_date_that_lies_ahead(gap: Gap) -> None:
    case_id = await gap.deny(served_days_ago=1)
    await gap.gather()
    await gap.has_gathered(1)
    await gap.answer(GapState.DATED, await gap.office.today() + timedelta(days=20))
    await gap.is_told()
    await gap.office.pass_days(15)
    assert (await gap.claims())[0].remedy is None
    await gap.office.pass_days(6)
    await gap.until(lambda claims: claims[0].remedy is not None)
    assert (await gap.office.record.case(case_id)).action == "new_claim"  # within Medicare's 30 days back


async def test_what_somebody_has_begun_stays_as_it_is(gap: Gap) -> None:
    case_id = await gap.deny()
    await gap.office.approve(case_id)
    await gap.gather()
    await gap.has_gathered(1)
    await gap.answer(GapState.REFUSED)
    await gap.is_told()
    await gap.until(lambda claims: claims[0].remedy == "appeal")
    case = await gap.office.record.case(case_id)
    assert (case.action, case.status) == ("enrol_then_resubmit", "approved")


async def test_a_denial_that_comes_after_the_release_is_released_as_well(gap: Gap) -> None:
    await gap.deny(served_days_ago=10)
    await gap.gather()
    await gap.answer(GapState.DATED, await gap.office.today() - timedelta(days=20))
    await gap.is_told()
    late = await gap.deny(served_days_ago=12, prepared=False)
    await gap.gather()
    await gap.has_gathered(2)
    await open_case(gap.office.environment.client, late)
    await gap.office.kinds_until(late, "opened")
    await gap.gather()  # it could not be released while its own workflow prepared it
    await gap.until(lambda claims: all(claim.remedy for claim in claims))
    assert (await gap.office.record.case(late)).action == "new_claim"


async def test_another_date_releases_anew_what_nobody_has_begun(gap: Gap) -> None:
    case_id = await gap.deny(served_days_ago=90)
    await gap.gather()
    await gap.has_gathered(1)
    await gap.answer(GapState.DATED, await gap.office.today())
    await gap.is_told()
    await gap.until(lambda claims: claims[0].remedy == "appeal")
    await gap.answer(GapState.DATED, await gap.office.today() - timedelta(days=100), version=2)
    await gap.is_told()
    await gap.until(lambda claims: claims[0].remedy == "bill")
    assert (await gap.office.record.case(case_id)).action == "new_claim"


async def test_it_reminds_before_the_limits_asks_after_a_month_and_ends_with_its_last_claim(
    gap: Gap,
) -> None:
    case_id = await gap.deny(served_days_ago=300)  # 65 days are left of Medicare's year
    await gap.gather()
    await gap.has_gathered(1)
    await gap.office.pass_days(62)
    await gap.office.until(lambda: _has(gap, "reminder", 2))
    assert (await gap.kinds()).count("follow_up") == 2
    await gap.office.pass_days(10)  # the case expires
    await gap.office.result(case_id)
    await gap.is_told()
    await gap.handle.result()
    assert (await gap.row()).state == GapState.CLOSED
    assert (await gap.kinds())[-1] == "closed"
    await keep("credentialing_gap_closed", await gap.handle.fetch_history())


async def test_a_closed_incident_opens_again_with_the_date_it_had(gap: Gap) -> None:
    first = await gap.deny(served_days_ago=10)
    await gap.gather()
    await gap.answer(GapState.DATED, await gap.office.today() - timedelta(days=20))
    await gap.is_told()
    await gap.until(lambda claims: bool(claims) and claims[0].remedy == "bill")
    await gap.office.write_off(first, (await gap.office.record.case(first)).version)
    await gap.is_told()
    await gap.handle.result()
    again = await gap.deny(served_days_ago=15)
    await gap.gather()
    await gap.until(lambda claims: {claim.remedy for claim in claims} == {"bill"} and len(claims) == 2)
    assert (await gap.row()).state == GapState.DATED
    assert (await gap.office.record.case(again)).action == "new_claim"
    assert (await gap.handle.describe()).status is WorkflowExecutionStatus.RUNNING


async def test_a_review_that_runs_twice_changes_nothing_more(gap: Gap) -> None:
    await gap.deny(served_days_ago=10)
    await gap.gather()
    await gap.answer(GapState.DATED, await gap.office.today() - timedelta(days=20))
    await gap.is_told()
    await gap.until(lambda claims: bool(claims) and claims[0].told)
    before, kinds = [claim.model_dump() for claim in await gap.claims()], await gap.kinds()
    client, sessions = gap.office.environment.client, gap.office.record.sessions
    activities = CredentialingGapActivities(client, sessions, RULES, reminder_days=(14, 7))
    request = ReviewInput(gap_id=gap.key.id, at=await gap.office.environment.get_current_time())
    for _ in range(2):
        await ActivityEnvironment().run(activities.review_gap, request)
    assert [claim.model_dump() for claim in await gap.claims()] == before
    assert await gap.kinds() == kinds


@pytest.mark.parametrize(
    ("state", "effective_on", "version", "why"),
    [
        (GapState.DATED, None, 1, "Give the effective date"),
        (GapState.REFUSED, date(2026, 1, 1), 1, "leave it empty"),
        (GapState.CLOSED, None, 1, "cannot be marked closed by hand"),
        (GapState.ASKED, None, 7, "has changed meanwhile"),
    ],
)
async def test_an_answer_that_does_not_fit_is_refused_with_a_reason(
    gap: Gap, state: GapState, effective_on: date | None, version: int, why: str
) -> None:
    await gap.deny(prepared=False)
    await gap.gather()
    with pytest.raises(GapRefusedError, match=why):
        await gap.answer(state, effective_on, version=version)
    assert (await gap.row()).state == GapState.OPEN


async def test_an_answer_sent_twice_is_one_and_is_published_once(gap: Gap) -> None:
    await gap.deny(prepared=False)
    await gap.gather()
    step_id = uuid4()
    for _ in range(2):
        await gap.answer(GapState.ASKED, step_id=step_id)
    assert (await gap.row()).version == 2
    async with gap.office.record.sessions() as session:
        published = await session.scalars(
            select(Outbox).where(
                col(Outbox.topic) == "credential.changed.v1", col(Outbox.key) == str(gap.key.id)
            )
        )
        assert [row.payload["state"] for row in published] == ["asked"]


async def test_claims_of_a_patient_s_other_providers_stay_out(gap: Gap) -> None:
    await gap.deny(prepared=False)
    async with gap.office.record.sessions() as session:
        found = await find_gap_claims(session, signs=RULEBOOK.gap_signs, payers=RULEBOOK.payers)
    assert [claim.amount for claim in found if claim.key == gap.key] == [Decimal("120.00")]


async def _has(gap: Gap, kind: str, times: int) -> bool:
    return (await gap.kinds()).count(kind) >= times
