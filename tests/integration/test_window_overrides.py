"""A window of the practice's own: proposed, approved by a second person, in force at once, ended."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from overturn import window_overrides
from overturn.db.session import Sessions
from overturn.domain.deadlines import CountedFrom, Deadline, DeadlineKind, FilingWindows, WindowUnit
from overturn.domain.payers import PayerContext
from overturn.domain.window_overrides import WindowOverride, WindowOverrideError
from overturn.rule_sets import RulesInForce, with_own_windows
from overturn.rulebook import Rulebook
from tests.integration.test_rule_sets import SHIPPED, person
from workflows.denial_case.deadline_watch import _basis

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

AT = datetime(2026, 3, 16, 15, tzinfo=UTC)
CIGNA = PayerContext("cigna", "CIGNA", "Commercial")


def own(amount: int) -> WindowOverride:
    return WindowOverride(
        "cigna", DeadlineKind.CLAIM, 0, amount, WindowUnit.DAYS, CountedFrom.SERVICE, None, "contract"
    )


async def proposed(sessions: Sessions, amount: int, by: UUID) -> UUID:
    async with sessions.begin() as session:
        await window_overrides.propose(session, own(amount), by=by, at=AT)
        return (await window_overrides.list_overrides(session))[0].row.id


async def approved(sessions: Sessions, override_id: UUID, by: UUID) -> None:
    async with sessions.begin() as session:
        await window_overrides.approve(session, override_id, by=by, at=AT)


async def current(sessions: Sessions, rules: RulesInForce) -> Rulebook:
    async with sessions() as session:
        return await rules.current(session)


async def as_tried(sessions: Sessions, rules: Rulebook) -> FilingWindows:
    """The windows that rules are tried with: those they would count by once published."""
    async with sessions() as session:
        return (await with_own_windows(session, rules)).filing_windows


def filing_due(rules: Rulebook) -> date:
    """As proofs count it; deadlines of cases go by the same windows."""
    tables = rules.denials.cause_tables
    assert tables is not None
    answer = tables.filing_due(CIGNA, date(2026, 3, 2))
    assert isinstance(answer, Deadline)
    return answer.due_on


async def test_it_counts_once_a_second_person_approved_it_and_until_it_ends(sessions: Sessions) -> None:
    ana, max_ = await person(sessions, "ana"), await person(sessions, "max")
    rules = RulesInForce(SHIPPED)
    before = filing_due(await current(sessions, rules))
    override_id = await proposed(sessions, 45, ana)
    assert filing_due(await current(sessions, rules)) == before
    with pytest.raises(WindowOverrideError, match="ask a second person"):
        await approved(sessions, override_id, ana)
    basis = await _basis(sessions, rules, AT)
    await approved(sessions, override_id, max_)
    assert await _basis(sessions, rules, AT) != basis
    in_force = await current(sessions, rules)
    assert filing_due(in_force) == date(2026, 4, 16)
    assert await current(sessions, rules) is in_force  # joined once
    assert in_force.content_hash == SHIPPED.content_hash
    assert await as_tried(sessions, SHIPPED) == in_force.filing_windows
    async with sessions.begin() as session:
        await window_overrides.end(session, override_id, by=ana, at=AT)
    assert filing_due(await current(sessions, rules)) == before
    async with sessions() as session:
        [facts] = await window_overrides.list_overrides(session)
    assert (facts.proposed_by, facts.approved_by, facts.ended_by) == ("ana", "max", "ana")


async def test_a_later_one_ends_the_one_before(sessions: Sessions) -> None:
    ana, max_ = await person(sessions, "ana"), await person(sessions, "max")
    for amount in (45, 50):
        await approved(sessions, await proposed(sessions, amount, ana), max_)
    async with sessions() as session:
        facts = await window_overrides.list_overrides(session)
        [counted] = await window_overrides.in_force(session)
    assert [(one.row.amount, one.row.state) for one in facts] == [(50, "in_force"), (45, "ended")]
    assert (counted.amount, counted.reason) == (50, "contract (set by ana, approved by max)")


async def test_a_step_that_does_not_fit_is_refused(sessions: Sessions) -> None:
    ana, max_ = await person(sessions, "ana"), await person(sessions, "max")
    override_id = await proposed(sessions, 45, ana)
    await approved(sessions, override_id, max_)
    with pytest.raises(WindowOverrideError, match="can no longer be approved"):
        await approved(sessions, override_id, max_)
    async with sessions.begin() as session:
        await window_overrides.end(session, override_id, by=ana, at=AT)
        with pytest.raises(WindowOverrideError, match="has ended already"):
            await window_overrides.end(session, override_id, by=ana, at=AT)
        with pytest.raises(WindowOverrideError, match="from 1 to 3650"):
            await window_overrides.propose(session, own(0), by=ana, at=AT)
