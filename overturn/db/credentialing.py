"""Claims lost because a payer does not know a provider yet, found in the record, and the practice's word."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession

from overturn.db.outbox import publish_after_commit
from overturn.db.tables import CredentialingGap, CredentialingGapEvent
from overturn.db.timeline import enter
from overturn.domain import identifiers
from overturn.domain.credentialing import ANSWERS, GapSigns, GapState, SignKind
from overturn.domain.payers import PayerContext, PayerDirectory
from overturn.events import CredentialChanged

CASE, REJECTION, HELD, DONE = "case", "rejection", "held", "done"
"""How a claim of an incident stands."""


@dataclass(frozen=True, slots=True)
class GapKey:
    """What an incident is about: one payer, by its key or else its name, and one rendering NPI."""

    payer: str
    npi: str

    @property
    def id(self) -> UUID:
        return identifiers.deterministic_id("credentialing-gap", self.payer, self.npi)


@dataclass(frozen=True, slots=True)
class GapClaim:
    """A claim that belongs to an incident. `amount` is US dollars: denied and not recovered, else charged."""

    key: GapKey
    claim_id: UUID
    standing: str
    payer_key: str | None
    line_of_business: str | None
    case_id: UUID | None
    case_status: str | None
    amount: Decimal
    service_on: date | None
    due_on: date | None


class GapRefusedError(ValueError):
    """What a person says does not fit the incident; the message says why."""


# The NPI is that of the case's own answer, else of its lines, else of our claim, else the practice's.
_NPI: Final = """coalesce({answered} s.content #>> '{{rendering_provider,identifier}}', c.billing_npi)"""

_SUBMISSION: Final = """
      LEFT JOIN LATERAL (SELECT content, frequency_code FROM submitted_claim WHERE claim_id = c.id
                          ORDER BY submitted_on DESC NULLS LAST, created_at DESC LIMIT 1) s ON true"""

_LINES_NPI: Final = "(SELECT max(l.rendering_npi) FROM service_line l WHERE l.claim_payment_id = p.id),"

_CASES: Final = text(f"""
    SELECT c.id AS claim_id, d.id AS case_id, d.status AS case_status,
           {_NPI.format(answered="p.rendering_npi, " + _LINES_NPI)} AS npi,
           d.payer_key, d.payer_name, d.line_of_business, c.service_from AS service_on,
           greatest(d.denied_amount - d.recovered_amount, 0) AS amount, d.due_on
      FROM denial_case d
      JOIN claim c ON c.id = d.claim_id
      JOIN claim_payment p ON p.id = d.claim_payment_id {_SUBMISSION}
     WHERE d.status <> 'resolved' AND d.category = 'credentialing_npi' AND d.cause = ANY(:causes)
""")  # noqa: S608 - built of the constants above alone

_UNANSWERED: Final = text(f"""
    SELECT c.id AS claim_id, {_NPI.format(answered="")} AS npi, c.payer_name, c.payer_identifier,
           s.content ->> 'filing_indicator' AS filing_indicator, c.service_from AS service_on,
           c.charge_amount AS amount, r.due_on, r.codes
      FROM claim c {_SUBMISSION}
      LEFT JOIN LATERAL (SELECT codes, due_on FROM rejection WHERE claim_id = c.id AND state = 'open'
                          ORDER BY created_at DESC LIMIT 1) r ON true
     WHERE c.submitted AND NOT c.adjudicated AND s.frequency_code IS DISTINCT FROM '8'
       AND (r.codes IS NOT NULL OR {_NPI.format(answered="")} = ANY(:npis))
""")  # noqa: S608 - the same


async def find_gap_claims(
    session: AsyncSession, *, signs: GapSigns, payers: PayerDirectory
) -> list[GapClaim]:
    """Every open claim of every incident there is by the record: denials and rejections that show a gap, and
    unanswered claims of the same payer and NPI, which meet the same answer."""
    causes = sorted(signs[SignKind.CAUSE])
    denied = [_of_case(row) for row in (await session.execute(_CASES, {"causes": causes})).mappings()]
    npis = {claim.key.npi for claim in denied if claim}
    npis |= {npi for (npi,) in await session.execute(text("SELECT npi FROM credentialing_gap"))}
    rows = (await session.execute(_UNANSWERED, {"npis": sorted(npis)})).mappings().all()
    waiting = [_of_unanswered(row, signs[SignKind.CLAIM_STATUS], payers) for row in rows]
    found = [claim for claim in (*denied, *waiting) if claim]
    known = {claim.key for claim in found if claim.standing != HELD}
    return [claim for claim in found if claim.key in known]


def _of_case(row: RowMapping) -> GapClaim | None:
    payer = PayerContext(row["payer_key"], row["payer_name"], row["line_of_business"])
    return _gap_claim(row, payer, CASE, case_id=row["case_id"], case_status=row["case_status"])


def _of_unanswered(row: RowMapping, statuses: frozenset[str], payers: PayerDirectory) -> GapClaim | None:
    """A rejection for another reason is no part of a gap, and comes back by itself."""
    payer = payers.resolve(
        name=row["payer_name"], identifier=row["payer_identifier"], filing_indicator=row["filing_indicator"]
    )
    if row["codes"] is None:
        return _gap_claim(row, payer, HELD)
    shown = any(code.partition(":")[2] in statuses for code in row["codes"])
    return _gap_claim(row, payer, REJECTION) if shown else None


def _gap_claim(row: RowMapping, payer: PayerContext, standing: str, **case: Any) -> GapClaim | None:
    name = payer.key or payer.name
    if name is None or row["npi"] is None:
        return None
    return GapClaim(
        key=GapKey(name, row["npi"]),
        claim_id=row["claim_id"],
        standing=standing,
        payer_key=payer.key,
        line_of_business=payer.line_of_business,
        case_id=case.get("case_id"),
        case_status=case.get("case_status"),
        amount=row["amount"],
        service_on=row["service_on"],
        due_on=row["due_on"],
    )


def by_key(claims: Iterable[GapClaim]) -> dict[GapKey, list[GapClaim]]:
    found: dict[GapKey, list[GapClaim]] = {}
    for claim in claims:
        found.setdefault(claim.key, []).append(claim)
    return found


async def answer_gap(
    session: AsyncSession,
    gap_id: UUID,
    *,
    step_id: UUID,
    version: int,
    state: GapState,
    effective_on: date | None,
    actor_id: UUID,
    at: datetime,
) -> None:
    """Record what the payer said of the provider; the incident's workflow hears of it by the outbox.

    Raises:
        GapRefusedError: it does not fit, was made from an older page, or the date is missing.
    """
    if await session.get(CredentialingGapEvent, step_id) is not None:
        return
    gap = await session.get(CredentialingGap, gap_id, with_for_update=True)
    if gap is None:
        raise GapRefusedError("There is no such incident.")
    if gap.version != version or gap.state == GapState.CLOSED:
        raise GapRefusedError("The incident has changed meanwhile. Look at it again, then answer.")
    _check(state, effective_on)
    await session.execute(_ANEW, {"gap_id": gap_id})
    gap.state, gap.effective_on, gap.version = state, effective_on, gap.version + 1
    enter(
        session, gap, step_id, kind=state, summary=_summary(state, effective_on), actor=str(actor_id), at=at
    )
    changed = CredentialChanged(
        event_id=identifiers.event_id(CredentialChanged.topic, step_id),
        gap_id=gap_id,
        payer=gap.payer,
        npi=gap.npi,
        state=state,
        effective_on=effective_on,
    )
    await publish_after_commit(session, [changed])


# Another answer releases anew what nobody has begun.
_ANEW: Final = text("UPDATE credentialing_gap_claim SET remedy = NULL, told = false WHERE gap_id = :gap_id")


def _check(state: GapState, effective_on: date | None) -> None:
    if state not in ANSWERS:
        raise GapRefusedError(f"An incident cannot be marked {state.value} by hand.")
    if state is GapState.DATED and effective_on is None:
        raise GapRefusedError("Give the effective date that the payer's notice names.")
    if state is not GapState.DATED and effective_on is not None:
        raise GapRefusedError("A date goes with 'Effective date given' alone: leave it empty.")


def _summary(state: GapState, effective_on: date | None) -> str:
    return {
        GapState.DATED: f"The payer's effective date is {effective_on}.",
        GapState.ASKED: "The payer was asked for a retroactive effective date.",
        GapState.REFUSED: "The payer refused to enrol the provider.",
    }[state]
