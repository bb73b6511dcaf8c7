"""`/queue/next`: the best case that nobody has, taken and opened in one click."""

from collections.abc import Collection
from http import HTTPStatus
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Form, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import RedirectResponse

from overturn.db.tables import UserAccount
from overturn.domain.denial_case import StepRefusedError
from overturn.reporting.next_best import next_best
from services.web.context import Today, Transaction, Web, WebContext
from services.web.guard import Person
from services.web.pages import problem
from services.web.routes.queue import Choice
from services.web.sessions import SignedIn
from workflows.denial_case.step_client import StepNotTakenError
from workflows.denial_case.types import AssignInput

router = APIRouter()


class NextForm(BaseModel):
    """Of which queue; where it is empty, of all that the person has the skill for."""

    model_config = ConfigDict(extra="forbid")

    form_token: str
    queue: Choice = None


@router.post("/queue/next")
async def take_next(
    *,
    request: Request,
    form: Annotated[NextForm, Form()],
    session: Transaction,
    web: WebContext,
    person: Person,
    today: Today,
) -> Response:
    """A case that somebody else took a moment ago refuses; then the next one is tried. Who asks for no queue
    is given work that asks for a skill of theirs."""
    queues = [form.queue] if form.queue else await _of_skills(session, web, person)
    for found in await next_best(session, person=person.user_id, today=today, queues=queues):
        if found.is_mine:
            return _opened(found.case_id)
        step = AssignInput(
            step_id=uuid4(),
            actor_id=person.user_id,
            case_version=found.version,
            assignee_id=person.user_id,
        )
        try:
            await web.take_step(found.case_id, step, "")
        except StepRefusedError:
            continue
        except StepNotTakenError as error:
            return problem(request, HTTPStatus.SERVICE_UNAVAILABLE, str(error))
        return _opened(found.case_id)
    return RedirectResponse("/queue?owner=unassigned", HTTPStatus.SEE_OTHER)


async def _of_skills(session: AsyncSession, web: Web, person: SignedIn) -> Collection[str] | None:
    account = await session.get_one(UserAccount, person.user_id)
    routing = (await web.rules.current(session)).routing
    return routing.queues_for(account.skills) if account.skills else None


def _opened(case_id: UUID) -> Response:
    return RedirectResponse(f"/cases/{case_id}", HTTPStatus.SEE_OTHER)
