"""What every door calls: a file as it is, or each file of an archive by itself."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, replace
from hashlib import sha256

import structlog

from overturn.db.session import Sessions
from overturn.x12 import Finding, Severity
from services.ingest.posting import (
    PARTLY_POSTED,
    POSTED,
    QUARANTINED,
    Receipt,
    claims_posted,
    find_known,
    post_file,
    store_unread,
)
from services.ingest.unpacking import ArchiveRefusedError, Member, is_packed, unpack

log = structlog.get_logger()


async def receive_file(sessions: Sessions, *, file_name: str, content: bytes, source: str) -> Receipt:
    """Post a file, or each member of a ZIP or gzip file; what was here before changes nothing.

    An archive is stored too, last and with what happened to its members: cut short, it is taken up again
    and finds the members that were posted known.
    """
    if not is_packed(content):
        return await post_file(sessions, file_name=file_name, content=content, source=source)
    if known := await find_known(sessions, sha256(content).hexdigest(), file_name):
        return known
    try:
        members = await asyncio.to_thread(unpack, file_name, content)
    except ArchiveRefusedError as error:
        posted = []
        findings = [_finding("archive-refused", str(error))]
    else:
        posted = [await _post_member(sessions, member, source) for member in members]
        findings = [_finding("held-back", f"{r.file_name}: {r.message}") for r in posted if r.held_back]
    receipt = _receipt(file_name, content, posted, findings)
    return await store_unread(sessions, receipt, content=content, source=source)


async def _post_member(sessions: Sessions, member: Member, source: str) -> Receipt:
    if member.refused:
        log.info("member.refused")
        return Receipt(
            state=QUARANTINED,
            sha256="",
            file_name=member.name,
            claims=0,
            message=f"Not unpacked. {member.refused}",
            findings=[asdict(_finding("member-refused", member.refused))],
            held_back=True,
        )
    return await post_file(sessions, file_name=member.name, content=member.content, source=source)


def _receipt(
    file_name: str, content: bytes, posted: Sequence[Receipt], findings: Sequence[Finding]
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
        sha256=sha256(content).hexdigest(),
        file_name=file_name,
        claims=claims,
        message=message,
        findings=[asdict(finding) for finding in findings],
        held_back=state != POSTED,
        members=[asdict(replace(member, findings=[])) for member in posted],
    )


def _finding(code: str, message: str) -> Finding:
    return Finding(code, message, None, None, None, Severity.FATAL)
