"""What the record says of how cases end, and the chance a new case gets from it."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from overturn.db.outcomes import STALE_AFTER, OutcomeBook, ended_cases, likeness_of
from overturn.db.session import Sessions
from overturn.db.tables import DenialCase
from overturn.domain.denial_case import CaseStatus, Outcome
from overturn.rulebook import load_rulebook
from tests.web_factories import NOW, CaseSeed, add_case

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

PRIORITIES = load_rulebook().priorities


async def a_case(
    sessions: Sessions, number: str, recovered: str = "0.00", outcome: str | None = None
) -> UUID:
    status = CaseStatus.RESOLVED if outcome else CaseStatus.NEEDS_WORK
    seed = CaseSeed(number=number, recovered=Decimal(recovered), status=status, outcome=outcome)
    async with sessions.begin() as session:
        return await add_case(session, seed)


async def end_twelve(sessions: Sessions, outcome: Outcome, recovered: str) -> None:
    for n in range(12):
        await a_case(sessions, f"{outcome}-{n}", recovered, outcome)


async def test_most_of_the_money_back_is_a_win_and_the_rest_is_not(sessions: Sessions) -> None:
    await a_case(sessions, "ALL", "120.00", Outcome.RECOVERED)
    await a_case(sessions, "MOST", "60.00", Outcome.PARTLY_RECOVERED)
    await a_case(sessions, "LITTLE", "59.99", Outcome.PARTLY_RECOVERED)
    await a_case(sessions, "NONE", "0.00", Outcome.UPHELD)
    async with sessions() as session:
        [alike] = await ended_cases(session)
    assert (alike.ended, alike.won) == (4, 2)


@pytest.mark.parametrize("outcome", [Outcome.WRITTEN_OFF, Outcome.EXPIRED, None])
async def test_what_no_payer_decided_is_not_counted(sessions: Sessions, outcome: Outcome | None) -> None:
    await a_case(sessions, "P1", outcome=outcome)
    async with sessions() as session:
        assert list(await ended_cases(session)) == []


async def test_a_case_is_like_those_of_its_kind_payer_and_age(sessions: Sessions) -> None:
    case_id = await a_case(sessions, "P1")
    async with sessions() as session:
        likeness = await likeness_of(session, case_id)
        case = await session.get_one(DenialCase, case_id)
    assert (likeness.category, likeness.action) == (case.category, case.action)
    assert (likeness.records, likeness.age) == ("no records attached", "0 to 30 days")
    assert likeness.payer == (case.payer_key or case.payer_name)


async def test_own_outcomes_move_the_chance_of_a_new_case_within_the_hour(sessions: Sessions) -> None:
    book, new = OutcomeBook(sessions), await a_case(sessions, "NEW")
    async with sessions() as session:
        published = await book.odds(session, new, table=PRIORITIES, at=NOW)
        await end_twelve(sessions, Outcome.UPHELD, "0.00")
        assert await book.odds(session, new, table=PRIORITIES, at=NOW + STALE_AFTER) == published
        learned = await book.odds(session, new, table=PRIORITIES, at=NOW + STALE_AFTER + timedelta(seconds=1))
    assert (published.n, learned.n, learned.won) == (0, 12, 0)
    assert learned.chance < published.chance - Decimal("0.10")
