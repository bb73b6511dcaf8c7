"""The record of appeal batches: made from cases, looked at again, and ordered to do a step."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.addresses import address_unknown, contact_of
from overturn.db.letter_choice import chosen_letter, letter_level
from overturn.db.tables import AppealBatch, AppealBatchMember, DenialCase, Letter, Sending
from overturn.domain import identifiers
from overturn.domain.appeal_batch import (
    MOST_CASES,
    OWED,
    BatchRefusedError,
    Candidate,
    Likeness,
    Order,
    group_alike,
    stand,
)
from overturn.domain.channel_names import ChannelName
from overturn.domain.denial_case import CaseStatus, Outcome

IDLE: Final = "idle"
AT_WORK: Final = "at_work"
STOPPED: Final = "stopped"

NO_BATCH: Final = "There is no such batch."
NOTHING_ALIKE: Final = (
    "None of these cases is worked by a letter, so there is nothing to appeal together. Open one to see what "
    "it needs."
)
CHANGED: Final = "The batch has changed since the page was loaded. Look at it as it is now, then try again."
BUSY: Final = "The batch is at work. Wait until it is done, or stop it."
UNFINISHED: Final = "The batch was stopped in the middle. Have it go on, or call back what waits to go out."
NOTHING_OWED: Final = {
    Order.APPROVE: "No letter of this batch can be approved now. What stands apart says why.",
    Order.SEND: "No letter of this batch is approved and waits to be sent.",
    Order.CALL_BACK: "Nothing of this batch waits to go out any more.",
}


@dataclass(frozen=True, slots=True)
class GivenOrder:
    """What a person has a batch do, from the page of this `version` of it; `channel` to send by."""

    order: Order
    version: int
    actor_id: UUID
    channel: ChannelName | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """A case as it stands now, with what a later change would be noticed by."""

    candidate: Candidate
    case_version: int
    letter_version: int | None
    payer_name: str | None


async def make_batches(
    session: AsyncSession, case_ids: Collection[UUID], *, key: UUID, actor_id: UUID, at: datetime
) -> list[UUID]:
    """One batch for each kind of like cases among these, the largest first; the same `key` makes them once.

    Raises:
        BatchRefusedError: none is worked by a letter, or there are too many.
    """
    if len(case_ids) > MOST_CASES:
        raise BatchRefusedError(
            f"{len(case_ids):,} cases are too many for one batch: filter the queue down to {MOST_CASES:,}."
        )
    seen = await _seen(session, case_ids)
    groups = group_alike({case_id: found.candidate.likeness for case_id, found in seen.items()})
    if not groups:
        raise BatchRefusedError(NOTHING_ALIKE)
    made = []
    for likeness, members in groups.items():
        batch_id = identifiers.deterministic_id("appeal-batch", key, str(asdict(likeness)))
        row = AppealBatch(
            id=batch_id,
            payer_name=seen[members[0]].payer_name,
            created_by=actor_id,
            created_at=at,
            **asdict(likeness),
        )
        statement = insert(AppealBatch).values(row.model_dump()).on_conflict_do_nothing()
        if await session.scalar(statement.returning(col(AppealBatch.id))):
            session.add_all(
                _member(batch_id, case_id, position, seen[case_id], likeness)
                for position, case_id in enumerate(members, start=1)
            )
        made.append(batch_id)
    return made


async def alike(session: AsyncSession, case_id: UUID) -> list[UUID]:
    """The open cases that could go in one batch with this one, itself first; only itself where none could.

    Raises:
        BatchRefusedError: there is no such case.
    """
    case = await session.get(DenialCase, case_id)
    if case is None:
        raise BatchRefusedError("There is no such case.")
    found = await session.scalars(
        select(col(DenialCase.id)).where(
            col(DenialCase.status).in_([CaseStatus.NEEDS_WORK, CaseStatus.APPROVED]),
            col(DenialCase.payer_key).is_not_distinct_from(case.payer_key),
            col(DenialCase.payer_name).is_not_distinct_from(case.payer_name),
            col(DenialCase.category) == case.category,
            col(DenialCase.cause) == case.cause,
        )
    )
    seen = await _seen(session, {case_id, *found})
    wanted = seen[case_id].candidate.likeness
    return [case_id, *(i for i, s in seen.items() if i != case_id and wanted == s.candidate.likeness)]


async def look_again(session: AsyncSession, batch_id: UUID, *, version: int) -> None:
    """Take in how each case stands now, but for those whose letter is out or going out.

    Raises:
        BatchRefusedError: the batch is at work, or has changed.
    """
    batch = await _locked(session, batch_id)
    if batch.version != version:
        raise BatchRefusedError(CHANGED)
    if batch.state != IDLE:
        raise BatchRefusedError(BUSY if batch.state == AT_WORK else UNFINISHED)
    batch.version += 1
    members = await _members_to_look_at(session, batch_id)
    seen = await _seen(session, [member.case_id for member in members])
    for member in members:
        fresh = _member(batch_id, member.case_id, member.position, seen[member.case_id], likeness_of(batch))
        member.state, member.words = fresh.state, fresh.words
        member.case_version, member.letter_version = fresh.case_version, fresh.letter_version
        member.send_id = None


async def give_order(session: AsyncSession, batch_id: UUID, given: GivenOrder) -> None:
    """Have the batch do this with each of its cases; its workflow goes on from here. The same again is once.

    Raises:
        BatchRefusedError: it does not fit the batch as it is now.
    """
    batch = await _locked(session, batch_id)
    same = (batch.ordered, batch.ordered_by) == (given.order, given.actor_id)
    if same and batch.version == given.version + 1:
        return
    if batch.state != IDLE and given.order is not Order.CALL_BACK:
        raise BatchRefusedError(BUSY if batch.state == AT_WORK else UNFINISHED)
    if batch.version != given.version:
        raise BatchRefusedError(CHANGED)
    await _refuse_pointless(session, batch, given)
    batch.state, batch.problem = AT_WORK, ""
    batch.ordered, batch.ordered_by = given.order, given.actor_id
    batch.channel = given.channel or batch.channel
    batch.version += 1


async def stop(session: AsyncSession, batch_id: UUID) -> None:
    """Ask no further case; those that are being asked are seen through."""
    batch = await _locked(session, batch_id)
    if batch.state == AT_WORK:
        batch.state = STOPPED


async def go_on(session: AsyncSession, batch_id: UUID) -> None:
    """Take up the order that was stopped, where it was left."""
    batch = await _locked(session, batch_id)
    if batch.state == STOPPED:
        batch.state, batch.problem = AT_WORK, ""


async def owed(
    session: AsyncSession, batch_id: UUID, order: Order, *, version: int, most: int | None = None
) -> Sequence[UUID]:
    """The cases that were not asked yet under this order, given at `version`, in the order of the list."""
    statement = (
        select(col(AppealBatchMember.case_id))
        .where(
            col(AppealBatchMember.batch_id) == batch_id,
            col(AppealBatchMember.state) == OWED[order],
            col(AppealBatchMember.asked_in) < version,
        )
        .order_by(col(AppealBatchMember.position))
        .limit(most)
    )
    if order is Order.CALL_BACK:
        waiting = select(col(Sending.id)).where(col(Sending.state) == "asked")
        statement = statement.where(col(AppealBatchMember.send_id).in_(waiting))
    return (await session.scalars(statement)).all()


def likeness_of(batch: AppealBatch) -> Likeness:
    return Likeness(
        payer=batch.payer,
        line_of_business=batch.line_of_business,
        category=batch.category,
        cause=batch.cause,
        letter=batch.letter,
        level=batch.level,
    )


async def _refuse_pointless(session: AsyncSession, batch: AppealBatch, given: GivenOrder) -> None:
    """What no case could take is said at once."""
    case_ids = await owed(session, batch.id, given.order, version=batch.version + 1, most=1)
    if not case_ids:
        raise BatchRefusedError(NOTHING_OWED[given.order])
    if given.order is Order.SEND and given.channel is not None:
        case = await session.get_one(DenialCase, case_ids[0])
        if await contact_of(session, case, level=batch.level, channel=given.channel) is None:
            raise BatchRefusedError(address_unknown(batch.payer_name, given.channel))


async def _locked(session: AsyncSession, batch_id: UUID) -> AppealBatch:
    batch = await session.get(AppealBatch, batch_id, with_for_update=True)
    if batch is None:
        raise BatchRefusedError(NO_BATCH)
    return batch


async def _members_to_look_at(session: AsyncSession, batch_id: UUID) -> Sequence[AppealBatchMember]:
    out = select(col(Sending.id)).where(col(Sending.state) != "not_sent")
    mine = select(AppealBatchMember).where(col(AppealBatchMember.batch_id) == batch_id)
    waits = col(AppealBatchMember.send_id).is_(None) | col(AppealBatchMember.send_id).not_in(out)
    return (await session.scalars(mine.where(waits).with_for_update())).all()


def _member(
    batch_id: UUID, case_id: UUID, position: int, seen: Seen, likeness: Likeness
) -> AppealBatchMember:
    standing = stand(seen.candidate, likeness)
    return AppealBatchMember(
        batch_id=batch_id,
        case_id=case_id,
        position=position,
        state=standing.state,
        words=standing.words,
        case_version=seen.case_version,
        letter_version=seen.letter_version,
    )


async def _seen(session: AsyncSession, case_ids: Collection[UUID]) -> dict[UUID, Seen]:
    """Each case with the letter of its level, without the letter's files; the most urgent first."""
    cases = await session.scalars(
        select(DenialCase)
        .where(col(DenialCase.id).in_(case_ids))
        .order_by(col(DenialCase.due_on), col(DenialCase.denied_on), col(DenialCase.id))
    )
    shown = (
        Letter.case_id,
        Letter.level,
        Letter.template,
        Letter.state,
        Letter.missing_facts,
        Letter.version,
    )
    letters = await session.execute(
        select(*(col(column) for column in shown)).where(col(Letter.case_id).in_(case_ids))
    )
    by_level = {(row.case_id, row.level): row for row in letters}
    return {case.id: _looked_at(case, by_level.get((case.id, letter_level(case)))) for case in cases}


def _looked_at(case: DenialCase, letter: Any) -> Seen:
    """`letter` is a row with the columns of one, or None."""
    chosen = chosen_letter(case)
    likeness = Likeness(
        payer=case.payer_key or case.payer_name or "",
        line_of_business=case.line_of_business or "",
        category=case.category,
        cause=case.cause,
        letter=letter.template if letter else chosen or "",
        level=letter_level(case),
    )
    candidate = Candidate(
        status=CaseStatus(case.status),
        outcome=Outcome(case.outcome) if case.outcome else None,
        likeness=likeness if chosen else None,
        letter_state=letter.state if letter else None,
        needs=tuple(letter.missing_facts) if letter else (),
    )
    return Seen(candidate, case.version, letter.version if letter else None, case.payer_name)
