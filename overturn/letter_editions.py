"""The life of a letter's words: proposed by one manager, put in force by a second, rolled back.

An edition is the whole text of a letter's file under its hash. At most one per letter is in force, and new
letters are drafted with it; where none is, the shipped file makes them.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.tables import LetterEdition, LetterEditionStep, LetterTrial, UserAccount
from overturn.domain.citations import Citation
from overturn.letters.lint import Problem, find_problems
from overturn.letters.templates import letter_templates
from overturn.paths import APPEAL_TEMPLATES


class State(StrEnum):
    """Where an edition stands. A superseded one was in force and gave way to another; one on trial makes
    about every second letter, by lot (`overturn.letter_trials`)."""

    PROPOSED = "proposed"
    ON_TRIAL = "on_trial"
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"
    ROLLED_BACK = "rolled_back"


PROPOSE: Final = "proposed"
COMPARE: Final = "put on trial"
APPROVE: Final = "put in force"
ROLL_BACK: Final = "rolled back"


class EditionError(ValueError):
    """The step cannot be taken; the message says why and what to do."""


class FaultyWordsError(EditionError):
    """The words have problems; nothing was stored."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("These words cannot be used yet: see what must change.")
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class EditionFacts:
    """An edition as it is listed. `steps` are its life, the latest first."""

    version: str
    letter: str
    state: State
    words: str
    steps: tuple["StepFacts", ...]

    @property
    def proposers(self) -> frozenset[UUID]:
        return frozenset(step.by for step in self.steps if step.step == PROPOSE)


@dataclass(frozen=True, slots=True)
class StepFacts:
    """One step: what, by whom, when, and the reason given."""

    step: str
    by: UUID
    name: str
    at: datetime
    note: str


class LetterEditions:
    """The editions over the shipped letters of one folder; `citations` is the table they may cite from."""

    def __init__(self, citations: Mapping[str, Citation], templates_dir: Path = APPEAL_TEMPLATES) -> None:
        self._citations = citations
        self._templates_dir = templates_dir

    def shipped_words(self, letter: str) -> str:
        """The shipped file. Raises LetterError where there is no such letter."""
        return letter_templates(self._templates_dir).words(letter)

    def problems(self, letter: str, words: str) -> tuple[Problem, ...]:
        return find_problems(letter, words, citations=self._citations, templates_dir=self._templates_dir)

    async def propose(
        self, session: AsyncSession, letter: str, words: str, *, by: UUID, at: datetime, note: str = ""
    ) -> LetterEdition:
        """Store words for a second person to look at. Raises FaultyWordsError, EditionError."""
        if problems := self.problems(letter, words):
            raise FaultyWordsError(problems)
        await _lock(session, letter)
        if words == self.shipped_words(letter):
            raise EditionError("These are the shipped words. To go back to them, roll back what is in force.")
        version = version_of(letter, words)
        edition = await session.get(LetterEdition, version)
        if edition is not None and edition.state in (State.PROPOSED, State.ON_TRIAL, State.IN_FORCE):
            raise EditionError(f"These words were proposed before and are {edition.state.replace('_', ' ')}.")
        edition = edition or LetterEdition(version=version, letter=letter, words=words, state=State.PROPOSED)
        edition.state = State.PROPOSED
        session.add(edition)
        await enter(session, edition, PROPOSE, by=by, at=at, note=note)
        return edition

    async def approve(self, session: AsyncSession, version: str, *, by: UUID, at: datetime) -> LetterEdition:
        """A second person puts the words in force. Raises EditionError for the one who proposed them, and
        FaultyWordsError where rules or letters changed meanwhile so that the words no longer fit."""
        edition = await self.second_look(session, version, by=by)
        await put_in_force(session, edition, by=by, at=at)
        return edition

    async def second_look(self, session: AsyncSession, version: str, *, by: UUID) -> LetterEdition:
        """The proposed words, locked, where `by` may decide on them; raises as `approve` does."""
        edition = await locked(session, version)
        if edition.state != State.PROPOSED:
            raise EditionError(
                f"These words are {edition.state.replace('_', ' ')}, not proposed. Reload the page."
            )
        if by in await _proposers(session, version):
            raise EditionError("Whoever proposed the words cannot approve them: ask a second manager.")
        if problems := self.problems(edition.letter, edition.words):
            raise FaultyWordsError(problems)
        await _refuse_trial(session, edition.letter)
        return edition


async def put_in_force(session: AsyncSession, edition: LetterEdition, *, by: UUID, at: datetime) -> None:
    """New letters have these words from now on; those in force before are superseded."""
    former = await in_force(session, edition.letter)
    if former is not None:
        former.state = State.SUPERSEDED
        await session.flush()
    edition.state = State.IN_FORCE
    await enter(session, edition, APPROVE, by=by, at=at)


async def roll_back(
    session: AsyncSession, version: str, *, by: UUID, at: datetime, note: str = ""
) -> LetterEdition | None:
    """Take the words out of force; those before them are in force again, or None: the shipped file is.

    Raises EditionError where they are not in force, so that a second click takes nothing else back.
    """
    edition = await locked(session, version)
    if edition.state != State.IN_FORCE:
        raise EditionError("These words are not in force any more. Reload the page.")
    await _refuse_trial(session, edition.letter)
    edition.state = State.ROLLED_BACK
    await enter(session, edition, ROLL_BACK, by=by, at=at, note=note)
    former = await _last_superseded(session, edition.letter)
    if former is not None:
        former.state = State.IN_FORCE
        await enter(session, former, APPROVE, by=by, at=at, note=f"{version[:8]} was rolled back")
    return former


async def in_force(session: AsyncSession, letter: str) -> LetterEdition | None:
    """The words new letters are drafted with, or None: the shipped file."""
    found: LetterEdition | None = await session.scalar(
        select(LetterEdition).where(
            col(LetterEdition.letter) == letter, col(LetterEdition.state) == State.IN_FORCE
        )
    )
    return found


async def list_editions(session: AsyncSession, letter: str | None = None) -> Sequence[EditionFacts]:
    """The editions of one letter, or of all, the one with the latest step first."""
    found = (
        select(LetterEdition, LetterEditionStep, col(UserAccount.display_name))
        .join(LetterEditionStep, col(LetterEditionStep.version) == col(LetterEdition.version))
        .join(UserAccount, col(UserAccount.id) == col(LetterEditionStep.taken_by))
        .order_by(col(LetterEditionStep.sequence).desc())
    )
    if letter is not None:
        found = found.where(col(LetterEdition.letter) == letter)
    editions: dict[str, LetterEdition] = {}
    steps: dict[str, list[StepFacts]] = {}
    for edition, step, name in await session.execute(found):
        editions[edition.version] = edition
        told = StepFacts(step.step, step.taken_by, name, step.taken_at, step.note)
        steps.setdefault(edition.version, []).append(told)
    return [
        EditionFacts(version, one.letter, State(one.state), one.words, tuple(steps[version]))
        for version, one in editions.items()
    ]


def version_of(letter: str, words: str) -> str:
    return hashlib.sha256(f"{letter}\0{words}".encode()).hexdigest()


async def locked(session: AsyncSession, version: str) -> LetterEdition:
    """The edition, with every other step on its letter waiting until the transaction ends."""
    edition = await session.get(LetterEdition, version)
    if edition is None:
        raise EditionError("There are no such words. Reload the page.")
    await _lock(session, edition.letter)
    await session.refresh(edition)
    return edition


async def _lock(session: AsyncSession, letter: str) -> None:
    """One step at a time per letter, until the transaction ends."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"letter_edition {letter}"))))


async def _refuse_trial(session: AsyncSession, letter: str) -> None:
    """The words compared must stay as they are until the comparison has ended."""
    if await session.scalar(
        select(col(LetterTrial.id)).where(
            col(LetterTrial.letter) == letter, col(LetterTrial.decision).is_(None)
        )
    ):
        raise EditionError("Two versions of this letter are being compared: end the comparison first.")


async def _proposers(session: AsyncSession, version: str) -> set[UUID]:
    found = await session.scalars(
        select(col(LetterEditionStep.taken_by)).where(
            col(LetterEditionStep.version) == version, col(LetterEditionStep.step) == PROPOSE
        )
    )
    return set(found)


async def _last_superseded(session: AsyncSession, letter: str) -> LetterEdition | None:
    found: LetterEdition | None = await session.scalar(
        select(LetterEdition)
        .join(LetterEditionStep, col(LetterEditionStep.version) == col(LetterEdition.version))
        .where(
            col(LetterEdition.letter) == letter,
            col(LetterEdition.state) == State.SUPERSEDED,
            col(LetterEditionStep.step) == APPROVE,
        )
        .order_by(col(LetterEditionStep.sequence).desc())
        .limit(1)
    )
    return found


async def enter(
    session: AsyncSession, edition: LetterEdition, step: str, *, by: UUID, at: datetime, note: str = ""
) -> None:
    """Write the step down; the edition goes first, as the step refers to it."""
    await session.flush()
    session.add(LetterEditionStep(version=edition.version, step=step, taken_by=by, note=note, taken_at=at))
    await session.flush()
