"""Provider adjustments (PLB) and the claims their references name, in whatever order the two arrive."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Final
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.among import among
from overturn.db.settling import settle_anew
from overturn.db.tables import ProviderAdjustment, Remittance
from overturn.domain import identifiers
from overturn.domain.take_backs import TAKES_BACK, TakeBack

# Two remittances that name each other's claims must not pass each other unseen.
_ONE_AT_A_TIME: Final = text("SELECT pg_advisory_xact_lock(hashtext('overturn.take_backs'))")

# Those of this remittance, and those of others that name a number of its claims.
_CONCERNED: Final = text("""
    SELECT id FROM provider_adjustment WHERE remittance_id = :remittance_id AND numbers <> '{}'
    UNION
    SELECT id FROM provider_adjustment
     WHERE numbers && (SELECT array_agg(n::text) FROM (
             SELECT payer_claim_control_number AS n FROM claim_payment WHERE remittance_id = :remittance_id
             UNION SELECT patient_control_number FROM claim_payment WHERE remittance_id = :remittance_id) own
            WHERE n IS NOT NULL)
""")

# The same payer's claims that bear one of the numbers: its own number or ours, as its remittances have them.
_NAMED: Final = text("""
    SELECT a.id, a.claim_id, n.place, p.claim_id AS named
      FROM provider_adjustment a
      JOIN remittance r ON r.id = a.remittance_id
     CROSS JOIN LATERAL unnest(a.numbers) WITH ORDINALITY AS n (number, place)
      LEFT JOIN LATERAL (
            SELECT claim_id, remittance_id FROM claim_payment WHERE payer_claim_control_number = n.number
             UNION
            SELECT claim_id, remittance_id FROM claim_payment WHERE patient_control_number = n.number) p
        ON EXISTS (SELECT FROM remittance o WHERE o.id = p.remittance_id
                      AND coalesce(o.payer_identifier, o.payer_name)
                          IS NOT DISTINCT FROM coalesce(r.payer_identifier, r.payer_name))
     WHERE a.id = ANY(:adjustments)
""")


async def pair_provider_adjustments(session: AsyncSession, remittance_id: UUID) -> None:
    """Pair this remittance's adjustments with the claims on record, and its claims with adjustments that
    came before them; a claim whose dollars this changes is settled anew.

    A reference that several claims bear names none of them.
    """
    await session.flush()
    await session.execute(_ONE_AT_A_TIME)
    concerned = list(await session.scalars(_CONCERNED, {"remittance_id": remittance_id}))
    if not concerned:
        return
    paired, named = await _named_claims(session, concerned)
    changed = {adjustment: named.get(adjustment) for adjustment in concerned}
    changed = {adjustment: claim for adjustment, claim in changed.items() if claim != paired.get(adjustment)}
    because = {}
    for adjustment, claim in changed.items():
        await session.execute(
            update(ProviderAdjustment).where(col(ProviderAdjustment.id) == adjustment).values(claim_id=claim)
        )
        reason = identifiers.deterministic_id("paired", adjustment, paired.get(adjustment), claim)
        because.update(dict.fromkeys(filter(None, (claim, paired.get(adjustment))), reason))
    await settle_anew(session, because)


async def take_backs_of(session: AsyncSession, claim_ids: Collection[UUID]) -> dict[UUID, list[TakeBack]]:
    """What was taken back of each claim outside any claim."""
    adjustment = ProviderAdjustment
    found = await session.execute(
        select(adjustment, col(Remittance.payment_on))
        .join(Remittance, col(Remittance.id) == col(adjustment.remittance_id))
        .where(among(col(adjustment.claim_id), claim_ids), col(adjustment.reason).in_(TAKES_BACK))
        .order_by(col(adjustment.id))
    )
    by_claim: dict[UUID, list[TakeBack]] = defaultdict(list)
    for row, paid_on in found:
        taken = TakeBack(row.id, paid_on, row.reason, row.amount, row.segment_index)
        if row.claim_id:
            by_claim[row.claim_id].append(taken)
    return by_claim


async def _named_claims(
    session: AsyncSession, adjustments: Collection[UUID]
) -> tuple[dict[UUID, UUID], Mapping[UUID, UUID]]:
    """The claim each is paired with now, and the one claim that its likeliest number names."""
    paired, by_place = {}, defaultdict[UUID, dict[int, set[UUID]]](lambda: defaultdict(set))
    for row in await session.execute(_NAMED, {"adjustments": list(adjustments)}):
        if row.claim_id:
            paired[row.id] = row.claim_id
        if row.named:
            by_place[row.id][row.place].add(row.named)
    likeliest = {adjustment: places[min(places)] for adjustment, places in by_place.items()}
    return paired, {a: next(iter(claims)) for a, claims in likeliest.items() if len(claims) == 1}
