"""What became known after a case was opened: the open cases it bears on are decided anew, by the same rules.

The order of arrival does not matter: a case is decided over the whole record each time. One that comes out as
it was hears nothing; one that a person has approved or sent gets a line in its timeline and no more.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.among import among
from overturn.db.tables import Claim, PayerAuthorization
from overturn.db.touched_cases import TouchedCase, touched_by_authorizations, touched_by_claims
from overturn.domain.practice_day import practice_date
from overturn.events import EvidenceAdded
from overturn.rule_sets import RulesInForce
from services.classifier.case_record import write_changes
from services.classifier.claim_classifier import ClaimClassifier
from services.classifier.prepared_records import prepared_records, told_already
from services.classifier.reclassification import Occasion, reclassify

OWN_CLAIM: Final = "What we sent, or what was answered, of this very claim came in"
REMOVED: Final = "An authorization of the patient's was removed"


class Reconsiderer:
    """Handles `evidence.added.v1`. Each case of a batch is decided once, whatever bears on it."""

    def __init__(self, rules: RulesInForce) -> None:
        self._rules = rules
        self._classifier = ClaimClassifier(rules)

    async def __call__(self, session: AsyncSession, events: Sequence[EvidenceAdded]) -> None:
        touched = await _touched(session, events)
        if not touched:
            return
        answers = await self._classifier.follow(session, {one.claim_id for one in touched})
        rules = await self._rules.current(session)
        words = await _words(session, events, touched)
        told_by = min(event.event_id for event in events)
        changes = [
            reclassify(
                record,
                answers[record.claim.id],
                rules=rules,
                occasion=Occasion(words[record.case.id], ("evidence", told_by)),
            )
            for record in await prepared_records(session, words)
        ]
        told = await told_already(session, {line["id"] for change in changes for line in change.timeline})
        for change in changes:
            change.timeline = [line for line in change.timeline if line["id"] not in told]
        await write_changes(session, changes)


async def _touched(session: AsyncSession, events: Sequence[EvidenceAdded]) -> list[TouchedCase]:
    claims = {event.claim_id for event in events if event.claim_id}
    held = {event.authorization_id for event in events if event.authorization_id and not event.claim_id}
    return [*await touched_by_authorizations(session, held), *await touched_by_claims(session, claims)]


async def _words(
    session: AsyncSession, events: Sequence[EvidenceAdded], touched: Sequence[TouchedCase]
) -> dict[UUID, str]:
    """Of each case what became known, in a biller's words: what says most, where several things did."""
    facts: dict[UUID, set[UUID]] = defaultdict(set)
    for one in touched:
        facts[one.case_id].add(one.fact)
    known = set[UUID]().union(*facts.values())
    entered, numbers = await _entered(session, known), await _numbers(session, known)
    removed = {event.claim_id for event in events if event.authorization_id}
    words = {}
    for one in touched:
        of_case = facts[one.case_id]
        others = sorted(numbers[fact] for fact in (of_case & numbers.keys()) - {one.claim_id})
        if held := sorted(entered[fact] for fact in of_case & entered.keys()):
            words[one.case_id] = held[0]
        elif one.claim_id in removed:
            words[one.case_id] = REMOVED
        else:
            words[one.case_id] = _of_claims(others) if others else OWN_CLAIM
    return words


def _of_claims(numbers: Sequence[str]) -> str:
    more = f" (and {len(numbers) - 1} more of the patient's)" if len(numbers) > 1 else ""
    return f"Claim {numbers[0]} of the same patient was sent, acknowledged or answered{more}"


async def _entered(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, str]:
    """What was entered, of those that are authorizations."""
    rows = await session.scalars(select(PayerAuthorization).where(among(col(PayerAuthorization.id), ids)))
    return {row.id: _entry(row) for row in rows}


def _entry(row: PayerAuthorization) -> str:
    named = f"Authorization {row.number}" if row.number else "That no authorization is required"
    return f"{named} was entered on {practice_date(row.updated_at)}"


async def _numbers(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, str]:
    """Our numbers, of those that are claims."""
    found = await session.execute(
        select(col(Claim.id), col(Claim.patient_control_number)).where(among(col(Claim.id), ids))
    )
    return {claim_id: number for claim_id, number in found}  # noqa: C416 - dict(rows) is not typed
