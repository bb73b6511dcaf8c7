"""Rules that are put in force reach the open cases: decided anew, planned anew, and nothing forgotten."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlmodel import col
from temporalio.testing import ActivityEnvironment

from overturn import rule_sets
from overturn.db import tables
from overturn.db.inbox import claim_events
from overturn.db.session import Sessions
from overturn.domain.denial_case import CaseStatus
from overturn.events import CaseReclassified, DenialClassified, RulesPublished
from overturn.events.topics import CONSUMERS
from overturn.rule_progress import publication_progress
from overturn.rule_sets import RulesInForce
from overturn.rulebook import load_rulebook
from services.classifier import reclassifier
from services.classifier.claim_classifier import ClaimClassifier
from services.classifier.reclassifier import Reclassifier
from services.ingest import rejections
from tests.integration.records import adjudications, only, post, rows
from tests.integration.test_rule_sets import SHIPPED, change, folder, person, published
from tests.unit.cli.test_classify import REMITTANCE
from workflows.denial_case.activities import DenialCaseActivities
from workflows.denial_case.types import PrepareCaseInput, Reclassified, ReplanCaseInput

__all__ = ["folder"]

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

AT = datetime(2026, 2, 20, 12, tzinfo=UTC)


async def prepared_cases(sessions: Sessions, *, claims: int = 1) -> list[UUID]:
    """Cases as they wait in their queue: posted, classified by the shipped rules, and planned."""
    for number in range(claims):
        text = REMITTANCE.replace("CLAIM1", f"CLAIM{number}").replace("SPECIMEN1", f"SPECIMEN{number}")
        await post(sessions, text.encode())
    async with sessions.begin() as session:
        await ClaimClassifier(RulesInForce(SHIPPED))(session, await adjudications(sessions))
    cases = [case.id for case in await rows(sessions, tables.DenialCase)]
    for case_id in cases:
        activity = activities(sessions).prepare_case
        await ActivityEnvironment().run(activity, PrepareCaseInput(case_id=case_id, at=AT))
    return cases


def activities(sessions: Sessions) -> DenialCaseActivities:
    rules = RulesInForce(SHIPPED)
    return DenialCaseActivities(sessions, rules, reminder_days=(7,), escalation_days=7, recall_seconds=0)


async def told(sessions: Sessions, event: type[Any]) -> list[Any]:
    async with sessions() as session:
        payloads = await session.scalars(
            select(col(tables.Outbox.payload))
            .where(col(tables.Outbox.topic) == event.topic)
            .order_by(col(tables.Outbox.id))
        )
    return [event.model_validate(payload) for payload in payloads]


async def reclassify_all(sessions: Sessions) -> None:
    """Hear every event about rules, as the classifier does without its inbox, page after page."""
    handler, heard = Reclassifier(RulesInForce(SHIPPED)), set[UUID]()
    while new := [e for e in await told(sessions, RulesPublished) if e.event_id not in heard]:
        async with sessions.begin() as session:
            await handler(session, new[:1])
        heard.add(new[0].event_id)


async def kinds(sessions: Sessions, case_id: UUID) -> list[str]:
    found = await rows(sessions, tables.CaseEvent, col(tables.CaseEvent.case_id) == case_id)
    return [event.kind for event in sorted(found, key=lambda event: event.sequence)]


async def summary(sessions: Sessions, kind: str) -> str:
    found = await only(sessions, tables.CaseEvent, col(tables.CaseEvent.kind) == kind)
    return str(found.summary)


async def people(sessions: Sessions) -> tuple[UUID, UUID]:
    return await person(sessions, "ana"), await person(sessions, "max")


async def test_an_open_case_takes_over_what_was_published_and_keeps_what_it_was(
    sessions: Sessions, folder: Path
) -> None:
    [case_id] = await prepared_cases(sessions)
    version = await published(sessions, folder, *await people(sessions))
    await reclassify_all(sessions)
    case, denial = await only(sessions, tables.DenialCase), await only(sessions, tables.Denial)
    assert (case.category, case.version) == ("coding", 2)
    assert (denial.category, denial.rule_version) == ("coding", version[:12])
    kept = {(row.category, row.rule_version) for row in await rows(sessions, tables.Classification)}
    assert kept == {("credentialing_npi", SHIPPED.version), ("coding", version[:12])}
    said = f"Rules {version[:12]} are in force: now coding / new_claim, before credentialing_npi / new_claim."
    assert (await summary(sessions, "reclassified")).startswith(said)
    [event] = await told(sessions, CaseReclassified)
    assert (event.case_id, event.category, event.rule_version) == (case_id, "coding", version[:12])


async def test_the_case_is_planned_anew_by_the_rules_in_force_and_once(
    sessions: Sessions, folder: Path
) -> None:
    [case_id] = await prepared_cases(sessions)
    before = await only(sessions, tables.DenialCase)
    await published(sessions, folder, *await people(sessions))
    await reclassify_all(sessions)
    [event] = await told(sessions, CaseReclassified)
    request = ReplanCaseInput(case_id=case_id, at=AT, reclassified=Reclassified(event_id=event.event_id))
    for _ in range(2):
        prepared = await ActivityEnvironment().run(activities(sessions).replan_case, request)
    case = await only(sessions, tables.DenialCase)
    item = await only(sessions, tables.WorkItem, col(tables.WorkItem.done_at).is_(None))
    assert (before.queue, case.queue, item.queue, prepared.queue) == ("credentialing", *["coding"] * 3)
    assert (await kinds(sessions, case_id)).count("planned_anew") == 1
    assert len(await rows(sessions, tables.WorkItem)) == 2


async def test_hearing_of_it_twice_changes_nothing_more(sessions: Sessions, folder: Path) -> None:
    [case_id] = await prepared_cases(sessions)
    await published(sessions, folder, *await people(sessions))
    for _ in range(2):
        await reclassify_all(sessions)
    assert (await kinds(sessions, case_id)).count("reclassified") == 1
    assert len(await told(sessions, CaseReclassified)) == 1
    assert (await only(sessions, tables.DenialCase)).version == 2


async def test_a_rollback_brings_the_former_decision_back(sessions: Sessions, folder: Path) -> None:
    [case_id] = await prepared_cases(sessions)
    ana, max_ = await people(sessions)
    await published(sessions, folder, ana, max_)
    await reclassify_all(sessions)
    async with sessions.begin() as session:
        await rule_sets.roll_back(session, by=ana)
    await reclassify_all(sessions)
    case = await only(sessions, tables.DenialCase)
    assert (case.category, case.version) == ("credentialing_npi", 3)
    assert (await kinds(sessions, case_id)).count("reclassified") == 2
    assert len(await rows(sessions, tables.Classification)) == 2


@pytest.mark.parametrize("status", [CaseStatus.APPROVED, CaseStatus.SUBMITTED, CaseStatus.AWAITING_PAYMENT])
async def test_what_a_person_approved_or_sent_only_hears_of_it(
    sessions: Sessions, folder: Path, status: CaseStatus
) -> None:
    await prepared_cases(sessions)
    async with sessions.begin() as session:
        await session.execute(update(tables.DenialCase).values(status=status))
    await published(sessions, folder, *await people(sessions))
    await reclassify_all(sessions)
    case, denial = await only(sessions, tables.DenialCase), await only(sessions, tables.Denial)
    assert (case.category, case.version, denial.category) == ("credentialing_npi", 1, "credentialing_npi")
    assert "so nothing was changed" in await summary(sessions, "reclassified")
    assert len(await rows(sessions, tables.Classification)) == 2
    assert await told(sessions, CaseReclassified) == []


async def test_what_was_sent_at_an_earlier_level_counts_as_sent(sessions: Sessions, folder: Path) -> None:
    [case_id] = await prepared_cases(sessions)
    async with sessions.begin() as session:
        session.add(tables.CaseEvent(id=case_id, case_id=case_id, kind="submit", summary="Sent.", actor="a"))
    await published(sessions, folder, *await people(sessions))
    await reclassify_all(sessions)
    assert (await only(sessions, tables.DenialCase)).category == "credentialing_npi"


async def test_a_denial_that_is_none_any_more_is_left_to_a_person(sessions: Sessions, folder: Path) -> None:
    await prepared_cases(sessions)
    change(folder, "co-16-n290,", ",new_claim,yes,", ",none,no,")
    change(folder, "co-16-n290,", ",coding,new_claim", ",coding,none")
    event = RulesPublished(event_id=UUID(int=1), publication=1)
    async with sessions.begin() as session:
        await Reclassifier(RulesInForce(load_rulebook(folder)))(session, [event])
    case = await only(sessions, tables.DenialCase)
    assert (case.status, case.category) == (CaseStatus.NEEDS_WORK, "credentialing_npi")
    assert (await summary(sessions, "reclassified")).endswith("a person decides.")
    assert await told(sessions, CaseReclassified) == []


async def test_two_publications_in_a_row_leave_a_line_each_and_the_later_rules(
    sessions: Sessions, folder: Path
) -> None:
    """The first one's page is due only when the second is in force."""
    [case_id] = await prepared_cases(sessions)
    people_ = await people(sessions)
    await published(sessions, folder, *people_)
    change(folder, "co-16-n290,", ",coding,", ",modifier_kx,")
    version = await published(sessions, folder, *people_)
    await reclassify_all(sessions)
    denial = await only(sessions, tables.Denial)
    assert (denial.category, denial.rule_version) == ("modifier_kx", version[:12])
    assert (await kinds(sessions, case_id))[-1] == "reclassified"


async def test_pages_follow_each_other_until_every_open_case_is_decided(
    sessions: Sessions, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reclassifier, "PAGE", 2)
    cases = await prepared_cases(sessions, claims=5)
    await published(sessions, folder, *await people(sessions))
    await reclassify_all(sessions)
    assert {case.category for case in await rows(sessions, tables.DenialCase)} == {"coding"}
    assert {event.case_id for event in await told(sessions, CaseReclassified)} == set(cases)
    *pages, claims = await told(sessions, RulesPublished)
    assert [page.after_case_id for page in pages] == [None, sorted(cases)[1], sorted(cases)[3]]
    assert (claims.after_case_id, claims.after_claim_id) == (None, UUID(int=0))


async def test_a_closed_case_stays_closed_and_keeps_what_other_rules_say(
    sessions: Sessions, folder: Path
) -> None:
    await prepared_cases(sessions)
    async with sessions.begin() as session:
        await session.execute(update(tables.DenialCase).values(status=CaseStatus.RESOLVED))
    version = await published(sessions, folder, *await people(sessions))
    for _ in range(2):
        await reclassify_all(sessions)
    case = await only(sessions, tables.DenialCase)
    assert (case.category, case.status) == ("credentialing_npi", CaseStatus.RESOLVED)
    assert (await only(sessions, tables.Denial)).category == "credentialing_npi"
    kept = {row.rule_version: row.category for row in await rows(sessions, tables.Classification)}
    assert kept == {SHIPPED.version: "credentialing_npi", version[:12]: "coding"}


async def test_what_becomes_a_denial_opens_a_case_and_only_once(
    sessions: Sessions, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under rules that took it for no denial there was nothing to work; the shipped ones are put back."""
    monkeypatch.setattr(reclassifier, "PAGE", 2)
    table = SHIPPED.denials
    blind = [replace(rule, is_denial=rule.is_denial and rule.id != "co-16-n290") for rule in table.rules]
    lenient = replace(SHIPPED, denials=replace(table, rules=tuple(blind)))
    for number in range(3):
        text = REMITTANCE.replace("CLAIM1", f"CLAIM{number}").replace("SPECIMEN1", f"SPECIMEN{number}")
        await post(sessions, text.encode())
    async with sessions.begin() as session:
        await ClaimClassifier(RulesInForce(lenient))(session, await adjudications(sessions))
    assert await rows(sessions, tables.DenialCase) == []
    assert {claim.denied_amount for claim in await rows(sessions, tables.Claim)} == {Decimal("0.00")}
    await published(sessions, folder, *await people(sessions))
    for _ in range(2):
        await reclassify_all(sessions)
    cases = await rows(sessions, tables.DenialCase)
    assert [(case.category, case.status, case.denied_amount) for case in cases] == [
        ("coding", CaseStatus.OPENED, Decimal("100.00"))
    ] * 3
    assert {claim.denied_amount for claim in await rows(sessions, tables.Claim)} == {Decimal("100.00")}
    assert {event.case_id for event in await told(sessions, DenialClassified)} == {case.id for case in cases}


async def test_how_far_a_publication_is_can_be_asked_until_every_claim_is_decided(
    sessions: Sessions, folder: Path
) -> None:
    async def progress() -> str:
        async with sessions() as session:
            return await publication_progress(session)

    await prepared_cases(sessions)
    assert await progress() == ""
    await published(sessions, folder, *await people(sessions))
    assert await progress() == "0 % of the open cases are decided anew"
    handler, group = Reclassifier(RulesInForce(SHIPPED)), CONSUMERS[RulesPublished.topic]
    for words in ("the open cases are decided anew, and 0 % of the other claims", ""):
        [*_, due] = await told(sessions, RulesPublished)
        async with sessions.begin() as session:
            await claim_events(session, group, [due.event_id])
            await handler(session, [due])
        assert await progress() == words


async def test_intake_follows_what_is_published(sessions: Sessions, folder: Path) -> None:
    """Without a restart, and by the shipped ones before and after."""
    async with sessions() as session:
        assert (await rejections.rules(session)).content_hash == SHIPPED.content_hash
    ana, max_ = await people(sessions)
    version = await published(sessions, folder, ana, max_)
    async with sessions.begin() as session:
        assert (await rejections.rules(session)).content_hash == version
        await rule_sets.roll_back(session, by=ana)
        assert (await rejections.rules(session)).content_hash == SHIPPED.content_hash
