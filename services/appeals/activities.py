"""The body of the letter activities: facts from Postgres, words from a template, a draft for a person."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import TypeAlias
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from temporalio import activity

from overturn.case_facts import gather_facts
from overturn.db.letter_choice import chosen_letter
from overturn.db.session import Sessions
from overturn.db.tables import CaseEvent, DenialCase, Letter, LetterEdition
from overturn.domain import identifiers
from overturn.domain.appeals import LetterFacts
from overturn.domain.citations import Citation
from overturn.domain.practice_day import practice_date
from overturn.letter_editions import LetterEditions
from overturn.letter_trials import words_for
from overturn.letters import Draft, LetterError, draft_letter, render_docx, render_pdf
from overturn.paths import APPEAL_TEMPLATES
from overturn.rule_sets import RulesInForce
from workflows.appeal.activities import LetterActivities
from workflows.appeal.types import DraftLetterInput, DraftLetterResult

ACTOR = "appeals"
Plan: TypeAlias = tuple[str, str, str, int, date | None]


@dataclass(frozen=True, slots=True)
class Rendered:
    """A draft with the files made of it. `edition`: whose words they are, None for the shipped ones;
    `unusable`: what kept the words in force from being used."""

    draft: Draft
    edition: str | None
    unusable: str
    pdf: bytes
    docx: bytes


def letter_id(case_id: UUID, level: int) -> UUID:
    """One letter per case and level of appeal."""
    return identifiers.deterministic_id("letter", case_id, level)


class LetterDrafting(LetterActivities):
    """Drafts what a person then edits, approves and sends."""

    def __init__(
        self, sessions: Sessions, rules: RulesInForce, templates_dir: Path = APPEAL_TEMPLATES
    ) -> None:
        self._sessions = sessions
        self._rules = rules
        self._templates_dir = templates_dir

    @activity.defn
    async def draft_letter(self, request: DraftLetterInput) -> DraftLetterResult:
        """Read, render, write. A case that was planned anew meanwhile is drafted anew."""
        while (result := await self._drafted(request)) is None:
            pass
        return result

    async def _drafted(self, request: DraftLetterInput) -> DraftLetterResult | None:
        """None where the plan changed meanwhile: the transactions do not stay open while a page is set."""
        wanted = letter_id(request.case_id, request.level)
        letter_on = practice_date(request.at)
        async with self._sessions.begin() as session:
            if await session.get(Letter, wanted) is not None:
                return DraftLetterResult(letter_id=wanted)
            case = await session.get_one(DenialCase, request.case_id)
            template = chosen_letter(case)
            if template is None:
                return DraftLetterResult(letter_id=None)
            plan = _plan_of(case)
            rules = await self._rules.current(session)
            facts = await gather_facts(session, case, rulebook=rules, letter_on=letter_on)
            edition = await words_for(session, template, case_id=case.id, level=request.level)
        rendered = await asyncio.to_thread(self._render, template, facts, rules.citations, letter_on, edition)
        # A form that was filled in before the case was planned anew is about an earlier draft, and stale.
        stored = await self._store(request, template, rendered, letter_on, plan, version=case.version)
        return DraftLetterResult(letter_id=wanted) if stored else None

    def _render(
        self,
        template: str,
        facts: LetterFacts,
        citations: Mapping[str, Citation],
        letter_on: date,
        edition: LetterEdition | None,
    ) -> Rendered:
        draft, unusable = self._draft(template, facts, citations, edition)
        return Rendered(
            draft,
            edition=edition.version if edition and not unusable else None,
            unusable=unusable,
            pdf=render_pdf(
                draft.markdown, title=draft.title, dated_on=letter_on, templates_dir=self._templates_dir
            ),
            docx=render_docx(draft.markdown, title=draft.title),
        )

    def _draft(
        self,
        template: str,
        facts: LetterFacts,
        citations: Mapping[str, Citation],
        edition: LetterEdition | None,
    ) -> tuple[Draft, str]:
        """With the words in force; where they no longer fit, with the shipped ones, and why."""

        def drafted(words: str | None) -> Draft:
            folder = self._templates_dir
            return draft_letter(template, facts, citations=citations, templates_dir=folder, words=words)

        unusable = ""
        if edition is not None:
            try:
                editions = LetterEditions(citations, self._templates_dir)
                if not (problems := editions.problems(template, edition.words)):
                    return drafted(edition.words), ""
                unusable = str(problems[0])
            except LetterError as error:
                unusable = str(error)
        return drafted(None), unusable

    async def _store(
        self,
        request: DraftLetterInput,
        template: str,
        rendered: Rendered,
        letter_on: date,
        plan: Plan,
        *,
        version: int,
    ) -> bool:
        """Write the letter and its line in the timeline; one that is there already is left as it is. False,
        and nothing written, where the case has another plan by now."""
        draft = rendered.draft
        letter = insert(Letter).values(
            id=letter_id(request.case_id, request.level),
            case_id=request.case_id,
            level=request.level,
            template=template,
            template_version=draft.template_version,
            edition=rendered.edition,
            title=draft.title,
            draft_markdown=draft.markdown,
            markdown=draft.markdown,
            missing_facts=list(draft.missing_facts),
            grounds=[asdict(ground) for ground in draft.grounds],
            citations=[_stored(citation) for citation in draft.citations],
            state="draft",
            pdf=rendered.pdf,
            docx=rendered.docx,
            dated_on=letter_on,
            version=version,
            updated_at=request.at,
        )
        drafted = insert(CaseEvent).values(
            id=identifiers.deterministic_id("letter-drafted", request.case_id, request.level),
            case_id=request.case_id,
            kind="letter_drafted",
            summary=f"Letter drafted: {_completeness(draft)}.{_fallback(rendered.unusable)}",
            actor=ACTOR,
            happened_at=request.at,
        )
        async with self._sessions.begin() as session:
            case = await session.get_one(DenialCase, request.case_id, with_for_update=True)
            if _plan_of(case) != plan:
                return False
            new = await session.scalar(letter.on_conflict_do_nothing().returning(col(Letter.id)))
            if new is not None:
                await session.execute(drafted.on_conflict_do_nothing())
        return True


def _plan_of(case: DenialCase) -> Plan:
    """What a letter is about; another one makes it another letter."""
    return case.category, case.cause, case.action, case.appeal_level, case.due_on


def _stored(citation: Citation) -> dict[str, str]:
    return {
        "text": citation.text,
        "source": citation.source,
        "confidence": citation.confidence,
    }


def _fallback(unusable: str) -> str:
    """Said only where it happened, for whoever reads the timeline."""
    return (
        f" The practice's own words could not be used, the shipped ones were. {unusable}" if unusable else ""
    )


def _completeness(draft: Draft) -> str:
    blanks = len(draft.missing_facts)
    return f"{blanks} {'blank' if blanks == 1 else 'blanks'} to fill in" if blanks else "nothing is missing"
