"""What becomes known after a case was opened decides it anew: authorizations, claims of the day, proof."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from random import Random
from typing import Any, cast
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlmodel import col
from temporalio.client import Client
from temporalio.testing import ActivityEnvironment

from overturn.db import tables
from overturn.db.authorizations import remove_authorization, save_authorizations
from overturn.db.session import Sessions
from overturn.domain.authorizations import Authorization
from overturn.domain.denial_case import CaseStatus
from overturn.events import (
    CONTRACT,
    CaseReclassified,
    ClaimAcknowledged,
    ClaimAdjudicated,
    ClaimSubmitted,
    DenialClassified,
    Event,
    EvidenceAdded,
)
from overturn.rule_sets import RulesInForce
from overturn.rulebook import load_rulebook
from services.classifier.claim_classifier import ClaimClassifier
from services.classifier.claim_teller import ClaimTeller
from services.classifier.reconsiderer import Reconsiderer
from services.classifier.submission_reader import SubmissionReader
from tests.integration.records import only, post, rows
from tests.integration.test_classifying import forget
from tests.x12_files import acknowledgement, adjudicated_claim, remittance, submission
from workflows.denial_case.activities import DenialCaseActivities
from workflows.denial_case.types import PrepareCaseInput

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

RULES = RulesInForce(load_rulebook())
AT = datetime(2026, 9, 20, 15, tzinfo=UTC)
NO_WORKFLOWS = cast(Client, None)  # no corrected claim waits for an answer here
HANDLERS: dict[str, Any] = {
    ClaimSubmitted.topic: SubmissionReader(),
    ClaimAdjudicated.topic: ClaimClassifier(RULES),
    ClaimAcknowledged.topic: ClaimTeller(NO_WORKFLOWS),
    EvidenceAdded.topic: Reconsiderer(RULES),
}


def of_procedure(content: bytes, procedure: str) -> bytes:
    return content.replace(b"97110", procedure.encode())


def on_day(day: int, content: bytes) -> bytes:
    """A visit of another day of that month: what agrees in everything would be matched."""
    return content.replace(b"472*D8*20260901", b"472*D8*202609%02d" % day).replace(
        b"472*20260901", b"472*202609%02d" % day
    )


def answer(number: str, *adjustments: str, paid: str = "0.00") -> bytes:
    claim = adjudicated_claim(number, (paid, adjustments), icn=f"ICN-{number}")
    return remittance(claim, trace=f"T-{number}")


GROUP_SENT = of_procedure(submission("P1", control="1"), "97150")
GROUP_PAID = of_procedure(answer("P1", "CO*45*20.00", paid="80.00"), "97150")
BUNDLED_SENT, BUNDLED = submission("P2", control="2"), answer("P2", "CO*236*100.00")
UNAUTHORIZED = on_day(8, answer("P3", "CO*197*100.00"))
LATE_SENT, LATE = (
    on_day(9, submission("P4", control="4")),
    on_day(9, answer("P4", "CO*29*100.00")),
)
ACCEPTED = acknowledgement(("P4", "A2"))


@dataclass
class Practice:
    """The services of one practice around its database, without Kafka and Temporal between them."""

    sessions: Sessions
    heard: set[UUID] = field(default_factory=set)

    async def receive(self, *files: bytes) -> None:
        """Each file is posted, and all it leads to has happened, before the next one comes."""
        for content in files:
            await post(self.sessions, content)
            await self.hear()

    async def hear(self, random: Random | None = None) -> None:
        """Handle all that waits: of several topics any one first, one event or the whole topic together."""
        while events := [e for e in await self.events() if e.event_id not in self.heard]:
            first = random.choice(events) if random else events[0]
            batch = [e for e in events if e.topic == first.topic]
            await self._handle([first] if random and random.random() < 0.5 else batch)

    async def hear_again(self, random: Random) -> None:
        """Some events come for a second time, as after a crash of Kafka's own."""
        events = await self.events()
        self.heard -= {e.event_id for e in random.sample(events, len(events) // 2)}
        await self.hear(random)

    async def events(self) -> list[Event]:
        outbox = tables.Outbox
        query = select(col(outbox.topic), col(outbox.payload)).order_by(col(outbox.id))
        async with self.sessions() as session:
            found = [CONTRACT[topic].model_validate(event) for topic, event in await session.execute(query)]
        return [e for e in found if e.topic in HANDLERS or isinstance(e, DenialClassified)]

    async def _handle(self, batch: list[Event]) -> None:
        for event in batch:
            if isinstance(event, DenialClassified):
                await self._prepare(event.case_id)
        if batch[0].topic in HANDLERS:
            async with self.sessions.begin() as session:
                await HANDLERS[batch[0].topic](session, batch)
        self.heard |= {e.event_id for e in batch}

    async def _prepare(self, case_id: UUID) -> None:
        """As the case's workflow does: from then on people work from it."""
        activities = DenialCaseActivities(
            self.sessions, RULES, reminder_days=(7,), escalation_days=7, recall_seconds=0
        )
        await ActivityEnvironment().run(activities.prepare_case, PrepareCaseInput(case_id=case_id, at=AT))

    async def enter(self, *, number: str | None = "A1", visits: int | None = 10, at: datetime = AT) -> None:
        one = Authorization(
            *("medicare", "P3", number, date(2026, 8, 1), date(2026, 12, 31), visits),
            reference="letter of 2026-07-20",
        )
        async with self.sessions.begin() as session:
            await save_authorizations(session, [one], by=None, at=at)

    async def case_of(self, number: str) -> Any:
        claim = await only(self.sessions, tables.Claim, col(tables.Claim.patient_control_number) == number)
        return await only(self.sessions, tables.DenialCase, col(tables.DenialCase.claim_id) == claim.id)

    async def said(self) -> list[str]:
        """What the timelines say of cases that were decided anew."""
        found = await rows(self.sessions, tables.CaseEvent, col(tables.CaseEvent.kind) == "reclassified")
        return [event.summary for event in sorted(found, key=lambda event: event.sequence)]

    async def told(self) -> int:
        """How often a workflow hears that its case is another one."""
        of_topic = col(tables.Outbox.topic) == CaseReclassified.topic
        return len(await rows(self.sessions, tables.Outbox, of_topic))


@pytest.fixture
def practice(sessions: Sessions) -> Practice:
    return Practice(sessions)


async def test_an_authorization_that_is_entered_later_decides_the_case_anew(practice: Practice) -> None:
    await practice.receive(UNAUTHORIZED)
    before = await practice.case_of("P3")
    await practice.enter()
    await practice.hear()
    case = await practice.case_of("P3")
    assert before.status == case.status == CaseStatus.NEEDS_WORK
    assert (before.cause, case.cause, case.action) == (
        "authorization_missing",
        "authorization_in_force",
        "appeal",
    )
    assert case.version == before.version + 1
    [said] = await practice.said()
    assert said.startswith("Authorization A1 was entered on 2026-09-20: now authorization / appeal, before ")
    kept = {row.cause for row in await rows(practice.sessions, tables.Classification)}
    assert kept == {"authorization_missing", "authorization_in_force"}
    assert await practice.told() == 1


async def test_an_authorization_that_is_removed_again_takes_its_proof_along(practice: Practice) -> None:
    await practice.receive(UNAUTHORIZED)
    before = await practice.case_of("P3")
    await practice.enter(number=None, visits=None)
    await practice.hear()
    assert (await practice.case_of("P3")).cause == "authorization_not_required"
    held = await only(practice.sessions, tables.PayerAuthorization)
    async with practice.sessions.begin() as session:
        await remove_authorization(session, held.id)
        await remove_authorization(session, held.id)
    await practice.hear()
    case = await practice.case_of("P3")
    assert (case.cause, case.action) == (before.cause, before.action)
    first, second = await practice.said()
    assert first.startswith("That no authorization is required was entered on 2026-09-20")
    assert second.startswith("An authorization of the patient's was removed: now ")


async def test_a_claim_of_the_same_day_decides_the_case_when_it_is_answered(practice: Practice) -> None:
    await practice.receive(BUNDLED)
    assert (await practice.case_of("P2")).cause == "ncci_pair"
    await practice.receive(GROUP_PAID)
    case = await practice.case_of("P2")
    assert (case.cause, case.action) == ("ncci_modifier_missing", "reopening")
    [said] = await practice.said()
    assert said.startswith("Claim P1 of the same patient was sent, acknowledged or answered: now ")


async def test_a_claim_of_the_same_day_decides_the_case_when_it_is_sent(practice: Practice) -> None:
    await practice.receive(BUNDLED)
    await practice.receive(GROUP_SENT.replace(b"*100.00*", b"*90.00*"), GROUP_PAID)
    assert (await practice.case_of("P2")).cause == "ncci_modifier_missing"


async def test_our_own_claim_and_its_acceptance_decide_the_case_when_they_come_last(
    practice: Practice,
) -> None:
    await practice.receive(LATE)
    assert (await practice.case_of("P4")).cause != "filed_in_time"
    await practice.receive(LATE_SENT, ACCEPTED)
    case = await practice.case_of("P4")
    assert (case.cause, case.action) == ("filed_in_time", "call_payer")


async def test_what_changes_nothing_is_not_told(practice: Practice) -> None:
    await practice.receive(BUNDLED)
    before = await practice.case_of("P2")
    await practice.receive(on_day(4, GROUP_PAID), BUNDLED_SENT)
    assert (await practice.case_of("P2")).version == before.version
    assert (await practice.said(), await practice.told()) == ([], 0)
    assert len(await rows(practice.sessions, tables.Classification)) == 1


async def test_a_claim_without_an_open_case_beside_it_leads_to_nothing(practice: Practice) -> None:
    await practice.receive(GROUP_SENT, GROUP_PAID, LATE_SENT, ACCEPTED)
    assert not [e for e in await practice.events() if isinstance(e, EvidenceAdded)]


async def test_a_case_that_a_person_has_approved_is_told_once_and_left_alone(practice: Practice) -> None:
    await practice.receive(UNAUTHORIZED)
    before = await practice.case_of("P3")
    async with practice.sessions.begin() as session:
        await session.execute(update(tables.DenialCase).values(status=CaseStatus.APPROVED))
    for visits, day in ((10, 21), (12, 22)):
        await practice.enter(visits=visits, at=AT.replace(day=day))
        await practice.hear()
    case = await practice.case_of("P3")
    assert (case.category, case.cause, case.action, case.version) == (
        before.category,
        before.cause,
        before.action,
        before.version,
    )
    [said] = await practice.said()
    assert said.startswith("Authorization A1 was entered on 2026-09-21: would be authorization / appeal. ")
    assert "nothing was changed" in said
    assert await practice.told() == 0


async def test_no_event_names_a_patient_or_a_number(practice: Practice) -> None:
    await practice.receive(UNAUTHORIZED, BUNDLED, GROUP_PAID)
    await practice.enter()
    await practice.hear()
    told = [e.model_dump(mode="json", exclude_none=True) for e in await practice.events()]
    ids = [event for event in told if {"claim_id", "authorization_id"} & set(event)]
    for event in ids:
        for name, value in event.items():
            assert name in {"category", "action", "accepted"} or UUID(value), name


Arrival = Callable[[Practice], Awaitable[None]]


async def _posted(content: bytes, practice: Practice) -> None:
    await post(practice.sessions, content)


FILES = {
    "837P of P1": GROUP_SENT,
    "835 of P1": GROUP_PAID,
    "837P of P2": BUNDLED_SENT,
    "835 of P2": BUNDLED,
    "835 of P3": UNAUTHORIZED,
    "837P of P4": LATE_SENT,
    "835 of P4": LATE,
    "277CA of P4": ACCEPTED,
}
ARRIVALS: dict[str, Arrival] = {
    **{name: partial(_posted, content) for name, content in FILES.items()},
    "authorization": Practice.enter,
}
IN_THE_END = {
    "P2": ("ncci_modifier_missing", "bundling", "reopening"),
    "P3": ("authorization_in_force", "authorization", "appeal"),
    "P4": ("filed_in_time", "timely_filing", "call_payer"),
}


@given(order=st.permutations(list(ARRIVALS)), random=st.randoms(use_true_random=False))
@settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_any_order_of_arrival_ends_with_the_same_cases(
    sessions: Sessions, order: list[str], random: Random
) -> None:
    await forget(sessions)
    practice = Practice(sessions)
    for arrives in order:
        await ARRIVALS[arrives](practice)
        if random.random() < 0.5:
            await practice.hear(random)
    await practice.hear(random)
    await practice.hear_again(random)
    cases = {number: await practice.case_of(number) for number in IN_THE_END}
    assert {n: (c.cause, c.category, c.action) for n, c in cases.items()} == IN_THE_END
