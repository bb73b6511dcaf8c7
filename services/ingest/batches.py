"""999: which of our batches were taken in. A refused one is a rejection of every claim in it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.among import among
from overturn.db.received_files import stored_content
from overturn.db.tables import BatchAcknowledgement, ReceivedFile, SubmittedClaim
from overturn.domain import identifiers
from overturn.domain.rejections import (
    ELSEWHERE,
    REJECTING_BATCH_STATUSES,
    RejectionLabels,
    RejectionSource,
    about_claim,
    batch_codes,
    batch_reason,
)
from overturn.domain.submission import FunctionalAcknowledgement
from overturn.events import ClaimAcknowledged
from overturn.x12 import Finding, Severity, Transaction, read_file
from services.ingest import rejections
from services.ingest.posted import Posted, listed

CLAIMS = frozenset({"837", ""})  # "": the answer to a whole group


@dataclass(frozen=True, slots=True)
class Sent:
    """A claim of ours with the batch it went in."""

    id: UUID
    claim_id: UUID
    file_sha256: str
    group_control_number: str
    transaction_control_number: str | None
    submitted_on: date | None
    file_name: str
    number: str  # the patient control number we sent


Told = tuple[BatchAcknowledgement, FunctionalAcknowledgement]
"""An answer as it is stored, and as its file tells it."""


async def post(session: AsyncSession, transaction: Transaction, file_sha256: str) -> Posted:
    """Store the answers of one 999 to batches of claims, and reject what it refuses."""
    answers = [a for a in listed(transaction) if isinstance(a, FunctionalAcknowledgement)]
    labels = (await rejections.rules(session)).rejections
    rows = [
        _row(answer, transaction.sent_on, file_sha256, labels)
        for answer in answers
        if answer.transaction_type in CLAIMS and answer.group_control_number
    ]
    if not rows:
        return Posted([], 0, [])
    await session.execute(insert(BatchAcknowledgement), rows)
    stored = await session.scalars(
        select(BatchAcknowledgement)
        .where(among(col(BatchAcknowledgement.id), [row["id"] for row in rows]))
        .order_by(col(BatchAcknowledgement.segment_index))
    )
    told = {answer.segment_index: answer for answer in answers}
    return await _reject(session, [(row, told[row.segment_index]) for row in stored])


async def find_waiting(session: AsyncSession, transaction: Transaction) -> None:
    """Reject what a 999 refused that came before this batch of ours."""
    group, number = plain(transaction.group_control_number), plain(transaction.control_number)
    found = await session.scalars(
        select(BatchAcknowledgement).where(
            col(BatchAcknowledgement.group_control_number) == group,
            col(BatchAcknowledgement.batch_sha256).is_(None),
            (col(BatchAcknowledgement.transaction_control_number) == number)
            | col(BatchAcknowledgement.transaction_control_number).is_(None),
        )
    )
    await _reject(session, await _told_again(session, found.all()))


async def _told_again(session: AsyncSession, rows: Sequence[BatchAcknowledgement]) -> list[Told]:
    """Each answer as its own file tells it: errors name claims there, and nowhere else."""
    files = {
        sha256: b"".join([piece async for piece in stored_content(session, sha256)])
        for sha256 in sorted({row.file_sha256 for row in rows})
    }
    told = {
        (sha256, answer.segment_index): answer
        for sha256, content in files.items()
        for transaction in read_file(content).transactions
        for answer in listed(transaction)
        if isinstance(answer, FunctionalAcknowledgement)
    }
    return [(row, told[row.file_sha256, row.segment_index]) for row in rows]


def plain(control_number: str | None) -> str:
    """A control number as both sides write it: without blanks and leading zeros."""
    return (control_number or "").strip().lstrip("0")


async def _reject(session: AsyncSession, answers: Sequence[Told]) -> Posted:
    refusing = [told for told in answers if told[0].status in REJECTING_BATCH_STATUSES]
    if not refusing:
        return Posted([], 0, [])
    sent = await _sent(session, {row.group_control_number for row, _ in refusing})
    opened: list[dict[str, Any]] = []
    findings: list[Finding] = []
    events: list[ClaimAcknowledged] = []
    labels = (await rejections.rules(session)).rejections
    for answer, told in refusing:
        batches = _batches(sent[answer.group_control_number], answer)
        if len(batches) != 1:
            findings.append(_which_batch(answer, batches))
        if batches:
            answer.batch_sha256 = batches[0][0].file_sha256
            refused = list(_rejections(answer, told, batches[0], labels))
            events += (_event(answer, row) for row in refused)
            opened += refused
    await rejections.open_rejections(session, opened)
    return Posted(events, 0, findings)


def _event(answer: BatchAcknowledgement, refused: dict[str, Any]) -> ClaimAcknowledged:
    return ClaimAcknowledged(
        event_id=identifiers.event_id(ClaimAcknowledged.topic, refused["id"]),
        claim_id=refused["claim_id"],
        acknowledgement_id=answer.id,
        accepted=False,
    )


async def _sent(session: AsyncSession, groups: set[str]) -> dict[str, list[Sent]]:
    """The claims we sent under these group control numbers, the newest batch first."""
    columns = (
        *(col(SubmittedClaim.id), col(SubmittedClaim.claim_id), col(SubmittedClaim.file_sha256)),
        *(col(SubmittedClaim.group_control_number), col(SubmittedClaim.transaction_control_number)),
        *(col(SubmittedClaim.submitted_on), col(ReceivedFile.file_name)),
        col(SubmittedClaim.content)["patient_control_number"].astext.label("number"),
    )
    found = await session.execute(
        select(*columns)
        .join(ReceivedFile, col(ReceivedFile.sha256) == col(SubmittedClaim.file_sha256))
        .where(among(col(SubmittedClaim.group_control_number), groups))
        .order_by(
            col(SubmittedClaim.submitted_on).desc().nulls_last(),
            col(ReceivedFile.received_at).desc(),
            col(SubmittedClaim.segment_index),
        )
    )
    sent: defaultdict[str, list[Sent]] = defaultdict(list)
    for row in found:
        claim = Sent(**row._asdict())
        sent[claim.group_control_number].append(claim)
    return sent


def _batches(sent: Iterable[Sent], answer: BatchAcknowledgement) -> list[list[Sent]]:
    """The claims that can be meant, by file: of the same number, and not sent after the answer."""
    by_file: dict[str, list[Sent]] = {}
    for claim in sent:
        meant = answer.transaction_control_number in (None, claim.transaction_control_number)
        later = answer.answered_on and claim.submitted_on and claim.submitted_on > answer.answered_on
        if meant and not later:
            by_file.setdefault(claim.file_sha256, []).append(claim)
    return list(by_file.values())


def _rejections(
    answer: BatchAcknowledgement,
    told: FunctionalAcknowledgement,
    batch: Sequence[Sent],
    labels: RejectionLabels,
) -> Iterator[dict[str, Any]]:
    """A rejection for each claim that the answer is about, with the errors that are its own."""
    numbers = {claim.number for claim in batch}
    for claim in batch:
        about = about_claim(told, claim.number, numbers)
        if about is not None:
            elsewhere = len(about.errors) < len(told.errors) and not about.errors
            reason = batch_reason(about, labels) + (f" {ELSEWHERE}" if elsewhere else "")
            yield {
                "id": identifiers.deterministic_id(
                    "rejection", claim.claim_id, "999", claim.id, answer.status
                ),
                "claim_id": claim.claim_id,
                "file_sha256": answer.file_sha256,
                "source": RejectionSource.BATCH,
                "codes": batch_codes(about),
                "reason": reason,
                "rejected_on": answer.answered_on,
            }


def _which_batch(answer: BatchAcknowledgement, batches: list[list[Sent]]) -> Finding:
    number = answer.group_control_number
    if batches:
        message = (
            f"Several batches of ours bear group control number {number}; the newest sent before this "
            f"answer, {batches[0][0].file_name}, was taken as the one that is refused. Look whether it is."
        )
    else:
        message = (
            f"The refused batch with group control number {number} did not come here yet; "
            "hand in its 837P, and its claims are listed as rejected."
        )
    return Finding("refused-batch", message, answer.segment_index, "AK2", None, Severity.VALUE)


def _row(
    answer: FunctionalAcknowledgement, answered_on: date | None, file_sha256: str, labels: RejectionLabels
) -> dict[str, Any]:
    return {
        "id": identifiers.deterministic_id("batch-acknowledgement", file_sha256, answer.segment_index),
        "file_sha256": file_sha256,
        "group_control_number": plain(answer.group_control_number),
        "transaction_control_number": plain(answer.control_number) or None,
        "status": answer.status,
        "codes": batch_codes(answer),
        "reason": batch_reason(answer, labels),
        "answered_on": answered_on,
        "segment_index": answer.segment_index,
    }
