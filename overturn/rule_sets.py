"""The life of a set of rules: draft, tested, approved by a second person, published, rolled back.

A set is a folder of tables under its content hash. At most one is published, and that is what the classifier
decides by; until one is, the shipped folder is.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.outbox import publish_after_commit
from overturn.db.tables import RuleSet, RuleSetStep, UserAccount
from overturn.domain import identifiers
from overturn.domain.window_overrides import WindowOverride, override_windows
from overturn.events import RulesPublished
from overturn.reference.causes import with_cause_tables, with_windows
from overturn.rulebook import Rulebook, RulebookError, load_rulebook
from overturn.rulebook.check import check_rulebook
from overturn.rulebook.loader import VERSION_LENGTH, hash_tables, list_tables
from overturn.settings import reference_folder
from overturn.window_overrides import in_force

log = structlog.get_logger()


class State(StrEnum):
    """Where a set stands. A draft failed its checks; a superseded one was published and gave way."""

    DRAFT = "draft"
    TESTED = "tested"
    APPROVED = "approved"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    ROLLED_BACK = "rolled_back"


SUBMIT: Final = "submit"
APPROVE: Final = "approve"
PUBLISH: Final = "publish"
ROLL_BACK: Final = "roll back"


class RuleSetError(ValueError):
    """The step cannot be taken; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class RuleSetFacts:
    """A set as it is listed, with the last step of its life."""

    version: str
    state: str
    step: str
    by: str
    at: datetime
    note: str


async def submit(session: AsyncSession, directory: Path, *, by: UUID, note: str = "") -> RuleSet:
    """Store a folder and try it: tested when all is well, else a draft with its problems.

    The same folder again is the same set: a draft is tried anew, anything further on stays where it is.
    """
    version = hash_tables(directory)
    found = await _locked(session, version)
    if found is not None and found.state != State.DRAFT:
        raise RuleSetError(f"This folder was submitted before: {_short(version)} is {found.state}.")
    rule_set = found or RuleSet(version=version, state=State.DRAFT, tables=_read_tables(directory))
    rule_set.problems = find_problems(directory)
    rule_set.state = State.DRAFT if rule_set.problems else State.TESTED
    session.add(rule_set)
    await _enter(session, rule_set, SUBMIT, by=by, note=note)
    return rule_set


async def approve(session: AsyncSession, version: str, *, by: UUID, note: str = "") -> RuleSet:
    """A second person approves what was tested. Raises RuleSetError for the one who submitted it."""
    rule_set = await find_set(session, version)
    _expect(rule_set, State.TESTED, APPROVE)
    submitters = await session.scalars(
        select(col(RuleSetStep.taken_by)).where(
            col(RuleSetStep.version) == rule_set.version, col(RuleSetStep.step) == SUBMIT
        )
    )
    if by in set(submitters):
        raise RuleSetError("Whoever submitted the rules cannot approve them: ask a second person.")
    rule_set.state = State.APPROVED
    await _enter(session, rule_set, APPROVE, by=by, note=note)
    return rule_set


async def publish(session: AsyncSession, version: str, *, by: UUID, note: str = "") -> RuleSet:
    """Put an approved set in force; the one before it is superseded and can come back.

    Every claim is decided anew by it as soon as the classifier hears of it, open cases first.
    """
    rule_set = await find_set(session, version)
    _expect(rule_set, State.APPROVED, PUBLISH)
    former = await _published(session)
    if former is not None:
        former.state = State.SUPERSEDED
        await session.flush()
    rule_set.state = State.PUBLISHED
    await _tell(session, await _enter(session, rule_set, PUBLISH, by=by, note=note))
    return rule_set


async def roll_back(session: AsyncSession, *, by: UUID, note: str = "") -> RuleSet | None:
    """Take the published set back; the set before it is in force again, or None: the shipped folder is."""
    published = await _published(session)
    if published is None:
        raise RuleSetError("Nothing is published: the shipped rules are in force already.")
    published.state = State.ROLLED_BACK
    step = await _enter(session, published, ROLL_BACK, by=by, note=note)
    await _tell(session, step)
    former = await _last_superseded(session)
    if former is not None:
        former.state = State.PUBLISHED
        await _enter(session, former, PUBLISH, by=by, note=f"{_short(published.version)} was rolled back")
    return former


async def list_sets(session: AsyncSession) -> Sequence[RuleSetFacts]:
    """Every set with its latest step, the latest first."""
    rows = await session.execute(
        select(RuleSet, RuleSetStep, col(UserAccount.display_name))
        .join(RuleSetStep, col(RuleSetStep.version) == col(RuleSet.version))
        .join(UserAccount, col(UserAccount.id) == col(RuleSetStep.taken_by))
        .order_by(col(RuleSetStep.sequence))
    )
    latest = {
        found.version: RuleSetFacts(found.version, found.state, step.step, by, step.taken_at, step.note)
        for found, step, by in rows
    }
    return sorted(latest.values(), key=lambda facts: facts.at, reverse=True)


async def find_set(session: AsyncSession, version: str) -> RuleSet:
    """A set by the beginning of its version, locked. Raises RuleSetError where it names none, or several."""
    found = (
        await session.scalars(
            select(RuleSet).where(col(RuleSet.version).startswith(version, autoescape=True)).with_for_update()
        )
    ).all()
    if len(found) != 1:
        many = (
            "several sets begin so: give more of the version" if found else "`overturn rules list` shows all"
        )
        raise RuleSetError(f"There is no one set of rules {version!r}: {many}.")
    return found[0]


def find_problems(directory: Path) -> list[str]:
    """What keeps a folder from being tested; empty when all is well."""
    try:
        return check_rulebook(load_rulebook(directory))
    except RulebookError as error:
        return list(error.problems)


def open_set(rule_set: RuleSet) -> Rulebook:
    """The rules of a stored set, with every table that proofs look up.

    Raises RulebookError where this program cannot read them.
    """
    with tempfile.TemporaryDirectory() as folder:
        for name, content in rule_set.tables.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode())
        return with_cause_tables(load_rulebook(Path(folder)), reference_folder())


async def with_own_windows(session: AsyncSession, rules: Rulebook) -> Rulebook:
    """The same rules as they count once published: by the practice's own windows where some are in force."""
    return _join(rules, await in_force(session))


class RulesInForce:
    """The published rules for a running service, or the shipped ones; looked up anew in each transaction.

    Both prove causes by the bundled tables and those of the reference folder, and count by the practice's own
    windows where some are in force. A published set that this
    program cannot read is refused with a log entry, and what was in force stays.
    """

    def __init__(self, shipped: Rulebook) -> None:
        self._shipped = self._current = with_cause_tables(shipped, reference_folder())
        self._refused: str | None = None
        self._joined: tuple[str, tuple[WindowOverride, ...], Rulebook] | None = None

    async def current(self, session: AsyncSession) -> Rulebook:
        """The rules to decide by now."""
        version = await session.scalar(
            select(col(RuleSet.version)).where(col(RuleSet.state) == State.PUBLISHED)
        )
        if version is None:
            self._current = self._shipped
        elif version not in {self._current.content_hash, self._refused}:
            self._take(await session.get_one(RuleSet, version))
        return self._with_own_windows(await in_force(session))

    def _with_own_windows(self, overrides: tuple[WindowOverride, ...]) -> Rulebook:
        """Joined once for the same rules and overrides: every transaction asks."""
        if not overrides:
            return self._current
        if self._joined is None or self._joined[:2] != (self._current.content_hash, overrides):
            self._joined = (self._current.content_hash, overrides, _join(self._current, overrides))
        return self._joined[2]

    def _take(self, published: RuleSet) -> None:
        try:
            self._current = open_set(published)
        except RulebookError as error:
            self._refused = published.version
            kept, problems = self._current.version, list(error.problems)
            log.warning("rules.refused", version=published.version, kept=kept, problems=problems)
        else:
            log.info("rules.in_force", version=published.version)


def _join(rules: Rulebook, overrides: tuple[WindowOverride, ...]) -> Rulebook:
    return with_windows(rules, override_windows(rules.filing_windows, overrides)) if overrides else rules


def _read_tables(directory: Path) -> dict[str, str]:
    try:
        return {
            path.relative_to(directory).as_posix(): path.read_bytes().decode()
            for path in list_tables(directory)
        }
    except UnicodeDecodeError:
        raise RuleSetError(
            "A table is not in UTF-8, so the folder cannot be stored: save it again."
        ) from None


def _expect(rule_set: RuleSet, state: State, step: str) -> None:
    if rule_set.state != state:
        short = _short(rule_set.version)
        raise RuleSetError(f"{short} is {rule_set.state}; to {step} it, it has to be {state}.")


async def _enter(session: AsyncSession, rule_set: RuleSet, step: str, *, by: UUID, note: str) -> RuleSetStep:
    await session.flush()
    entered = RuleSetStep(version=rule_set.version, step=step, taken_by=by, note=note)
    session.add(entered)
    await session.flush()
    log.info("rules.step", version=rule_set.version, step=step, actor=str(by))
    return entered


async def _tell(session: AsyncSession, step: RuleSetStep) -> None:
    """Other rules are in force by this step; who decides by them hears of it after the commit."""
    published = RulesPublished(
        event_id=identifiers.event_id(RulesPublished.topic, step.sequence), publication=step.sequence
    )
    await publish_after_commit(session, [published])


async def _locked(session: AsyncSession, version: str) -> RuleSet | None:
    return await session.get(RuleSet, version, with_for_update=True)


async def _published(session: AsyncSession) -> RuleSet | None:
    found: RuleSet | None = await session.scalar(
        select(RuleSet).where(col(RuleSet.state) == State.PUBLISHED).with_for_update()
    )
    return found


async def _last_superseded(session: AsyncSession) -> RuleSet | None:
    found: RuleSet | None = await session.scalar(
        select(RuleSet)
        .join(RuleSetStep, col(RuleSetStep.version) == col(RuleSet.version))
        .where(col(RuleSet.state) == State.SUPERSEDED, col(RuleSetStep.step) == PUBLISH)
        .order_by(col(RuleSetStep.sequence).desc())
        .limit(1)
    )
    return found


def _short(version: str) -> str:
    return version[:VERSION_LENGTH]
