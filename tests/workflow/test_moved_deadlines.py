"""A window, calendar or fact is another: last day and timer move, and the timeline says why."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from temporalio.client import Client

from overturn.db import tables
from overturn.db.session import Sessions
from overturn.domain.denial_case import CaseStatus, Outcome
from overturn.rule_sets import RulesInForce
from overturn.rulebook import Rulebook, load_rulebook
from tests.workflow.office import Office
from workflows.denial_case.deadline_watch import tell_moved_cases
from workflows.denial_case.types import PendInput, SetDeadlineInput

pytestmark = [pytest.mark.asyncio, pytest.mark.timeskip, pytest.mark.postgres]

APPEAL = "medicare-appeal-1"


def with_days(days: int) -> Rulebook:
    """The rules with another length of Medicare's first appeal."""
    rulebook = load_rulebook()
    known = rulebook.filing_windows
    windows = tuple(replace(w, amount=days) if w.id == APPEAL else w for w in known.windows)
    return replace(rulebook, filing_windows=replace(known, windows=windows))


@pytest.fixture
def in_force(office: Office, monkeypatch: pytest.MonkeyPatch) -> Callable[[Rulebook], RulesInForce]:
    """Puts rules in force for the worker, and returns them for who watches."""

    def put(rulebook: Rulebook) -> RulesInForce:
        rules = RulesInForce(rulebook)
        monkeypatch.setattr(office.activities, "_rules", rules)
        return rules

    return put


async def tell(office: Office, rules: RulesInForce) -> int:
    now: datetime = await office.environment.get_current_time()
    client: Client = office.environment.client
    sessions: Sessions = office.record.sessions
    return await tell_moved_cases(client, sessions, rules, now=now)


async def due(office: Office, case_id: UUID) -> date:
    due_on = (await office.record.case(case_id)).due_on
    assert due_on is not None
    return due_on


async def last_line(office: Office, case_id: UUID) -> tables.CaseEvent:
    return (await office.record.timeline(case_id))[-1]


InForce = Callable[[Rulebook], RulesInForce]


async def test_a_shorter_window_moves_day_timer_work_and_letter(office: Office, in_force: InForce) -> None:
    case_id = await office.open(days_ago=0)
    before = await due(office, case_id)
    rules = in_force(with_days(60))
    assert await tell(office, rules) >= 1
    await office.kinds_until(case_id, "deadline_moved")
    assert await due(office, case_id) == before - timedelta(days=60)
    [item] = await office.record.open_items(case_id)
    assert item.due_on == before - timedelta(days=60)
    line = await last_line(office, case_id)
    assert line.summary.startswith(f"Deadline moved: due {before - timedelta(days=60)}, safe by ")
    assert f"before due {before}" in line.summary
    assert "60 days" in line.summary
    assert "in place of 120 days" in line.summary

    async def drafted_anew() -> bool:
        return [letter.version for letter in await office.record.letters(case_id)] == [2]

    await office.until(drafted_anew)
    await office.pass_days(70)  # 65 were left
    assert (await office.result(case_id)).outcome is Outcome.EXPIRED


async def test_telling_again_changes_nothing(office: Office, in_force: InForce) -> None:
    case_id = await office.open()
    rules = in_force(with_days(100))
    for _ in range(3):
        await tell(office, rules)
    await office.kinds_until(case_id, "deadline_moved")
    assert await tell(office, rules) == 0
    assert (await office.record.kinds(case_id)).count("deadline_moved") == 1


async def test_there_and_back_and_there_again_is_three_moves(office: Office, in_force: InForce) -> None:
    case_id = await office.open()
    days = []
    for number, window in enumerate((100, 120, 100), start=1):
        await tell(office, in_force(with_days(window)))

        async def moved(wanted: int = number) -> bool:
            return (await office.record.kinds(case_id)).count("deadline_moved") == wanted

        await office.until(moved)
        days.append(await due(office, case_id))
    assert days[0] == days[2] == days[1] - timedelta(days=20)


async def test_an_approved_case_moves_its_day_and_keeps_its_letter(office: Office, in_force: InForce) -> None:
    case_id = await office.open()
    await office.approve(case_id)
    before, [letter] = await due(office, case_id), await office.record.letters(case_id)
    await tell(office, in_force(with_days(130)))
    await office.kinds_until(case_id, "deadline_moved")
    case = await office.record.case(case_id)
    assert (case.status, case.due_on) == (CaseStatus.APPROVED, before + timedelta(days=10))
    assert [kept.markdown for kept in await office.record.letters(case_id)] == [letter.markdown]
    assert "is kept: look at the day it names" in (await last_line(office, case_id)).summary


async def test_a_day_that_a_person_set_stays_and_the_difference_is_told_once(
    office: Office, in_force: InForce
) -> None:
    case_id = await office.open()
    stated = await office.today() + timedelta(days=30)
    await office.step(case_id, SetDeadlineInput, 1, "The payer's letter.", due_on=stated)
    rules = in_force(with_days(60))
    await tell(office, rules)
    await office.kinds_until(case_id, "deadline_moved")
    case = await office.record.case(case_id)
    assert case.due_on == stated
    assert case.deadline["by_the_rules"]["due_on"] == str(await office.today() + timedelta(days=55))
    assert f"The last day that a person set, {stated}, stays" in (await last_line(office, case_id)).summary
    assert await tell(office, rules) == 0


async def test_no_case_ends_because_its_new_day_is_over(office: Office, in_force: InForce) -> None:
    case_id = await office.open(days_ago=100)
    rules = in_force(with_days(30))
    await tell(office, rules)
    await office.kinds_until(case_id, "deadline_moved")
    case = await office.record.case(case_id)
    assert (case.status, case.due_on) == (CaseStatus.NEEDS_WORK, None)
    assert "is over" in case.deadline["unknown"]
    assert await tell(office, rules) == 0
    await tell(office, in_force(with_days(120)))

    async def known_again() -> bool:
        return (await office.record.case(case_id)).due_on is not None

    await office.until(known_again)


async def test_a_fact_with_another_date_moves_the_day(office: Office, in_force: InForce) -> None:
    """Our own claim came later than its answer, with an earlier date of service."""
    case_id = await office.open(action="corrected_claim", category="coding")
    before = await due(office, case_id)
    async with office.record.sessions.begin() as session:
        case = await session.get_one(tables.DenialCase, case_id)
        claim = await session.get_one(tables.Claim, case.claim_id)
        assert claim.service_from is not None
        claim.service_from -= timedelta(days=21)
    await tell(office, in_force(load_rulebook()))
    await office.kinds_until(case_id, "deadline_moved")
    assert before - timedelta(days=22) <= await due(office, case_id) <= before - timedelta(days=20)
    assert "date of service is" in (await last_line(office, case_id)).summary


async def test_a_case_pended_past_its_new_safe_day_comes_back(office: Office, in_force: InForce) -> None:
    case_id = await office.open()
    await office.step(case_id, PendInput, 1, "Waiting for the chart.", business_days=40)
    assert (await office.record.case(case_id)).pended_until is not None
    await tell(office, in_force(with_days(40)))
    await office.kinds_until(case_id, "deadline_moved")
    assert (await office.record.case(case_id)).pended_until is None


async def test_what_is_with_the_payer_is_left_alone(office: Office, in_force: InForce) -> None:
    case_id = await office.open()
    await office.approve(case_id)
    await office.submit(case_id, 2)
    before = await office.record.case(case_id)
    await tell(office, in_force(with_days(60)))
    assert (await office.record.case(case_id)).due_on == before.due_on


async def test_a_window_of_the_practices_own_moves_the_day_and_back(
    office: Office, in_force: InForce
) -> None:
    case_id = await office.open()
    before = await due(office, case_id)
    own = tables.FilingWindowOverride(
        payer_key="medicare",
        kind="appeal",
        level=1,
        amount=90,
        unit="days",
        counted_from="notice_on",
        reason="letter of the contractor",
        state="in_force",
        proposed_by=office.record.person_id,
        approved_by=office.record.person_id,
    )
    override_id = own.id
    async with office.record.sessions.begin() as session:
        session.add(own)
    rules = in_force(load_rulebook())
    await tell(office, rules)
    await office.kinds_until(case_id, "deadline_moved")
    assert await due(office, case_id) == before - timedelta(days=35)  # nor 5 for the mail
    said = (await last_line(office, case_id)).summary
    assert "window practice-medicare-appeal-1 (set by the practice: letter of the contractor" in said
    async with office.record.sessions.begin() as session:
        await session.delete(await session.get_one(tables.FilingWindowOverride, override_id))
    await tell(office, rules)
    await office.kinds_until(case_id, "deadline_moved", times=2)
    assert await due(office, case_id) == before
