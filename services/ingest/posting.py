"""One file, one transaction: the raw bytes, what they say and the events that tell of it; or nothing."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import Any, Final

import structlog
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.outbox import publish_after_commit
from overturn.db.session import Sessions
from overturn.db.tables import ReceivedFile
from overturn.x12 import Finding, Severity, Transaction, X12File, read_file
from services.ingest import acknowledgements, batches, remittances, submissions
from services.ingest.posted import Posted

log = structlog.get_logger()

POSTED: Final = "posted"
PARTLY_POSTED: Final = "partly_posted"
QUARANTINED: Final = "quarantined"
KNOWN: Final = "known"

Poster = Callable[[AsyncSession, Transaction, str], Coroutine[Any, Any, Posted]]


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to whoever brought the file."""

    state: str  # posted, partly_posted, quarantined, known
    sha256: str
    file_name: str
    claims: int
    message: str
    findings: list[dict[str, Any]]
    held_back: bool  # the file, or a part of it, was not posted: now, or when it came before
    members: list[dict[str, Any]] = field(default_factory=list)  # of an archive: the receipt of each file


UNSTORABLE: Final = Finding(
    "not-storable",
    "A value in the file is too long to be stored, as a number of thousands of characters would be. "
    "Ask the sender for a right file.",
    None,
    None,
    None,
    Severity.FATAL,
)

POSTERS: Final[dict[str, Poster]] = {
    "835": remittances.post,
    "837": submissions.post,
    "277": acknowledgements.post,
    "999": batches.post,
    "997": batches.post,
}


async def post_file(sessions: Sessions, *, file_name: str, content: bytes, source: str) -> Receipt:
    """Read and store a file; one that was here before, by its bytes, changes nothing."""
    digest = sha256(content).hexdigest()
    if known := await find_known(sessions, digest, file_name):
        return known
    file = await asyncio.to_thread(read_file, content)
    row = {
        **_file_row(digest, file_name, content, source),
        "state": _state(file),
        "transaction_types": [t.type for t in file.transactions],
    }
    try:
        async with sessions.begin() as session:
            receipt = await _store(session, file, row)
    except DBAPIError as refused:
        if not _is_about_a_value(refused):
            raise
        unstorable = _receipt(row | {"state": QUARANTINED}, 0, [UNSTORABLE, *file.all_findings])
        return await store_unread(sessions, unstorable, content=content, source=source)
    _log(receipt)
    return receipt


def _is_about_a_value(refused: DBAPIError) -> bool:
    """Whether the database refused what the file says, and is not away itself: SQLSTATE classes 22 (data
    exception) and 54 (limit exceeded)."""
    return (getattr(refused.orig, "sqlstate", None) or "")[:2] in {"22", "54"}


async def find_known(sessions: Sessions, digest: str, file_name: str) -> Receipt | None:
    """The receipt of a file that was here before under this SHA-256."""
    async with sessions() as session:
        known = await session.get(ReceivedFile, digest)
    return _known(known, file_name) if known else None


async def store_unread(sessions: Sessions, receipt: Receipt, *, content: bytes, source: str) -> Receipt:
    """Store a file of which nothing is read by itself (an archive), with what its receipt says."""
    row = {
        **_file_row(receipt.sha256, receipt.file_name, content, source),
        "state": receipt.state,
        "findings": receipt.findings,
    }
    async with sessions.begin() as session:
        if not await _insert(session, row):
            receipt = await _known_now(session, receipt.sha256, receipt.file_name)
    _log(receipt)
    return receipt


def _log(receipt: Receipt) -> None:
    log.info(
        "file.received",
        sha256=receipt.sha256,
        state=receipt.state,
        claims=receipt.claims,
        findings=len(receipt.findings),
    )


def _file_row(digest: str, file_name: str, content: bytes, source: str) -> dict[str, Any]:
    return {
        "sha256": digest,
        "file_name": file_name,
        "source": source,
        "size_bytes": len(content),
        "content": content,
        "transaction_types": [],
        "findings": [],
    }


def _postable(transaction: Transaction) -> bool:
    return transaction.postable and transaction.type in POSTERS


def _of_no_use(file: X12File) -> list[Finding]:
    """A finding for what X12 files hold that we have no place for."""
    others = sorted({t.type for t in file.transactions} - set(POSTERS))
    if not others:
        return []
    message = f"Only {', '.join(POSTERS)} are posted; this file also has {', '.join(others)}."
    return [Finding("not-posted", message, None, "ST", 1, Severity.ENVELOPE)]


def _state(file: X12File) -> str:
    postable = [_postable(t) for t in file.transactions]
    if not any(postable):
        return QUARANTINED
    whole = all(postable) and not any(f.severity is Severity.FATAL for f in file.findings)
    return POSTED if whole else PARTLY_POSTED


async def _store(session: AsyncSession, file: X12File, row: dict[str, Any]) -> Receipt:
    """Insert the file first: a second bringer of the same bytes waits here and then finds it known."""
    if not await _insert(session, row):
        return await _known_now(session, row["sha256"], row["file_name"])
    posted = [await POSTERS[t.type](session, t, row["sha256"]) for t in file.transactions if _postable(t)]
    findings = [
        *file.all_findings,
        *(f for p in posted for f in p.findings),
        *_of_no_use(file),
    ]
    await session.execute(
        update(ReceivedFile)
        .where(col(ReceivedFile.sha256) == row["sha256"])
        .values(findings=[asdict(f) for f in findings])
    )
    await publish_after_commit(session, [event for p in posted for event in p.events])
    claims = sum(p.claims for p in posted)
    return _receipt(row, claims, findings)


def _receipt(row: dict[str, Any], claims: int, findings: list[Finding]) -> Receipt:
    return Receipt(
        state=row["state"],
        sha256=row["sha256"],
        file_name=row["file_name"],
        claims=claims,
        message=_message(row["state"], claims, findings),
        findings=[asdict(f) for f in findings],
        held_back=row["state"] != POSTED,
    )


async def _insert(session: AsyncSession, row: dict[str, Any]) -> bool:
    """False where the file is there already."""
    statement = insert(ReceivedFile).values(row).on_conflict_do_nothing().returning(col(ReceivedFile.sha256))
    return await session.scalar(statement) is not None


async def _known_now(session: AsyncSession, digest: str, file_name: str) -> Receipt:
    known = await session.scalar(select(ReceivedFile).where(col(ReceivedFile.sha256) == digest))
    assert known is not None  # noqa: S101 - the conflict says it is there
    return _known(known, file_name)


def claims_posted(claims: int) -> str:
    return "1 claim posted" if claims == 1 else f"{claims} claims posted"


def _message(state: str, claims: int, findings: list[Finding]) -> str:
    """What became of the file, and the gravest of what was found."""
    gravest = sorted(findings, key=lambda finding: finding.severity is not Severity.FATAL)
    said = " ".join(finding.message for finding in gravest[:3])
    posted = claims_posted(claims)
    if state == QUARANTINED:
        return f"Quarantined, nothing was posted. {said}"
    if state == PARTLY_POSTED:
        return f"{posted}; a part of the file was held back. {said}"
    return f"{posted}. {said}".strip()


def _known(file: ReceivedFile, file_name: str) -> Receipt:
    before = f"{file.received_at:%Y-%m-%d %H:%M} UTC as {file.file_name}"
    held_back = file.state != POSTED
    why = " ".join(finding["message"] for finding in file.findings[:3]) if held_back else ""
    return Receipt(
        state=KNOWN,
        sha256=file.sha256,
        file_name=file_name,
        claims=0,
        message=f"This file came before, on {before} ({file.state}); nothing changed. {why}".strip(),
        findings=file.findings,
        held_back=held_back,
    )
