"""One file: looked at as a whole, then posted in blocks; what tells of a block is committed with it."""

import asyncio
import gc
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from overturn.db.outbox import publish_after_commit
from overturn.db.received_files import POSTING, change, store_file
from overturn.db.session import Sessions
from overturn.db.tables import ReceivedFile
from overturn.events import Event
from overturn.x12 import Finding, Severity, Transaction, read_remittances
from services.ingest import acknowledgements, batches, remittances, submissions
from services.ingest.blocks import Block, Stretch, cut
from services.ingest.outline import Outline
from services.ingest.posted import Posted
from services.ingest.receipts import PARTLY_POSTED, POSTED, QUARANTINED, Receipt, documents, known, receipt
from services.ingest.spooling import Spooled

PARTS_A_STEP: Final = 20_000
"""Looked at before the next sign of progress: a second or so."""

T = TypeVar("T")
Poster = Callable[[AsyncSession, Transaction, str], Coroutine[Any, Any, Posted]]

POSTERS: Final[dict[str, Poster]] = {
    "837": submissions.post,
    "277": acknowledgements.post,
    "999": batches.post,
    "997": batches.post,
}

log = structlog.get_logger()


async def post_file(sessions: Sessions, *, file_name: str, content: Spooled, source: str) -> Receipt:
    """Store a file and post it; one that was here before, by its bytes, changes nothing.

    Where posting was cut short, by whatever, it goes on after the last block that was committed.
    """
    if earlier := await store(sessions, file_name=file_name, content=content, source=source):
        return earlier
    return await post_stored(sessions, content, file_name)


async def store(sessions: Sessions, *, file_name: str, content: Spooled, source: str) -> Receipt | None:
    """Store a file that is to be posted; the receipt of an earlier one where that is done with."""
    row = {
        "sha256": content.sha256,
        "file_name": file_name,
        "source": source,
        "size_bytes": content.size,
        "transaction_types": [],
        "findings": [],
    }
    async with sessions.begin() as session:
        if await store_file(session, row, content.file):
            return None
        file = await session.get_one(ReceivedFile, content.sha256)
    return known(file, file_name) if file.state != POSTING else None


async def post_stored(sessions: Sessions, content: Spooled, file_name: str) -> Receipt:
    """Post what is not yet posted of a stored file."""
    outline = await _look(sessions, content)
    posting = _Posting(sessions, content.sha256, outline, file_name)
    blocks = await posting.blocks(content)
    while block := await _in_a_thread(lambda: next(blocks, None)):
        if done := await posting.post(block):
            log.info(
                "file.received",
                sha256=done.sha256,
                state=done.state,
                claims=done.claims,
                findings=len(done.findings),
            )
            return done
    raise AssertionError("the last block ends with the file")


async def _look(sessions: Sessions, content: Spooled) -> Outline:
    content.file.seek(0)
    outline = Outline(read_remittances(content.file))
    while await _in_a_thread(lambda: outline.look(PARTS_A_STEP)):
        async with sessions.begin() as session:
            await change(session, content.sha256, bytes_checked=content.file.tell())
    return outline


async def _in_a_thread(step: Callable[[], T]) -> T:
    """The reader pauses the garbage collector from one claim to the next; it must not stay so meanwhile."""

    def step_with_collector_restored() -> T:
        collecting = gc.isenabled()
        try:
            return step()
        finally:
            if collecting:
                gc.enable()

    return await asyncio.to_thread(step_with_collector_restored)


@dataclass(frozen=True, slots=True)
class _Posting:
    """A file that has been looked at, on its way into the tables."""

    sessions: Sessions
    sha256: str
    outline: Outline
    file_name: str

    async def blocks(self, content: Spooled) -> Iterator[Block]:
        """What is left to post. The last block ends with the file."""
        if self.outline.nothing_postable:
            return iter([Block(0, self.outline.parts)])
        async with self.sessions() as session:
            done = (await session.get_one(ReceivedFile, self.sha256)).parts_posted
        content.file.seek(0)
        parts = read_remittances(content.file) if self.outline.kept is None else self.outline.kept
        return cut(parts, self.outline.remittance_ids(), done=done)

    async def post(self, block: Block) -> Receipt | None:
        """Post one block; the receipt where the file is done with it."""
        try:
            async with self.sessions.begin() as session:
                file = await self._file(session)
                if file.state != POSTING:
                    return known(file, self.file_name)
                self._note_outline(file)
                if file.state == POSTING and not self._posted_by_another(file, block):
                    await self._post(session, file, block)
        except DBAPIError as refused:
            if not _is_about_a_value(refused):
                raise
            return await self._stop(_unstorable(block))
        return receipt(file, self.file_name) if file.state != POSTING else None

    async def _file(self, session: AsyncSession) -> ReceivedFile:
        """Locked: of two that post the same file, each block is posted by the one that comes first."""
        return await session.get_one(ReceivedFile, self.sha256, with_for_update=True)

    def _posted_by_another(self, file: ReceivedFile, block: Block) -> bool:
        if file.parts_posted == block.begin:
            return False
        if file.parts_posted < block.end:
            raise RuntimeError("another process posts this file in blocks of another size")
        return True

    def _note_outline(self, file: ReceivedFile) -> None:
        if file.parts is None:
            file.parts, file.outline = self.outline.parts, self.outline.digest
            file.bytes_checked = file.size_bytes
            file.transaction_types = self.outline.types
            file.findings = documents(self.outline.findings)
        elif file.outline != self.outline.digest:
            file.state = PARTLY_POSTED
            file.findings = documents([READ_OTHERWISE]) + file.findings

    async def _post(self, session: AsyncSession, file: ReceivedFile, block: Block) -> None:
        events: list[Event] = []
        findings: list[Finding] = []
        for content in block.content:
            posted = await self._post_one(session, content)
            events += posted.events
            findings += posted.findings
            file.claims += posted.claims
        file.parts_posted = block.end
        file.findings = file.findings + documents(findings)
        if block.end == self.outline.parts:
            file.state = self._state()
        await publish_after_commit(session, events)

    async def _post_one(self, session: AsyncSession, content: Stretch | Transaction) -> Posted:
        if isinstance(content, Stretch):
            return await remittances.post(session, content, self.sha256)
        return await POSTERS[content.type](session, content, self.sha256)

    def _state(self) -> str:
        if self.outline.nothing_postable:
            return QUARANTINED
        return POSTED if self.outline.whole else PARTLY_POSTED

    async def _stop(self, why: Finding) -> Receipt:
        """Hold back what is not posted yet."""
        async with self.sessions.begin() as session:
            file = await self._file(session)
            self._note_outline(file)
            file.state = PARTLY_POSTED if file.parts_posted else QUARANTINED
            file.findings = documents([why]) + file.findings
        return receipt(file, self.file_name)


READ_OTHERWISE: Final = Finding(
    "read-otherwise",
    "Posting this file was interrupted, and the release of Overturn that went on with it reads it otherwise "
    "than the one before. What was posted stays; the rest is held back, so that nothing is posted twice. Ask "
    "the sender for the missing remittances in a file of their own.",
    None,
    None,
    None,
    Severity.FATAL,
)


def _is_about_a_value(refused: DBAPIError) -> bool:
    """Whether the database refused what the file says, and is not away itself: SQLSTATE classes 22 (data
    exception) and 54 (limit exceeded)."""
    return (getattr(refused.orig, "sqlstate", None) or "")[:2] in {"22", "54"}


def _unstorable(block: Block) -> Finding:
    """The reader refuses what is too long to be stored, with its place; this is for the unthought-of."""
    first = min((_segment_of(content) for content in block.content), default=None)
    message = (
        f"The database does not store a value of the {block.weight} claims from segment {first} on. They and "
        "what follows them were not posted. Run `overturn inspect` on the file, and ask the sender for one "
        "with right values; what was posted is recognised then."
    )
    return Finding("not-storable", message, first, None, None, Severity.FATAL)


def _segment_of(content: Stretch | Transaction) -> int:
    if isinstance(content, Transaction):
        return content.segment_index
    return content.claims[0].segment_index if content.claims else content.remittance.segment_index
