"""277CA that refuses a batch, or a provider's claims in it: what it says becomes the answer of each claim."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Text, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.among import among
from overturn.db.tables import ClaimAcknowledgement as AcknowledgementRow
from overturn.db.tables import ReceivedFile, SubmittedClaim
from overturn.domain import identifiers
from overturn.domain.submission import ClaimAcknowledgement
from overturn.x12 import Finding, Severity

_BATCH_REFERENCE = func.split_part(
    col(SubmittedClaim.content)["parent_segments"][0].astext, "*", 4, type_=Text()
)  # BHT03
_PROVIDER = col(SubmittedClaim.content)["billing_provider"]["identifier"].astext
_NUMBER = col(SubmittedClaim.content)["patient_control_number"].astext


@dataclass(frozen=True, slots=True)
class Sent:
    """A claim of ours with the batch it went in."""

    id: UUID
    claim_id: UUID
    file_sha256: str
    file_name: str
    submitted_on: date | None
    reference: str
    provider: str | None
    number: str


@dataclass(slots=True)
class Refused:
    """What became of refusals: an answer for each claim, and what a person should know."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def refusal(answer: ClaimAcknowledgement, row: Mapping[str, Any]) -> dict[str, Any]:
    """The row of a refusal itself: it names no claim, and its statuses name the batch and the provider."""
    about = {
        "batch": answer.batch_reference,
        "provider": answer.provider.identifier if answer.provider else None,
    }
    return {**row, "patient_control_number": None, "statuses": [{**s, **about} for s in row["statuses"]]}


async def refuse(session: AsyncSession, refusals: Sequence[Mapping[str, Any]]) -> Refused:
    """Store the refusals, and give each claim they mean the answer; claims answered by themselves in the
    same file keep that."""
    refused = Refused()
    if not refusals:
        return refused
    await session.execute(insert(AcknowledgementRow).on_conflict_do_nothing(), [dict(r) for r in refusals])
    sent = await _sent(session, {_batch(r) for r in refusals} - {""})
    answered = await _answered(session, refusals, (claim for claims in sent.values() for claim in claims))
    for row in refusals:
        batches = _meant(sent[_batch(row)], row)
        refused.findings.append(_finding(row, batches))
        for claim in batches[0] if batches else []:
            if (row["file_sha256"], claim.claim_id) not in answered:
                answered.add((row["file_sha256"], claim.claim_id))
                refused.rows.append(_answer(row, claim))
    if refused.rows:
        await session.execute(insert(AcknowledgementRow).on_conflict_do_nothing(), refused.rows)
    return refused


async def refuse_waiting(session: AsyncSession, references: Iterable[str]) -> Refused:
    """What refused a batch before it came here, applied to its claims; once, to the first such batch."""
    batch = col(AcknowledgementRow.statuses)[0]["batch"].astext
    found = await session.scalars(
        select(AcknowledgementRow)
        .where(
            col(AcknowledgementRow.claim_id).is_(None),
            col(AcknowledgementRow.patient_control_number).is_(None),
            among(batch, set(references) - {""}),
        )
        .order_by(col(AcknowledgementRow.segment_index))
    )
    waiting = [row.model_dump(exclude={"created_at"}) for row in found]
    met = await _met(session, {row["file_sha256"] for row in waiting})
    return await refuse(
        session, [row for row in waiting if (row["file_sha256"], row["segment_index"]) not in met]
    )


async def _met(session: AsyncSession, files: set[str]) -> set[tuple[str, int]]:
    """The refusals of these files that found their batch."""
    if not files:
        return set()
    found = await session.execute(
        select(col(AcknowledgementRow.file_sha256), col(AcknowledgementRow.segment_index)).where(
            among(col(AcknowledgementRow.file_sha256), files), col(AcknowledgementRow.claim_id).is_not(None)
        )
    )
    return {(file, index) for file, index in found}


async def _sent(session: AsyncSession, references: set[str]) -> defaultdict[str, list[Sent]]:
    """The claims we sent under these references, the newest batch first."""
    sent: defaultdict[str, list[Sent]] = defaultdict(list)
    if not references:
        return sent
    found = await session.execute(
        select(
            *(col(SubmittedClaim.id), col(SubmittedClaim.claim_id), col(SubmittedClaim.file_sha256)),
            *(col(ReceivedFile.file_name), col(SubmittedClaim.submitted_on)),
            *(_BATCH_REFERENCE.label("reference"), _PROVIDER.label("provider"), _NUMBER.label("number")),
        )
        .join(ReceivedFile, col(ReceivedFile.sha256) == col(SubmittedClaim.file_sha256))
        .where(among(_BATCH_REFERENCE, references))
        .order_by(
            col(SubmittedClaim.submitted_on).desc().nulls_last(),
            col(ReceivedFile.received_at).desc(),
            col(SubmittedClaim.segment_index),
        )
    )
    for row in found:
        claim = Sent(**row._asdict())
        sent[claim.reference].append(claim)
    return sent


async def _answered(
    session: AsyncSession, refusals: Iterable[Mapping[str, Any]], claims: Iterable[Sent]
) -> set[tuple[str, UUID]]:
    """File and claim of the answers that the files of the refusals have for single claims."""
    file, claim_id = col(AcknowledgementRow.file_sha256), col(AcknowledgementRow.claim_id)
    found = await session.execute(
        select(file, claim_id).where(
            among(claim_id, {claim.claim_id for claim in claims}),
            among(file, {row["file_sha256"] for row in refusals}),
        )
    )
    return {(sha256, claim) for sha256, claim in found if claim}


def _batch(row: Mapping[str, Any]) -> str:
    return row["statuses"][0]["batch"] or ""


def _meant(sent: Iterable[Sent], row: Mapping[str, Any]) -> list[list[Sent]]:
    """The claims that can be meant, by file: of the provider, and not sent after the answer."""
    provider, answered_on = row["statuses"][0]["provider"], row["acknowledged_on"]
    by_file: dict[str, list[Sent]] = {}
    for claim in sent:
        later = answered_on and claim.submitted_on and claim.submitted_on > answered_on
        if provider in (None, claim.provider) and not later:
            by_file.setdefault(claim.file_sha256, []).append(claim)
    return list(by_file.values())


def _answer(row: Mapping[str, Any], claim: Sent) -> dict[str, Any]:
    statuses = [{name: s[name] for name in ("category", "status", "entity")} for s in row["statuses"]]
    return {
        **row,
        "id": identifiers.deterministic_id(
            "acknowledgement", row["file_sha256"], row["segment_index"], claim.id
        ),
        "claim_id": claim.claim_id,
        "patient_control_number": claim.number,
        "statuses": statuses,
    }


def _finding(row: Mapping[str, Any], batches: Sequence[Sequence[Sent]]) -> Finding:
    reference = _batch(row)
    place = f"from segment {row['segment_index']}"
    message = f"The 277CA refuses a whole batch or provider ({place}), not single claims"
    if not reference:
        message += " and names no batch of ours: ask the sender which one, and send its claims again."
    elif not batches:
        message += (
            f". Its batch, reference {reference} (BHT03), did not come here yet; hand in its 837P, and its "
            "claims are listed as rejected."
        )
    else:
        message += f": those of {batches[0][0].file_name} with reference {reference} are listed as rejected."
    if len(batches) > 1:
        message += " Several batches of ours bear this reference; look whether the newest is meant."
    return Finding("refused-above-claims", message, row["segment_index"], None, None, Severity.VALUE)
