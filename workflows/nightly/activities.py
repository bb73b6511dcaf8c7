"""The work of a night: every open case weighed with today's odds, and the digest sent."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlmodel import col
from temporalio import activity

from overturn.channels import ChannelRefusedError
from overturn.channels.email import EmailChannel
from overturn.db.outcomes import OutcomeBook
from overturn.db.session import Sessions
from overturn.db.tables import DenialCase
from overturn.domain.expiries import Notice
from overturn.domain.practice_day import practice_date
from overturn.reference.catalogue import stale_tables
from overturn.rule_sets import RulesInForce
from workflows.denial_case import planning
from workflows.denial_case.record import PRESSING, open_work_item
from workflows.nightly.digest import gather_digest, write_digest
from workflows.nightly.types import NightInput

CASES_A_TRANSACTION: Final = 200
NOBODY: Final = UUID(int=0)
SUBJECT: Final = "Overturn: open work"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class DigestPost:
    """How the digest leaves the house, to whom, and where its links lead."""

    channel: EmailChannel
    to: Sequence[str]
    url: str


class NightlyActivities:
    """Runs on the task queue `denial-cases`; `post` None sends no digest."""

    def __init__(
        self,
        sessions: Sessions,
        rules: RulesInForce,
        *,
        reference_dir: Path,
        notice: Notice,
        post: DigestPost | None,
    ) -> None:
        self._sessions = sessions
        self._rules = rules
        self._outcomes = OutcomeBook(sessions)
        self._reference_dir = reference_dir
        self._notice = notice
        self._post = post

    def all(self) -> list[Callable[..., Any]]:
        return [self.weigh_open_cases, self.send_digest]

    @activity.defn
    async def weigh_open_cases(self, request: NightInput) -> int:
        """The priority of every case to be worked, by the days left and the odds of today; how many there
        were. Weighing twice changes nothing."""
        last, weighed = NOBODY, 0
        while (batch := await self._weigh_batch(request, after=last)) is not None:
            last, number = batch
            weighed += number
        return weighed

    @activity.defn
    async def send_digest(self, request: NightInput) -> bool:
        """Send the figures to each lead; False where no mail server is set. The day and the lead make the
        message's id, so that a mail system drops a second."""
        if self._post is None:
            return False
        today = practice_date(request.at)
        async with self._sessions.begin() as session:
            digest = await gather_digest(
                session,
                rulebook=await self._rules.current(session),
                notice=self._notice,
                stale=self._stale_tables(request),
                today=today,
            )
        message = write_digest(digest, url=self._post.url)
        for number, to in enumerate(self._post.to):
            await _deliver(self._post.channel, message, to=to, key=f"digest-{today}-{number}")
        return True

    async def _weigh_batch(self, request: NightInput, *, after: UUID) -> tuple[UUID, int] | None:
        """The id of the last case of the batch, and how many it had; None where none is left."""
        today = practice_date(request.at)
        async with self._sessions.begin() as session:
            rows = await session.scalars(
                select(DenialCase)
                .where(col(DenialCase.id) > after, col(DenialCase.status).in_(PRESSING))
                .order_by(col(DenialCase.id))
                .limit(CASES_A_TRANSACTION)
                .with_for_update()
            )
            cases, rulebook = rows.all(), await self._rules.current(session)
            for case in cases:
                odds = await self._outcomes.odds(session, case.id, table=rulebook.priorities, at=request.at)
                case.odds = odds.written()
                planning.weigh_anew(case, rulebook=rulebook, today=today)
                item = await open_work_item(session, case)
                if item is not None:
                    item.priority = case.priority
            return (cases[-1].id, len(cases)) if cases else None

    def _stale_tables(self, request: NightInput) -> list[str]:
        stale = stale_tables(self._reference_dir, practice_date(request.at))
        return [f"{table['kind']}, {table['quarter']}" for table in stale]


async def _deliver(channel: EmailChannel, message: str, *, to: str, key: str) -> None:
    """What is refused for good is said in the log; the other leads get theirs."""
    try:
        await asyncio.to_thread(channel.notify, message, subject=SUBJECT, to=to, key=key)
    except ChannelRefusedError:
        log.warning("digest.refused", key=key)
