"""The life of a comparison of two versions of a letter: begun by a second manager, drawn, ended once.

While it runs nobody sees which version does better, and neither version changes. Stopped before every letter
was answered, it has no result.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.outcomes import KNOWN, WON
from overturn.db.tables import LetterDraw, LetterEdition, LetterTrial
from overturn.domain.letter_trials import (
    FEWEST,
    MOST,
    Arm,
    ArmCount,
    TrialResult,
    draw,
    is_complete,
    trial_result,
)
from overturn.letter_editions import (
    COMPARE,
    ROLL_BACK,
    EditionError,
    LetterEditions,
    State,
    enter,
    in_force,
    locked,
    put_in_force,
)


class Decision(StrEnum):
    """How a trial ended: the new words in force, the former ones kept, or stopped without a result."""

    ADOPTED = "adopted"
    KEPT = "kept"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class TrialFacts:
    """A trial as it is shown. `counts` are by version; who won is in `result`, and nowhere before it."""

    trial: LetterTrial
    counts: tuple[ArmCount, ...]

    @property
    def runs(self) -> bool:
        return self.trial.decision is None

    @property
    def complete(self) -> bool:
        return is_complete(self.trial.planned, self.counts)

    @property
    def drawn(self) -> int:
        return sum(one.drawn for one in self.counts)

    @property
    def waiting(self) -> int:
        return sum(one.waiting for one in self.counts)

    @property
    def result(self) -> TrialResult | None:
        if self.trial.decision == Decision.STOPPED:
            return None
        return trial_result(self.trial.planned, self.counts)


async def begin(
    session: AsyncSession,
    editions: LetterEditions,
    version: str,
    *,
    planned: int,
    by: UUID,
    at: datetime,
) -> LetterTrial:
    """Have the next `planned` letters drawn between the words in force and these proposed ones.

    Raises EditionError and FaultyWordsError as `LetterEditions.approve` does, and for a size out of bounds.
    """
    if not FEWEST <= planned <= MOST:
        raise EditionError(f"A comparison takes {FEWEST} to {MOST:,} letters, not {planned:,}.")
    edition = await editions.second_look(session, version, by=by)
    former = await in_force(session, edition.letter)
    trial = LetterTrial(
        id=uuid4(),
        letter=edition.letter,
        former=former.version if former else None,
        new=version,
        planned=planned,
        started_by=by,
        started_at=at,
    )
    edition.state = State.ON_TRIAL
    session.add(trial)
    await enter(session, edition, COMPARE, by=by, at=at, note=f"on {planned:,} letters")
    return trial


async def end(
    session: AsyncSession, trial_id: UUID, decision: Decision, *, by: UUID, at: datetime, note: str = ""
) -> LetterTrial:
    """End a running trial, once.

    Raises EditionError where it ended before, where the new words are to be adopted or the former kept before
    the result is known, and where it is stopped without a reason or when nothing is left to wait for.
    """
    trial = await _trial_by_id(session, trial_id)
    edition = await locked(session, trial.new)
    await session.refresh(trial, with_for_update=True)
    if trial.decision is not None:
        raise EditionError("This comparison has ended. Reload the page.")
    await _refuse_early(session, trial, decision, note)
    trial.decision, trial.ended_by, trial.ended_at, trial.note = decision, by, at, note
    if decision is Decision.ADOPTED:
        await put_in_force(session, edition, by=by, at=at)
    else:
        edition.state = State.ROLLED_BACK
        await enter(session, edition, ROLL_BACK, by=by, at=at, note=f"comparison {decision}. {note}".strip())
    return trial


async def words_for(session: AsyncSession, letter: str, *, case_id: UUID, level: int) -> LetterEdition | None:
    """The words this letter is drafted with, None for the shipped file: by lot while a trial runs that has
    not drawn all its letters, else those in force. Asked again, the same."""
    trial = await session.scalar(
        select(LetterTrial)
        .where(col(LetterTrial.letter) == letter, col(LetterTrial.decision).is_(None))
        .with_for_update()
    )
    arm = await _arm(session, trial, case_id, level) if trial else None
    if trial is None or arm is None:
        return await in_force(session, letter)
    version = trial.new if arm is Arm.NEW else trial.former
    return await session.get(LetterEdition, version) if version else None


async def list_trials(session: AsyncSession, letter: str) -> Sequence[TrialFacts]:
    """The trials of a letter, the latest first."""
    trials = await session.scalars(
        select(LetterTrial)
        .where(col(LetterTrial.letter) == letter)
        .order_by(col(LetterTrial.started_at).desc())
    )
    return [TrialFacts(trial, await _counts(session, trial.id)) for trial in trials.all()]


async def letters_on_trial(session: AsyncSession) -> frozenset[str]:
    """The letters two versions of which are being compared."""
    found = await session.scalars(select(col(LetterTrial.letter)).where(col(LetterTrial.decision).is_(None)))
    return frozenset(found)


async def _trial_by_id(session: AsyncSession, trial_id: UUID) -> LetterTrial:
    trial = await session.get(LetterTrial, trial_id)
    if trial is None:
        raise EditionError("There is no such comparison. Reload the page.")
    return trial


async def _refuse_early(session: AsyncSession, trial: LetterTrial, decision: Decision, note: str) -> None:
    complete = TrialFacts(trial, await _counts(session, trial.id)).complete
    if decision is Decision.STOPPED and not note:
        raise EditionError("Say why the comparison is stopped; it will have no result.")
    if decision is Decision.STOPPED and complete:
        raise EditionError("The comparison is complete: adopt the new words or keep the former ones.")
    if decision is not Decision.STOPPED and not complete:
        raise EditionError(
            "The comparison is not complete: its result is told when all letters are answered."
        )


async def _arm(session: AsyncSession, trial: LetterTrial, case_id: UUID, level: int) -> Arm | None:
    """The letter's lot, drawn if there is one left."""
    drawn = await session.get(LetterDraw, (trial.id, case_id, level))
    if drawn is not None:
        return Arm(drawn.arm)
    so_far = await session.scalar(
        select(func.count()).select_from(LetterDraw).where(col(LetterDraw.trial_id) == trial.id)
    )
    if (so_far or 0) >= trial.planned:
        return None
    arm = draw(trial.id, case_id, level)
    session.add(LetterDraw(trial_id=trial.id, case_id=case_id, level=level, arm=arm))
    return arm


# A letter followed by one of the next level was answered with no; else the case's outcome tells. What neither
# was sent nor can be any more waits for nothing.
_COUNTS: Final = text(f"""
    SELECT arm, count(*) AS drawn, count(*) FILTER (WHERE sent) AS sent,
           count(*) FILTER (WHERE sent AND answered) AS answered,
           count(*) FILTER (WHERE sent AND answered AND won) AS won,
           count(*) FILTER (WHERE NOT answered AND NOT closed) AS waiting
      FROM (SELECT d.arm, coalesce(l.state = 'submitted', false) AS sent,
                   coalesce(f.followed OR {KNOWN}, false) AS answered,
                   NOT f.followed AND {WON} AS won, k.status = 'resolved' AS closed
              FROM letter_draw d
              JOIN denial_case k ON k.id = d.case_id
              LEFT JOIN letter l ON l.case_id = d.case_id AND l.level = d.level
             CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM letter n
                                                 WHERE n.case_id = d.case_id AND n.level > d.level
                                                   AND n.state = 'submitted') AS followed) f
             WHERE d.trial_id = :trial_id) letters
     GROUP BY arm
     ORDER BY arm
""")  # noqa: S608 - put together from constants


async def _counts(session: AsyncSession, trial_id: UUID) -> tuple[ArmCount, ...]:
    rows = (await session.execute(_COUNTS, {"trial_id": trial_id})).mappings()
    return tuple(ArmCount(**{**row, "arm": Arm(row["arm"])}) for row in rows)
