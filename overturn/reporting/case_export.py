"""One case as files: its record, its letters, its documents, and what went to the payer with the proof."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.tables import Exhibit, SentFile
from overturn.reporting.case_page import case_record, letter_files
from overturn.reporting.sendings import sendings_of

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")


async def case_files(session: AsyncSession, case_id: UUID) -> AsyncIterator[tuple[str, bytes]]:
    """The name and content of each file; nothing where there is no such case."""
    record = await case_record(session, case_id)
    if record is None:
        return
    yield "case.json", _json(asdict(record))
    for letter in record.letters:
        yield f"letter-{letter.level}.md", letter.markdown.encode()
        files = await letter_files(session, case_id=case_id, letter_id=letter.id)
        if files is not None:
            yield f"letter-{letter.level}.pdf", files.pdf
            yield f"letter-{letter.level}.docx", files.docx
    async for document in _documents(session, case_id):
        yield document
    async for file in _sent(session, case_id):
        yield file


async def _documents(session: AsyncSession, case_id: UUID) -> AsyncIterator[tuple[str, bytes]]:
    exhibits = await session.scalars(
        select(Exhibit)
        .where(col(Exhibit.case_id) == case_id)
        .order_by(col(Exhibit.uploaded_at), col(Exhibit.id))
    )
    for number, exhibit in enumerate(exhibits, 1):
        yield f"documents/{number:02}-{_safe(exhibit.title)}.pdf", exhibit.content


async def _sent(session: AsyncSession, case_id: UUID) -> AsyncIterator[tuple[str, bytes]]:
    for number, sending in enumerate(await sendings_of(session, case_id), 1):
        folder = f"sent/{number:02}-{_safe(sending.channel)}"
        yield f"{folder}/proof.json", _json({"state": sending.state, **sending.written()})
        files = await session.scalars(
            select(SentFile).where(col(SentFile.sending_id) == sending.id).order_by(col(SentFile.position))
        )
        for file in files:
            yield f"{folder}/{file.position:02}-{_safe(file.name)}", file.content


def _json(document: dict[str, Any]) -> bytes:
    return json.dumps(document, indent=1, ensure_ascii=False, default=str).encode()


def _safe(name: str) -> str:
    """A name for a file on any system; what else it holds cannot lead out of its folder."""
    return _UNSAFE.sub("-", name).strip("-.")[:80] or "file"
