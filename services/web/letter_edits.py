"""Saving an edited letter: only onto the version that was edited, with all three renderings at once."""

import asyncio
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import Text, cast, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.addresses import letter_addresses
from overturn.db.tables import CaseEvent, DenialCase, Letter, UserAccount
from overturn.letters import blanks, render_docx, render_pdf
from overturn.letters.filling import fill_blanks
from overturn.letters.rephrasing import LanguageModelError, Rephraser, rephrase
from services.web.presenters import moment

DRAFT: Final = "draft"
EDITED: Final = "letter_edited"
REPHRASED: Final = "letter_rephrased"
MOST_SECONDS: Final = 60
"""A person waits for the rephrasing of a whole letter no longer than this."""


class LetterChangedError(Exception):
    """The letter is not what the editor was given; the message says who changed it and when."""


@dataclass(frozen=True, slots=True)
class LetterEdit:
    """New text for one version of a letter."""

    case_id: UUID
    letter_id: UUID
    version: int
    markdown: str


async def save_letter(session: AsyncSession, edit: LetterEdit, *, actor_id: UUID, now: datetime) -> None:
    """Store the text with its PDF and DOCX, and a line in the timeline.

    Raises:
        LetterChangedError: somebody saved or approved it since, or there is no such letter.
        LetterError: the text cannot be rendered; nothing is stored.
    """
    found = await session.execute(
        select(Letter)
        .where(col(Letter.id) == edit.letter_id, col(Letter.case_id) == edit.case_id)
        .with_for_update()
    )
    letter = await _as_edited(session, edit, found.scalar_one_or_none())
    await _replace(session, letter, edit.markdown, now)
    session.add(
        CaseEvent(
            id=uuid4(),
            case_id=edit.case_id,
            kind=EDITED,
            summary=f"Letter edited: version {edit.version + 1}.",
            actor=str(actor_id),
            happened_at=now,
        )
    )


async def fill_letter(
    session: AsyncSession, *, case_id: UUID, letter_id: UUID, actor_id: UUID, now: datetime
) -> int:
    """Fill in what was entered about practice and payer since the letter was drafted; how many blanks it was.

    Raises:
        LetterChangedError: there is no such letter, or it is no longer a draft.
        LetterError: the filled letter cannot be rendered; nothing is stored.
    """
    letter = await session.get(Letter, letter_id)
    if letter is None or letter.case_id != case_id:
        raise LetterChangedError(await _what_happened(session, case_id, None))
    case = await session.get_one(DenialCase, case_id)
    entered = await letter_addresses(session, case, level=letter.level)
    filled = fill_blanks(letter.markdown, {name: lines for name, (lines, _) in entered.items()})
    if filled == letter.markdown:
        return 0
    edit = LetterEdit(case_id, letter_id, letter.version, filled)
    before = len(letter.missing_facts)
    await save_letter(session, edit, actor_id=actor_id, now=now)
    return before - len(blanks(filled))


async def rephrase_letter(
    session: AsyncSession, edit: LetterEdit, *, by: Rephraser, actor_id: UUID, now: datetime
) -> tuple[LetterEdit, str]:
    """The edit with a language model's words where they passed the check, and what came of it; saves nothing
    but a line in the timeline. Raises LetterChangedError, LanguageModelError."""
    letter = await _as_edited(session, edit, await session.get(Letter, edit.letter_id))
    try:
        async with asyncio.timeout(MOST_SECONDS):
            rephrased = await rephrase(
                edit.markdown, drafted=letter.draft_markdown, grounds=letter.grounds, by=by
            )
    except TimeoutError as error:
        raise LanguageModelError(f"The language model took more than {MOST_SECONDS} seconds.") from error
    done, refused = rephrased.changed, len(rephrased.refusals)
    session.add(
        CaseEvent(
            id=uuid4(),
            case_id=edit.case_id,
            kind=REPHRASED,
            summary=f"A language model proposed other words: {done} paragraphs, {refused} refused.",
            actor=str(actor_id),
            happened_at=now,
        )
    )
    reasons = " ".join(f"\u201c{one.paragraph[:60]}\u2026\u201d: {one.reason}" for one in rephrased.refusals)
    said = f"Other words are in the editor for {done} paragraphs, not saved: read them first."
    stayed = f" {refused} stayed as they were. {reasons}" if refused else ""
    return replace(edit, markdown=rephrased.markdown), said + stayed


async def _as_edited(session: AsyncSession, edit: LetterEdit, letter: Letter | None) -> Letter:
    """The letter, if it is still the draft that the editor was given."""
    ours = letter is not None and letter.case_id == edit.case_id
    if letter is None or not ours or letter.version != edit.version or letter.state != DRAFT:
        raise LetterChangedError(await _what_happened(session, edit.case_id, letter if ours else None))
    return letter


async def _replace(session: AsyncSession, letter: Letter, markdown: str, now: datetime) -> None:
    pdf, docx = await asyncio.to_thread(_rendered, markdown, letter.title, letter.dated_on)
    await session.execute(
        update(Letter)
        .where(col(Letter.id) == letter.id)
        .values(
            markdown=markdown,
            missing_facts=list(blanks(markdown)),
            pdf=pdf,
            docx=docx,
            version=letter.version + 1,
            updated_at=now,
        )
    )


def _rendered(markdown: str, title: str, dated_on: date) -> tuple[bytes, bytes]:
    return render_pdf(markdown, title=title, dated_on=dated_on), render_docx(markdown, title=title)


async def _what_happened(session: AsyncSession, case_id: UUID, letter: Letter | None) -> str:
    if letter is None:
        return "This letter is gone. Reload the page."
    who = await _last_editor(session, case_id) or "The system"
    if letter.state != DRAFT:
        return f"The letter is {letter.state} and can no longer be changed. Nothing was saved."
    return (
        f"{who} saved this letter on {moment(letter.updated_at)}, after you opened it: yours was not saved. "
        "Your text is in the editor, theirs below it. Bring the two together, then save."
    )


async def _last_editor(session: AsyncSession, case_id: UUID) -> str | None:
    """The display name of whoever edited this case's letter last."""
    found = await session.execute(
        select(col(UserAccount.display_name))
        .join(CaseEvent, cast(col(UserAccount.id), Text) == col(CaseEvent.actor))
        .where(col(CaseEvent.case_id) == case_id, col(CaseEvent.kind) == EDITED)
        .order_by(col(CaseEvent.sequence).desc())
        .limit(1)
    )
    return found.scalar_one_or_none()
