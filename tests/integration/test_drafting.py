"""A letter is about the plan that its case has when it is stored, not the one it had when drafting began."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from overturn.db.session import Sessions
from overturn.db.tables import CaseEvent, DenialCase, Letter
from overturn.rule_sets import RulesInForce
from overturn.rulebook import load_rulebook
from services.appeals.activities import LetterDrafting
from tests.web_factories import NOW, TODAY, CaseSeed, add_case
from workflows.appeal.types import DraftLetterInput

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

LATER = TODAY + timedelta(days=33)


class Overtaken(LetterDrafting):
    """While its page is set, something else gives the case another last day: so many times."""

    def __init__(self, sessions: Sessions, times: int) -> None:
        super().__init__(sessions, RulesInForce(load_rulebook()))
        self.sessions, self.times, self.drafts = sessions, times, 0

    async def _store(self, request: DraftLetterInput, *drafted: Any, **more: Any) -> bool:
        self.drafts += 1
        if self.drafts <= self.times:
            async with self.sessions.begin() as session:
                case = await session.get_one(DenialCase, request.case_id)
                case.due_on = LATER + timedelta(days=self.drafts)
        return await super()._store(request, *drafted, **more)


@pytest.mark.parametrize("times", [0, 1, 3])
async def test_a_letter_is_about_the_plan_that_stands(sessions: Sessions, times: int) -> None:
    async with sessions.begin() as session:
        case_id = await add_case(session, CaseSeed("D1", letter=None))
    drafting = Overtaken(sessions, times)
    drawn = await drafting.draft_letter(DraftLetterInput(case_id=case_id, level=1, at=NOW))
    async with sessions() as session:
        letter = (await session.scalars(select(Letter).where(col(Letter.case_id) == case_id))).one()
        told = (await session.scalars(select(CaseEvent).where(col(CaseEvent.kind) == "letter_drafted"))).all()
        case = await session.get_one(DenialCase, case_id)
    assert (drafting.drafts, drawn.letter_id, len(told)) == (times + 1, letter.id, 1)
    due = {ground["fact"]: ground["value"] for ground in letter.grounds}.get("due_on")
    assert due == _printed(case.due_on)


def _printed(day: date | None) -> str | None:
    return f"{day:%B} {day.day}, {day.year}" if day else None
