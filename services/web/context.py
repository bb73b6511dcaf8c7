"""What a request has at hand: its transaction, today's date, and the ways out of this process."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, TypeAlias, cast
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from overturn.db.session import Sessions
from overturn.domain.channel_names import ChannelName
from overturn.domain.expiries import Notice
from overturn.domain.practice_day import practice_date
from overturn.letters.rephrasing import Rephraser
from overturn.rule_sets import RulesInForce
from services.web.labels import CodeLabels
from services.web.security import FailedSignIns
from services.web.upload import Forward
from workflows.denial_case.types import PersonsStep, StepResult

TakeStep: TypeAlias = Callable[[UUID, PersonsStep, str], Awaitable[StepResult]]
"""Asks the case's workflow for a step, with the words that go with it; raises StepRefusedError or
StepNotTakenError."""

FollowBatch: TypeAlias = Callable[[UUID], Awaitable[None]]
"""Has the workflow of a batch look at what was ordered; an outage only delays it."""


@dataclass(frozen=True, slots=True)
class Web:
    """The parts of one web process. `clock` gives an aware instant; the date is the one that alarms go by."""

    sessions: Sessions
    take_step: TakeStep
    follow_batch: FollowBatch
    forward: Forward
    channels: Mapping[ChannelName, str]  # label of each channel that letters can be sent through, by its name
    clock: Callable[[], datetime]
    labels: CodeLabels
    rules: RulesInForce
    failed_sign_ins: FailedSignIns
    notice: Notice
    reference_dir: Path
    scan_command: str = ""
    rephraser: Rephraser | None = None


def web_of(request: Request) -> Web:
    return cast("Web", request.app.state.web)


WebContext = Annotated[Web, Depends(web_of)]


def _now(web: WebContext) -> datetime:
    return web.clock()


def _today(web: WebContext) -> date:
    return practice_date(web.clock())


async def _transaction(web: WebContext) -> AsyncIterator[AsyncSession]:
    """One request, one transaction: committed before the answer leaves, rolled back on any error."""
    async with web.sessions.begin() as session:
        yield session


Now = Annotated[datetime, Depends(_now)]
Today = Annotated[date, Depends(_today)]
Transaction = Annotated[AsyncSession, Depends(_transaction, scope="function")]
