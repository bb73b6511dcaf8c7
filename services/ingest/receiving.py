"""What every door calls: a file as it is, or each file of an archive by itself."""

import asyncio
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, replace
from io import BytesIO

import structlog

from overturn.db.received_files import POSTING, stored_content
from overturn.db.session import Sessions
from overturn.db.tables import ReceivedFile
from overturn.settings import MOST_BYTES
from overturn.x12 import Finding, Severity
from services.ingest.posting import post_file, post_stored, store
from services.ingest.receipts import (
    PARTLY_POSTED,
    POSTED,
    QUARANTINED,
    Receipt,
    claims_posted,
    documents,
    known,
)
from services.ingest.spooling import Spool, Spooled, spool
from services.ingest.unpacking import ArchiveRefusedError, Member, is_packed, unpack

log = structlog.get_logger()


async def receive_file(
    sessions: Sessions, *, file_name: str, content: bytes | Spooled, source: str
) -> Receipt:
    """Post a file, or each member of a ZIP or gzip file; what was here before changes nothing.

    An archive is stored too, and done with when its members are: cut short, it is taken up again and finds
    the members that were posted known. The content is closed.
    """
    taken = spool(BytesIO(content), MOST_BYTES) if isinstance(content, bytes) else content
    with taken.file:
        if not is_packed(taken):
            return await post_file(sessions, file_name=file_name, content=taken, source=source)
        if earlier := await store(sessions, file_name=file_name, content=taken, source=source):
            return earlier
        return await _post_archive(sessions, taken, file_name, source)


async def go_on(sessions: Sessions, sha256: str, limit: int = MOST_BYTES) -> Receipt:
    """Post what is left of a stored file, from its content; `limit` is of what an archive unpacks to."""
    async with sessions() as session:
        file = await session.get_one(ReceivedFile, sha256)
        with Spool(max(limit, file.size_bytes)) as taken:
            async for piece in stored_content(session, sha256):
                taken.add(piece)
            content = taken.done()
    with content.file:
        if is_packed(content):
            return await _post_archive(sessions, content, file.file_name, file.source)
        return await post_stored(sessions, content, file.file_name)


async def _post_archive(sessions: Sessions, content: Spooled, file_name: str, source: str) -> Receipt:
    posted: list[Receipt] = []
    try:
        with closing(await asyncio.to_thread(unpack, file_name, content)) as members:
            while member := await asyncio.to_thread(next, members, None):
                posted.append(await _post_member(sessions, member, source))
    except ArchiveRefusedError as error:
        findings = [_finding("archive-refused", str(error))]
    else:
        findings = [_finding("held-back", f"{r.file_name}: {r.message}") for r in posted if r.held_back]
    receipt = _receipt(file_name, content, posted, findings)
    async with sessions.begin() as session:
        file = await session.get_one(ReceivedFile, content.sha256, with_for_update=True)
        if file.state != POSTING:  # another one that had the same archive was faster
            return known(file, file_name)
        file.state, file.findings = receipt.state, receipt.findings
    log.info("archive.received", sha256=content.sha256, state=receipt.state, members=len(posted))
    return receipt


async def _post_member(sessions: Sessions, member: Member, source: str) -> Receipt:
    if member.content is None:
        log.info("member.refused")
        return Receipt(
            state=QUARANTINED,
            sha256="",
            file_name=member.name,
            claims=0,
            message=f"Not unpacked. {member.refused}",
            findings=documents([_finding("member-refused", member.refused)]),
            held_back=True,
        )
    return await post_file(sessions, file_name=member.name, content=member.content, source=source)


def _receipt(
    file_name: str, content: Spooled, posted: Sequence[Receipt], findings: Sequence[Finding]
) -> Receipt:
    """Of the archive as a whole; each member's own receipt is in `members`."""
    whole = [member for member in posted if not member.held_back]
    partly = [member for member in posted if member.claims or not member.held_back]
    state = POSTED if posted and len(whole) == len(posted) else PARTLY_POSTED if partly else QUARANTINED
    claims = sum(member.claims for member in posted)
    if posted:
        message = f"{len(whole)} of {len(posted)} files in it were taken whole; {claims_posted(claims)}."
    else:
        message = f"Quarantined, nothing was posted. {findings[0].message}"
    return Receipt(
        state=state,
        sha256=content.sha256,
        file_name=file_name,
        claims=claims,
        message=message,
        findings=documents(findings),
        held_back=state != POSTED,
        members=[asdict(replace(member, findings=[])) for member in posted],
    )


def _finding(code: str, message: str) -> Finding:
    return Finding(code, message, None, None, None, Severity.FATAL)
